import { expect, test } from "vitest";

import { severityLevel } from "./severity";

test("severity numbers have their level", () => {
  expect([0, 1, 5, 9, 12, 13, 17, 20, 21, 24].map(severityLevel)).toEqual(["unset", "trace", "debug", "info", "info", "warn", "error", "error", "fatal", "fatal"]);
});
