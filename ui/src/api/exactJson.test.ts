import { expect, test } from "vitest";

import { parseExactJson } from "./exactJson";

test("an integer beyond 2^53 keeps its digits where the engine says its source", () => {
  const supported = typeof (JSON as { rawJSON?: unknown }).rawJSON === "function";
  const parsed = parseExactJson('{"attributes":{"order.id":9007199254740993,"n":12},"list":[-9223372036854775808]}');
  const exact = { attributes: { "order.id": "9007199254740993", n: 12 }, list: ["-9223372036854775808"] };
  const rounded = { attributes: { "order.id": 9007199254740992, n: 12 }, list: [-9223372036854775808] };
  expect(parsed).toEqual(supported ? exact : rounded);
});

test("durations stay numbers whatever their size", () => {
  expect(parseExactJson('{"duration_ns":9223372036854775807}')).toEqual({ duration_ns: 2 ** 63 });
});

test("digits within a string are left alone", () => {
  expect(parseExactJson('{"body":"id: 9007199254740993, end"}')).toEqual({ body: "id: 9007199254740993, end" });
});
