// One trace as rows of a waterfall: which rows are visible, where bars and log lines stand.
//
// The server sends spans depth-first with their depth, so the tree is never rebuilt and nothing here recurses:
// a span's subtree is the run of rows after it that are deeper. Everything is linear in spans and logs.

import type { CriticalPath, LogRecord, PathSection, Span, TraceAnswer } from "../api/types";
import { parseInstant } from "./time";
import { type Instant, type Nanoseconds, elapsed, instant, nanoseconds } from "./units";

/** A span of the layout. */
export interface SpanNode {
  kind: "span";
  /** Position in the server's depth-first order. */
  index: number;
  /** Unique in the trace and stable between reloads: the span id, with `.2`, `.3` … on later ones of the same id. */
  key: string;
  span: Span;
  /** Index just after the last descendant. `subtreeEnd - index - 1` spans lie below. */
  subtreeEnd: number;
  /** Log records of this span, by time. */
  logs: LogNode[];
  /** Spans with status `error` below this one. */
  errorsBelow: number;
  /** What it has of the critical path; absent off the path. */
  path?: PathShare;
}

/** What one span has of the critical path: the time in which everything waited for it, and it for none of its children. */
export interface PathShare {
  selfNanos: number;
  /** Of the whole path, 0 to 1. */
  share: number;
  /** By time. */
  sections: PathSection[];
}

/** A log record of the layout. */
export interface LogNode {
  kind: "log";
  /** Unique in the trace and stable between reloads: `log.` and its unix nanoseconds, with `.2` … on later ones. */
  key: string;
  record: LogRecord;
  /** When it was written, by the clock of the story, relative to the trace's start; before it when negative. */
  offset: Nanoseconds;
  /** One more than its span's depth. */
  depth: number;
}

export type WaterfallRow = SpanNode | LogNode;

/** The part of time that the waterfall draws, relative to the trace's start. */
export interface TimeWindow {
  start: Nanoseconds;
  /** Always after `start`. */
  end: Nanoseconds;
}

export interface TraceLayout {
  spans: SpanNode[];
  /** Records that name this trace but no span that is here. */
  looseLogs: LogNode[];
  window: TimeWindow;
  /** Log records that stand under a span. */
  placedLogs: number;
}

/** Lays a trace out. Call once per answer; `visibleRows` then follows what the reader opens and closes. */
export function layOutTrace(answer: TraceAnswer): TraceLayout {
  const traceStart = parseInstant(answer.start_time) ?? instant(0n);
  const spans = nodesOf(answer.spans);
  placePath(spans, answer.critical_path);
  const looseLogs = placeLogs(spans, answer.logs, traceStart);
  return { spans, looseLogs, window: windowOf(answer, spans), placedLogs: answer.logs.length - looseLogs.length };
}

/** What the reader has chosen to see. */
export interface RowChoice {
  /** Keys of the spans whose subtree is hidden. */
  collapsed: ReadonlySet<string>;
  logs: "shown" | "hidden";
}

/**
 * The rows from top to bottom. Logs stand among their span's children in time order: a line written before a child
 * began stands above that child.
 */
export function visibleRows(layout: TraceLayout, choice: RowChoice): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  const open: { node: SpanNode; nextLog: number }[] = [];
  const flushLogs = (frame: { node: SpanNode; nextLog: number }, before: number) => {
    for (; frame.nextLog < frame.node.logs.length; frame.nextLog += 1) {
      const log = frame.node.logs[frame.nextLog];
      if (log === undefined || log.offset >= before) return;
      rows.push(log);
    }
  };
  let index = 0;
  for (let node = layout.spans[0]; node !== undefined; node = layout.spans[index]) {
    for (let top = open.at(-1); top !== undefined && top.node.subtreeEnd <= index; top = open.at(-1)) {
      flushLogs(top, Infinity);
      open.pop();
    }
    const parent = open.at(-1);
    if (parent !== undefined && choice.logs === "shown") flushLogs(parent, node.span.start_offset_ns);
    rows.push(node);
    if (choice.collapsed.has(node.key)) {
      index = node.subtreeEnd;
    } else {
      if (choice.logs === "shown") open.push({ node, nextLog: 0 });
      index += 1;
    }
  }
  for (let top = open.pop(); top !== undefined; top = open.pop()) flushLogs(top, Infinity);
  return rows;
}

/** Every span that has something below it: what "collapse all" collapses. */
export function collapsibleKeys(layout: TraceLayout): Set<string> {
  return new Set(layout.spans.filter(hasChildren).map((node) => node.key));
}

/** The collapsed set without the ancestors of `key`, so that the span can be seen. */
export function revealed(layout: TraceLayout, collapsed: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const target = layout.spans.find((node) => node.key === key);
  if (target === undefined || collapsed.size === 0) return collapsed;
  const hiding = layout.spans.filter((node) => node.index < target.index && target.index < node.subtreeEnd && collapsed.has(node.key));
  if (hiding.length === 0) return collapsed;
  const remaining = new Set(collapsed);
  for (const node of hiding) remaining.delete(node.key);
  return remaining;
}

export function hasChildren(node: SpanNode): boolean {
  return node.subtreeEnd > node.index + 1;
}

/** Where something stands in a window, in percent of its width; both within 0 to 100. */
export interface Extent {
  left: number;
  width: number;
}

/** Where a span's bar stands. A negative duration is drawn backwards from the start. */
export function barExtent(span: Span, window: TimeWindow): Extent {
  const one = percentAt(span.start_offset_ns, window);
  const other = percentAt(span.start_offset_ns + span.duration_ns, window);
  return { left: Math.min(one, other), width: Math.abs(other - one) };
}

