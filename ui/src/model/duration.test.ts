import { expect, test } from "vitest";

import { readDurationInput } from "./duration";

test.each([
  ["250ms", "250ms"],
  ["1.5s", "1.5s"],
  ["250", "250ms"],
  [" 10 µs ", "10µs"],
  ["1h 30m", "1h30m"],
  ["2h", "2h"],
])("'%s' is sent as %s", (input, sent) => {
  expect(readDurationInput(input)).toBe(sent);
});

test.each(["", "fast", "-5ms", "1.5.2s", "5 days", "1h30"])("'%s' is no duration", (input) => {
  expect(readDurationInput(input)).toBeUndefined();
});
