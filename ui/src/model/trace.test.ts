import { expect, test } from "vitest";

import type { LogRecord, Span, TraceAnswer } from "../api/types";
import {
  type TraceLayout,
  barExtent,
  collapsibleKeys,
  layOutTrace,
  logMarkers,
  pathExtents,
  percentAt,
  revealed,
  visibleRows,
} from "./trace";

const START = "2026-11-23T10:00:00Z";

/** A drawing of the tree: two spaces a level, `id start+duration`, and `!` for an error. */
function spansOf(drawing: string): Span[] {
  return drawing
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, indent = "", id = "", start = "0", duration = "1", error = ""] = /^( *)(\w+) (-?\d+)\+(-?\d+)(!?)$/.exec(line) ?? [];
      return span({ span_id: id, depth: indent.length / 2, start_offset_ns: Number(start), duration_ns: Number(duration), status: { code: error === "!" ? "error" : "unset" } });
    });
}

function span(part: Partial<Span>): Span {
  return {
    span_id: "",
    depth: 0,
    name: "",
    kind: "internal",
    service: "",
    start_time: START,
    start_offset_ns: 0,
    duration_ns: 1,
    status: { code: "unset" },
    flags: 0,
    attributes: {},
    resource: {},
    scope: { name: "", version: "", attributes: {} },
    dropped_attributes_count: 0,
    dropped_events_count: 0,
    dropped_links_count: 0,
    ...part,
  };
}

function log(offset: number, spanId: string | undefined, severity = 9): LogRecord {
  return {
    time: `2026-11-23T10:00:00.${String(offset).padStart(9, "0")}Z`,
    severity: "INFO",
    severity_number: severity,
    body: "",
    ...(spanId !== undefined && { span_id: spanId }),
    flags: 0,
    service: "",
    attributes: {},
    resource: {},
    scope: { name: "", version: "", attributes: {} },
    dropped_attributes_count: 0,
  };
}

function layOut(drawing: string, logs: LogRecord[] = []): TraceLayout {
  return layOutTrace({ ...emptyAnswer(), duration_ns: 100, spans: spansOf(drawing), logs });
}

/** The visible rows as text: span ids, and `·offset` for log records. */
function check(layout: TraceLayout, collapsed: string[], logs: "shown" | "hidden", expected: string): void {
  const rows = visibleRows(layout, { collapsed: new Set(collapsed), logs });
  expect(rows.map((row) => (row.kind === "span" ? row.key : `·${row.offset}`)).join(" ")).toBe(expected);
}

const TREE = `
a 0+100
  b 10+30
    c 15+5!
  d 50+40
e 60+10!
`;
const LOGS = [log(5, "a"), log(20, "b"), log(45, "a"), log(99, "a"), log(61, "e"), log(70, undefined), log(71, "zz")];

test("log records stand among the children of their span in time order", () => {
  check(layOut(TREE, LOGS), [], "shown", "a ·5 b c ·20 ·45 d ·99 e ·61");
});

test("hidden log records leave the spans", () => {
  check(layOut(TREE, LOGS), [], "hidden", "a b c d e");
});

test("a collapsed span hides its descendants and its log records", () => {
  check(layOut(TREE, LOGS), ["b"], "shown", "a ·5 b ·45 d ·99 e ·61");
  check(layOut(TREE, LOGS), ["a"], "shown", "a e ·61");
});

test("records without a span that is here are kept apart", () => {
  const layout = layOut(TREE, LOGS);
  expect(layout.looseLogs.map((node) => node.offset)).toEqual([70, 71]);
  expect(layout.placedLogs).toBe(5);
});

test("a span knows the errors below it", () => {
  const below = layOut(TREE).spans.map((node) => [node.key, node.errorsBelow]);
  expect(below).toEqual([["a", 1], ["b", 1], ["c", 0], ["d", 0], ["e", 0]]);
});

test("only spans with something below them collapse", () => {
  expect([...collapsibleKeys(layOut(TREE))]).toEqual(["a", "b"]);
});

test("revealing a span opens what hides it and nothing else", () => {
  const layout = layOut(`${TREE}f 90+1\n  g 91+1`);
  expect([...revealed(layout, new Set(["a", "b", "f"]), "c")]).toEqual(["f"]);
});

test("later spans of the same id have keys of their own, and log records stay with the first", () => {
  const layout = layOut("a 0+10\n  a 1+2\n  a 3+2", [log(4, "a")]);
  check(layout, [], "shown", "a a.2 a.3 ·4");
});

test("records of the same nanosecond have keys of their own", () => {
  const [node] = layOut("a 0+10", [log(4, "a"), log(4, "a")]).spans;
  expect(node?.logs.map((record) => record.key)).toEqual(["log.1795428000000000004", "log.1795428000000000004.2"]);
});

