// The bodies of the native API, as `crates/protocol/src/api/*.rs` defines them.

/** Attributes as JSON: string, number, boolean, array, object or, for bytes, `{"base64": "…"}`. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

export interface Coverage {
  complete: boolean;
  truncated: boolean;
  notes?: string[];
  rows_returned: number;
  rows_live: number;
  blocks_total: number;
  blocks_read: number;
  blocks_pruned: number;
  blocks_failed: number;
  records_received: number;
  records_rejected: number;
  newest_record?: string;
}

export interface ErrorBody {
  error: { code: string; message: string; hint?: string };
}

export interface Scope {
  name: string;
  version: string;
  attributes: Attributes;
}

export interface LogRecord {
  time: string;
  observed_time?: string;
  severity: string;
  severity_number: number;
  severity_text?: string;
  body: AttributeValue;
  event_name?: string;
  trace_id?: string;
  span_id?: string;
  flags: number;
  service: string;
  attributes: Attributes;
  resource: Attributes;
  scope: Scope;
  dropped_attributes_count: number;
}

export interface LogsAnswer {
  logs: LogRecord[];
  next_cursor?: string;
  coverage: Coverage;
}

export interface ServiceSummary {
  service: string;
  namespace?: string;
  environment?: string;
  squad?: string;
  instances: number;
  requests: number;
  errors: number;
  duration_p50_ns?: number;
  duration_p99_ns?: number;
  spans: number;
  logs: number;
  error_logs: number;
  series: number;
  last_seen: string;
}

export interface ServicesAnswer {
  services: ServiceSummary[];
  coverage: Coverage;
}

export interface TraceService {
  service: string;
  squad?: string;
  span_count: number;
  error_count: number;
  log_count: number;
}

export interface TraceSummary {
  trace_id: string;
  root_service?: string;
  root_name?: string;
  start_time: string;
  duration_ns: number;
  span_count: number;
  error_count: number;
  matched_spans: number;
  services: TraceService[];
}

export interface TracesAnswer {
  traces: TraceSummary[];
  coverage: Coverage;
}

export interface SpanStatus {
  code: string;
  message?: string;
}

export interface SpanEvent {
  time: string;
  offset_ns: number;
  name: string;
  attributes: Attributes;
  dropped_attributes_count: number;
}

export interface SpanLink {
  trace_id: string;
  span_id: string;
  trace_state?: string;
  flags: number;
  attributes: Attributes;
  dropped_attributes_count: number;
}

export interface Span {
  span_id: string;
  parent_span_id?: string;
  depth: number;
  marks?: string[];
  name: string;
  kind: string;
  service: string;
  start_time: string;
  start_offset_ns: number;
  duration_ns: number;
  status: SpanStatus;
  trace_state?: string;
  flags: number;
  attributes: Attributes;
  resource: Attributes;
  scope: Scope;
  events?: SpanEvent[];
  links?: SpanLink[];
  dropped_attributes_count: number;
  dropped_events_count: number;
  dropped_links_count: number;
}

export interface Repair {
  kind: string;
  span_ids: string[];
  before: string;
  after: string;
  method: string;
  evidence: string[];
  confidence: number;
}

export interface TraceAnswer {
  trace_id: string;
  view: string;
  start_time: string;
  duration_ns: number;
  spans: Span[];
  repairs: Repair[];
  logs: LogRecord[];
  services: TraceService[];
  coverage: Coverage;
}

export interface SignalStatus {
  signal: string;
  requests: number;
  records: number;
  rejected: number;
  marked: number;
  newest_record?: string;
}

export interface TableStatus {
  table: string;
  blocks: number;
  block_rows: number;
  block_bytes: number;
  live_rows: number;
  oldest?: string;
  newest?: string;
}

export interface StatusAnswer {
  version: string;
  started: string;
  state: string;
  data_dir: string;
  durability: string;
  catalog_seq: number;
  wal: { files: number; bytes: number; durable_lsn: number; floor_lsn: number; damaged_frames: number; poisoned: boolean };
  memtable: { rows: number; bytes: number };
  tables: TableStatus[];
  signals: SignalStatus[];
  memory_rss_bytes: number;
}
