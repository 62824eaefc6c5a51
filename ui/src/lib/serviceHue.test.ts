import { expect, test } from "vitest";

import { SERVICE_HUES, serviceHue } from "./serviceHue";

// A change here repaints every page that people know by heart.
test("a service has the same colour every day", () => {
  expect(["checkout", "payment", "web", "결제"].map(serviceHue)).toEqual([1, 5, 4, 3]);
});

test("the whole palette is used, and nothing beyond it", () => {
  const hues = new Set(Array.from({ length: 500 }, (_, n) => serviceHue(`service-${n}`)));
  expect([...hues].sort((a, b) => a - b)).toEqual(Array.from({ length: SERVICE_HUES }, (_, hue) => hue));
});
