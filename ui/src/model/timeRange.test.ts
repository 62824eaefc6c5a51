import { expect, test } from "vitest";

import { describeRange, readTimeInput } from "./timeRange";

// The tests run in Asia/Seoul, nine hours ahead of UTC.
test.each([
  ["now", "now"],
  [" now-30m ", "now-30m"],
  ["now-7d", "now-7d"],
  ["now-1h30m", "now-1h30m"],
  ["1795428000", "1795428000"],
  ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"],
  ["2026-11-23 10:00:00Z", "2026-11-23T10:00:00Z"],
  ["2026-11-23 10:00", "2026-11-23T01:00:00Z"],
  ["2026-11-23T10:00:05.25", "2026-11-23T01:00:05.250Z"],
  ["2026-11-23", "2026-11-22T15:00:00Z"],
])("'%s' is understood as %s", (input, time) => {
  expect(readTimeInput(input)).toBe(time);
});

test.each(["", "yesterday", "now-", "now-5x", "now-5", "10:00", "2026-13-01 10:00"])("'%s' is no time", (input) => {
  expect(readTimeInput(input)).toBeUndefined();
});

test.each([
  [{ from: "now-1h", to: "" }, "Last hour"],
  [{ from: "now-90m", to: "" }, "Last 90m"],
  [{ from: "now-1h", to: "now-30m" }, "now-1h to now-30m"],
  [{ from: "2026-11-23T01:00:00Z", to: "2026-11-23T02:00:00Z" }, "2026-11-23 10:00:00 to 2026-11-23 11:00:00"],
  [{ from: "2026-11-23T01:00:00Z", to: "" }, "2026-11-23 10:00:00 to now"],
])("%j reads '%s'", (range, words) => {
  expect(describeRange(range)).toBe(words);
});
