// The URL is the state: what a page shows is a function of its address, so every view can be shared, bookmarked
// and gone back to. Each page has a reader, which makes a state of any address and never fails, and all share one
// printer, which leaves defaults out. Reading what was printed gives the same state (tested).

import { DEFAULT_RANGE, type TimeRange } from "./model/timeRange";

/** The parameters of an address. The last of a repeated one counts. */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Asked of any page that lists. */
export interface ListState extends TimeRange {
  selector: string;
}

export const SERVICE_SORTS = [
  "service",
  "namespace",
  "environment",
  "squad",
  "instances",
  "requests",
  "errors",
  "error_rate",
  "duration_p50_ns",
  "duration_p99_ns",
  "spans",
  "logs",
  "error_logs",
  "last_seen",
] as const;
export type ServiceSort = (typeof SERVICE_SORTS)[number];

export interface ServicesState extends ListState {
  sort: ServiceSort;
  order: "asc" | "desc";
}

export interface LogsState extends ListState {
  q: string;
}

export const TRACE_LIMITS = ["50", "200", "1000"] as const;
export const TRACE_STATUSES = ["", "error", "ok", "unset"] as const;

export interface TracesState extends ListState {
  q: string;
  service: string;
  operation: string;
  min_duration: string;
  max_duration: string;
  status: (typeof TRACE_STATUSES)[number];
  limit: (typeof TRACE_LIMITS)[number];
}

export interface TraceState extends TimeRange {
  view: "repaired" | "raw";
  /** `shown`: log records stand as rows under their span; `hidden`: as markers on its bar only. */
  logs: "shown" | "hidden";
  /** Whether bars say where the critical path goes through them. */
  path: "shown" | "hidden";
  /** Key of the span or log record whose details are open; empty when none is. */
  open: string;
}

export const SERVICES_DEFAULT: ServicesState = { ...DEFAULT_RANGE, selector: "", sort: "service", order: "asc" };
export const LOGS_DEFAULT: LogsState = { ...DEFAULT_RANGE, selector: "", q: "" };
export const TRACES_DEFAULT: TracesState = {
  ...DEFAULT_RANGE,
  selector: "",
  q: "",
  service: "",
  operation: "",
  min_duration: "",
  max_duration: "",
  status: "",
  limit: "50",
};
export const TRACE_DEFAULT: TraceState = { ...DEFAULT_RANGE, view: "repaired", logs: "shown", path: "shown", open: "" };

export function readRange(raw: RawSearch): TimeRange {
  return readText(raw, DEFAULT_RANGE, ["from", "to"]);
}

export function readServices(raw: RawSearch): ServicesState {
  return {
    ...readText(raw, SERVICES_DEFAULT, ["from", "to", "selector"]),
    sort: oneOf(raw.sort, SERVICE_SORTS, SERVICES_DEFAULT.sort),
    order: oneOf(raw.order, ["asc", "desc"], SERVICES_DEFAULT.order),
  };
}

export function readLogs(raw: RawSearch): LogsState {
  return readText(raw, LOGS_DEFAULT, ["from", "to", "selector", "q"]);
}

export function readTraces(raw: RawSearch): TracesState {
  return {
    ...readText(raw, TRACES_DEFAULT, ["from", "to", "selector", "q", "service", "operation", "min_duration", "max_duration"]),
    status: oneOf(raw.status, TRACE_STATUSES, TRACES_DEFAULT.status),
    limit: oneOf(raw.limit, TRACE_LIMITS, TRACES_DEFAULT.limit),
  };
}

export function readTrace(raw: RawSearch): TraceState {
  return {
    ...readText(raw, TRACE_DEFAULT, ["from", "to", "open"]),
    view: oneOf(raw.view, ["repaired", "raw"], TRACE_DEFAULT.view),
    logs: oneOf(raw.logs, ["shown", "hidden"], TRACE_DEFAULT.logs),
    path: oneOf(raw.path, ["shown", "hidden"], TRACE_DEFAULT.path),
  };
}

/** The address of a state: every known parameter that differs from its default. `?…`, or nothing. */
export function printSearch(state: RawSearch): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    const fallback = DEFAULTS[key];
    if (typeof value === "string" && fallback !== undefined && value !== fallback) search.set(key, value);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** The parameters of `?…` as text. Values are never guessed to be numbers or JSON. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** A parameter means the same on every page, so one table of defaults serves all. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...SERVICES_DEFAULT,
  ...LOGS_DEFAULT,
  ...TRACES_DEFAULT,
  ...TRACE_DEFAULT,
};

/** The defaults, with each of `keys` replaced where the address says something else. */
function readText<State extends object>(raw: RawSearch, defaults: State, keys: readonly (keyof State & string)[]): State {
  const said = keys.flatMap((key) => {
    const value = raw[key];
    return typeof value === "string" && value.trim() !== "" ? [[key, value.trim()]] : [];
  });
  return { ...defaults, ...(Object.fromEntries(said) as Partial<State>) };
}

function oneOf<const Choice extends string>(value: unknown, choices: readonly Choice[], fallback: Choice): Choice {
  return choices.find((choice) => choice === value) ?? fallback;
}
