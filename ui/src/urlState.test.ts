import { expect, test } from "vitest";

import {
  LOGS_DEFAULT,
  SERVICES_DEFAULT,
  TRACES_DEFAULT,
  TRACE_DEFAULT,
  parseSearch,
  printSearch,
  readLogs,
  readServices,
  readTrace,
  readTraces,
} from "./urlState";

test.each([
  ["services", readServices, { ...SERVICES_DEFAULT, selector: "app in (a,b)", sort: "errors", order: "desc", from: "now-7d" }],
  ["logs", readLogs, { ...LOGS_DEFAULT, selector: "app=web || !canary", q: 'path:"/a?b=c&d" 100% +1 #2', from: "2026-11-23T01:00:00Z", to: "2026-11-23T02:00:00Z" }],
  ["traces", readTraces, { ...TRACES_DEFAULT, service: "007", operation: "GET /x", min_duration: "250ms", status: "error", limit: "1000" }],
  ["trace", readTrace, { ...TRACE_DEFAULT, view: "raw", logs: "hidden", path: "hidden", open: "00f067aa0ba902b7.2" }],
])("a state of the %s page survives its address", (_, read, state) => {
  expect(read(parseSearch(printSearch({ ...state })))).toEqual(state);
});

test.each([
  [readServices, SERVICES_DEFAULT],
  [readLogs, LOGS_DEFAULT],
  [readTraces, TRACES_DEFAULT],
  [readTrace, TRACE_DEFAULT],
])("a default state has a bare address", (read, state) => {
  expect(printSearch({ ...state })).toBe("");
  expect(read({})).toEqual(state);
});

test("what an address gets wrong is default", () => {
  expect(readServices({ sort: "nonsense", order: "up", selector: 5 })).toEqual(SERVICES_DEFAULT);
  expect(readTraces({ status: "maybe", limit: "9999999" })).toEqual(TRACES_DEFAULT);
  expect(readTrace({ view: "cooked", from: "" })).toEqual(TRACE_DEFAULT);
});

test("parameters that no page knows are not printed", () => {
  expect(printSearch({ selector: "app=web", utm_source: "mail" })).toBe("?selector=app%3Dweb");
});

test("values are text, never numbers or JSON", () => {
  expect(readTraces(parseSearch("?service=1e3&operation=%7B%22a%22%3A1%7D"))).toMatchObject({ service: "1e3", operation: '{"a":1}' });
});
