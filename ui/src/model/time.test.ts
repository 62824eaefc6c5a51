import { expect, test } from "vitest";

import { parseInstant, printInstant, splitInstant } from "./time";
import { instant } from "./units";

test.each([
  ["1970-01-01T00:00:00Z", 0n],
  ["2026-11-23T10:00:00.123456789Z", 1_795_428_000_123_456_789n],
  ["2026-11-23T19:00:00.123456789+09:00", 1_795_428_000_123_456_789n],
  ["2026-11-23t10:00:00.5z", 1_795_428_000_500_000_000n],
  ["2026-11-23 10:00:00Z", 1_795_428_000_000_000_000n],
  ["1969-12-31T23:59:59.999999999Z", -1n],
  ["2026-11-23T10:00:00.1234567891234Z", 1_795_428_000_123_456_789n],
])("%s is read to the nanosecond", (text, nanos) => {
  expect(parseInstant(text)).toBe(nanos);
});

test.each(["", "now", "2026-11-23", "2026-11-23T10:00:00", "2026-13-45T10:00:00Z", "2026-11-23T10:00:00.Z", "1795428000"])("'%s' is no RFC 3339 time", (text) => {
  expect(parseInstant(text)).toBeUndefined();
});

test.each(["1970-01-01T00:00:00Z", "2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00.123456Z", "2026-11-23T10:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z"])(
  "%s is printed as it was read",
  (text) => {
    const at = parseInstant(text);
    expect(at !== undefined && printInstant(at)).toBe(text);
  },
);

test("an instant before 1970 splits downwards", () => {
  expect(splitInstant(instant(-1n))).toEqual({ millis: -1, subsecondNanos: 999_999_999 });
});
