//! Everything that crosses a process boundary: the JSON bodies of the native API.
//!
//! These types are promises. The server fills them, the CLI and the page read them, and the
//! OpenAPI document is generated from them. Nothing here computes; nothing here knows Arrow.
//! Times are RFC 3339 strings in UTC with nanoseconds, ids are lower-case hex, durations are
//! nanoseconds, and an absent value is left out rather than sent as `null`.

mod api;

pub use api::{
    Attributes, ColumnInfo, Coverage, Deploy, DiskStatus, EdgeDiff, ErrorBody, ErrorDetail, Fact, GraphDiffAnswer,
    GraphEdge, GraphNode, IndexUse, LogBucket, LogHistogramAnswer, LogRecord, LogsAnswer, MemtableStatus, Neighbour,
    NodeDiff, NodeName, PassportAnswer, Pin, PinRequest, PinsAnswer, Range, Red, Repair, Scope, SeenBy, SeriesStatus,
    ServiceGraphAnswer, ServiceInstance, ServiceNode, ServiceOperation, ServicePlace, ServiceSummary, ServiceVersion,
    ServicesAnswer, SignalStatus, Span, SpanEvent, SpanLink, SpanStatus, SqlAnswer, SqlRequest, StatusAnswer,
    TableStatus, TraceAnswer, TraceService, TraceSummary, TracesAnswer, WalStatus,
};