test("a depth that jumps is still a tree", () => {
  check(layOut("a 0+1\n      b 0+1\n    c 0+1\nd 0+1"), ["a"], "hidden", "a d");
});

test("no spans are no rows", () => {
  check(layOut("", [log(1, "a")]), [], "shown", "");
});

test("a chain of 100 000 spans is laid out without recursion", () => {
  const chain = Array.from({ length: 100_000 }, (_, depth) => span({ span_id: depth.toString(16), depth }));
  const layout = layOutTrace({ ...emptyAnswer(), spans: chain });
  expect(visibleRows(layout, { collapsed: new Set(), logs: "shown" })).toHaveLength(100_000);
  expect(layout.spans[0]?.subtreeEnd).toBe(100_000);
});

test("bars stand where their span ran, a negative duration backwards", () => {
  const window = layOut("a 0+100\n  b 50+25\n  c 50+-10").window;
  const [a, b, c] = spansOf("a 0+100\nb 50+25\nc 50+-10").map((one) => barExtent(one, window));
  expect([a, b, c]).toEqual([{ left: 0, width: 100 }, { left: 50, width: 25 }, { left: 40, width: 10 }]);
});

test("the window holds every span, and is never empty", () => {
  expect(layOut("a 0+100\n  b -20+300").window).toEqual({ start: -20, end: 280 });
  expect(layOutTrace({ ...emptyAnswer(), duration_ns: 0 }).window).toEqual({ start: 0, end: 1 });
});

test("log records outside the window are drawn at its edge", () => {
  const { window } = layOut(TREE);
  expect([percentAt(-5, window), percentAt(1_000, window)]).toEqual([0, 100]);
});

test("markers that would touch are one, with the gravest severity", () => {
  const layout = layOut("a 0+100", [log(10, "a"), log(10, "a", 17), log(90, "a")]);
  expect(logMarkers(layout.spans[0]?.logs ?? [], layout.window)).toEqual([
    { left: 10, count: 2, severityNumber: 17 },
    { left: 90, count: 1, severityNumber: 9 },
  ]);
});

test("a record of a host whose clock is off stands where it is shown, and keeps its own time", () => {
  const [node] = layOut("a 0+10", [{ ...log(4, "a"), shown_time: "2026-11-23T10:00:00.000000009Z" }]).spans;
  expect(node?.logs.map(({ offset, record }) => [offset, record.time])).toEqual([[9, "2026-11-23T10:00:00.000000004Z"]]);
});

test("a span knows what it has of the critical path, and spans off the path have nothing", () => {
  const section = (row: number, start: number, duration: number) => ({ span_id: "", row, start_offset_ns: start, duration_ns: duration });
  const answer = { ...emptyAnswer(), duration_ns: 100, spans: spansOf("a 0+100\n  b 10+30\n  c 50+40") };
  const sections = [section(0, 0, 50), section(2, 50, 40), section(0, 90, 10), section(7, 0, 1)];
  const spans = [
    { span_id: "a", row: 0, self_ns: 60, share: 0.6 },
    { span_id: "c", row: 2, self_ns: 40, share: 0.4 },
    { span_id: "z", row: 7, self_ns: 1, share: 0 },
  ];
  const layout = layOutTrace({ ...answer, critical_path: { duration_ns: 100, sections, spans } });
  expect(layout.spans.map(({ path }) => path?.selfNanos)).toEqual([60, undefined, 40]);
  expect(pathExtents(layout.spans[0]?.path?.sections ?? [], layout.window)).toEqual([{ left: 0, width: 50 }, { left: 90, width: 10 }]);
});

test("sections of a path that would touch are drawn as one", () => {
  const sections = Array.from({ length: 100_000 }, (_, index) => ({ span_id: "a", row: 0, start_offset_ns: index * 10, duration_ns: 5 }));
  const extents = pathExtents(sections, layOutTrace({ ...emptyAnswer(), duration_ns: 1_000_000 }).window);
  expect(extents).toHaveLength(1);
  expect(extents[0]?.width).toBeCloseTo(99.9995);
});

function emptyAnswer(): TraceAnswer {
  return {
    trace_id: "",
    view: "raw",
    start_time: START,
    duration_ns: 1,
    spans: [],
    repairs: [],
    remarks: [],
    shifts: [],
    logs: [],
    services: [],
    coverage: { complete: true, truncated: false, rows_returned: 0, rows_live: 0, blocks_total: 0, blocks_read: 0, blocks_pruned: 0, blocks_failed: 0, records_received: 0, records_rejected: 0 },
  };
}