/** Where an offset stands in the window, in percent, clamped to 0 to 100. */
export function percentAt(offsetNanos: number, window: TimeWindow): number {
  const share = (offsetNanos - window.start) / (window.end - window.start);
  return Math.min(Math.max(share * 100, 0), 100);
}

/** How many places along a bar can tell path from no path: about one for each pixel of a wide window. */
const PATH_PLACES = 1000;

/**
 * Where the critical path goes through a span, by time. A parent of 100 000 children has as many sections: those that
 * would touch are one.
 */
export function pathExtents(sections: readonly PathSection[], window: TimeWindow): Extent[] {
  const extents: Extent[] = [];
  for (const { start_offset_ns: start, duration_ns: duration } of sections) {
    const left = percentAt(start, window);
    const end = percentAt(start + duration, window);
    const last = extents.at(-1);
    if (last !== undefined && left - (last.left + last.width) < 100 / PATH_PLACES) {
      last.width = Math.max(last.width, end - last.left);
    } else {
      extents.push({ left, width: end - left });
    }
  }
  return extents;
}

/** How many places along a bar can carry a log marker: a span with a million lines still draws this many. */
const MARKER_PLACES_MAX = 120;

/** A mark for one or more log records that stand at about the same place. */
export interface LogMarker {
  left: number;
  count: number;
  /** The gravest OpenTelemetry severity number among them. */
  severityNumber: number;
}

/** Markers for a span's log records; neighbours closer than one place share one. */
export function logMarkers(logs: readonly LogNode[], window: TimeWindow): LogMarker[] {
  const places = new Map<number, LogMarker>();
  for (const { offset, record } of logs) {
    const left = percentAt(offset, window);
    const place = Math.round((left * MARKER_PLACES_MAX) / 100);
    const marker = places.get(place);
    if (marker === undefined) {
      places.set(place, { left, count: 1, severityNumber: record.severity_number });
    } else {
      marker.count += 1;
      marker.severityNumber = Math.max(marker.severityNumber, record.severity_number);
    }
  }
  return [...places.values()];
}

function nodesOf(spans: readonly Span[]): SpanNode[] {
  const seen = new Map<string, number>();
  const nodes = spans.map((span, index): SpanNode => {
    const nth = (seen.get(span.span_id) ?? 0) + 1;
    seen.set(span.span_id, nth);
    const key = nth === 1 ? span.span_id : `${span.span_id}.${nth}`;
    return { kind: "span", index, key, span, subtreeEnd: spans.length, logs: [], errorsBelow: 0 };
  });
  const open: SpanNode[] = [];
  const close = (node: SpanNode, end: number) => {
    node.subtreeEnd = end;
    const parent = open.at(-1);
    if (parent !== undefined) parent.errorsBelow += node.errorsBelow + (isError(node.span) ? 1 : 0);
  };
  for (const node of nodes) {
    for (let top = open.at(-1); top !== undefined && top.span.depth >= node.span.depth; top = open.at(-1)) {
      open.pop();
      close(top, node.index);
    }
    open.push(node);
  }
  for (let top = open.pop(); top !== undefined; top = open.pop()) close(top, nodes.length);
  return nodes;
}

/** Tells each span what it has of the path. A row that is not there is passed over. */
function placePath(spans: readonly SpanNode[], path: CriticalPath | undefined): void {
  for (const { row, self_ns: selfNanos, share } of path?.spans ?? []) {
    const node = spans[row];
    if (node !== undefined) node.path = { selfNanos, share, sections: [] };
  }
  for (const section of path?.sections ?? []) spans[section.row]?.path?.sections.push(section);
}

/** Gives each span its records and returns the records that no span claims. */
function placeLogs(spans: readonly SpanNode[], records: readonly LogRecord[], traceStart: Instant): LogNode[] {
  const bySpanId = new Map<string, SpanNode>();
  for (const node of spans) if (!bySpanId.has(node.span.span_id)) bySpanId.set(node.span.span_id, node);
  const loose: LogNode[] = [];
  const atSameInstant = new Map<Instant, number>();
  for (const record of records) {
    const owner = record.span_id === undefined ? undefined : bySpanId.get(record.span_id);
    const at = parseInstant(record.shown_time ?? record.time) ?? traceStart;
    const nth = (atSameInstant.get(at) ?? 0) + 1;
    atSameInstant.set(at, nth);
    const key = nth === 1 ? `log.${at}` : `log.${at}.${nth}`;
    (owner?.logs ?? loose).push({ kind: "log", key, record, offset: elapsed(traceStart, at), depth: (owner?.span.depth ?? -1) + 1 });
  }
  for (const node of spans) node.logs.sort(byOffset);
  return loose.sort(byOffset);
}

function byOffset(a: LogNode, b: LogNode): number {
  return a.offset - b.offset;
}

/** All spans, and never empty: a trace of one instant still has a width. Logs outside are drawn at the edge. */
function windowOf(answer: TraceAnswer, spans: readonly SpanNode[]): TimeWindow {
  let start = 0;
  let end = answer.duration_ns;
  for (const { span } of spans) {
    start = Math.min(start, span.start_offset_ns, span.start_offset_ns + span.duration_ns);
    end = Math.max(end, span.start_offset_ns, span.start_offset_ns + span.duration_ns);
  }
  return { start: nanoseconds(start), end: nanoseconds(end > start ? end : start + 1) };
}

export function isError(span: Span): boolean {
  return span.status.code === "error";
}
