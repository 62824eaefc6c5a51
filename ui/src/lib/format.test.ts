import { expect, test } from "vitest";

import { attributeBlock, attributeText } from "./formatAttribute";
import { formatBytes } from "./formatBytes";
import { formatCompact, formatCounted, formatShare } from "./formatCount";
import { formatDuration } from "./formatDuration";
import { formatAge, formatTime, formatUtc } from "./formatTime";

test.each([
  [0, "0 ns"],
  [999, "999 ns"],
  [1_234, "1.23 µs"],
  [999_499, "999 µs"],
  [999_600, "1 ms"],
  [41_500_000, "41.5 ms"],
  [999_600_000, "1 s"],
  [59_940_000_000, "59.9 s"],
  [59_960_000_000, "1 min"],
  [125_000_000_000, "2 min 5 s"],
  [3_599_900_000_000, "60 min"],
  [5_400_000_000_000, "1 h 30 min"],
  [180_000_000_000_000, "2 d 2 h"],
  [-1_500_000, "−1.5 ms"],
])("%d nanoseconds read %s", (nanos, text) => {
  expect(formatDuration(nanos)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [327_155_712, "312 MiB"],
  [5 * 1024 ** 5, "5 PiB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("counts have their noun", () => {
  expect([formatCounted(1, "span"), formatCounted(1024, "span"), formatCounted(0, "query", "queries")]).toEqual(["1 span", "1,024 spans", "0 queries"]);
  expect([formatCompact(9_999), formatCompact(12_345), formatCompact(4_500_000)]).toEqual(["9,999", "12.3K", "4.5M"]);
});

test.each([
  [0, 10, "0 %"],
  [0, 0, "0 %"],
  [1, 100_000, "<0.1 %"],
  [1, 200, "0.5 %"],
  [1, 3, "33 %"],
  [99_999, 100_000, ">99.9 %"],
  [5, 5, "100 %"],
])("%d of %d is %s", (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text);
});

// The tests run in Asia/Seoul, nine hours ahead of UTC.
test("a time is told in the reader's zone with the digits asked for", () => {
  const at = "2026-11-23T20:30:05.007008009Z";
  expect(formatTime(at, "second")).toBe("2026-11-24 05:30:05");
  expect(formatTime(at, "millisecond")).toBe("2026-11-24 05:30:05.007");
  expect(formatTime(at, "nanosecond")).toBe("2026-11-24 05:30:05.007008009");
  expect(formatTime("soon", "second")).toBe("soon");
  expect(formatUtc("2026-11-24T05:30:05.5+09:00")).toBe("2026-11-23T20:30:05.500Z");
});

test.each([
  ["2026-11-23T09:59:59.800Z", "just now"],
  ["2026-11-23T09:59:30Z", "30 s ago"],
  ["2026-11-23T09:45:00Z", "15 min ago"],
  ["2026-11-23T07:00:00Z", "3 h ago"],
  ["2026-11-20T10:00:00Z", "3 d ago"],
  ["2026-11-23T10:01:00Z", "in 60 s"],
])("%s is %s", (at, age) => {
  expect(formatAge(at, Date.parse("2026-11-23T10:00:00Z"))).toBe(age);
});

test("attributes are told by their type", () => {
  expect(attributeText("a")).toBe("a");
  expect(attributeText(1.5)).toBe("1.5");
  expect(attributeText(null)).toBe("null");
  expect(attributeText({ base64: "AAEC" })).toBe("base64 AAEC");
  expect(attributeText({ base64: "AAEC", more: 1 })).toBe('{"base64":"AAEC","more":1}');
  expect(attributeBlock([1, "x"])).toBe('[1,"x"]');
  expect(attributeBlock({ key: "v".repeat(60) })).toContain("\n");
});
