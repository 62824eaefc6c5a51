import { expect, test } from "vitest";

import { ticks } from "./ticks";
import { nanoseconds } from "./units";

test.each([
  ["a second", 0, 1e9, [0, 2e8, 4e8, 6e8, 8e8]],
  ["1.9 seconds", 0, 1.9e9, [0, 5e8, 1e9, 1.5e9]],
  ["one nanosecond", 0, 1, [0]],
  ["a window that begins early", -3, 3, [-3, -2, -1, 0, 1, 2]],
])("%s has round ticks", (_, start, end, expected) => {
  expect(ticks({ start: nanoseconds(start), end: nanoseconds(end) })).toEqual(expected);
});
