//! The native API's bodies, one file per family of endpoints.
//!
//! | file | endpoint |
//! |---|---|
//! | `sql.rs` | `POST /api/v1/sql` |
//! | `logs.rs` | `GET /api/v1/logs`, `GET /api/v1/logs/histogram` |
//! | `traces.rs` | `GET /api/v1/traces`, `GET /api/v1/traces/{trace_id}` |
//! | `critical_path.rs` | part of one trace |
//! | `profile.rs` | `GET /api/v1/traces/profile` |
//! | `nearby.rs` | `GET /api/v1/traces/{trace_id}/nearby`, `GET /api/v1/exemplars` |
//! | `journeys.rs` | `GET /api/v1/journeys/{trace_id}` |
//! | `services.rs` | `GET /api/v1/services` |
//! | `graph.rs` | `GET /api/v1/service-graph`, `GET /api/v1/service-graph/diff` |
//! | `passport.rs` | `GET /api/v1/services/{name}` |
//! | `health.rs` | `GET /api/v1/repairs`, `GET /api/v1/clocks` |
//! | `pins.rs` | `POST /api/v1/pins`, `GET /api/v1/pins`, `DELETE /api/v1/pins/{id}` |
//! | `status.rs` | `GET /api/v1/status` |
//! | `coverage.rs` | how much of the truth an answer rests on; part of every answer |
//! | `error.rs` | the one error body |

mod coverage;
mod critical_path;
mod error;
mod graph;
mod health;
mod journeys;
mod logs;
mod nearby;
mod passport;
mod pins;
mod profile;
mod services;
mod sql;
mod status;
mod traces;

/// A set of OpenTelemetry attributes as JSON: key → string, number, boolean, array, object or,
/// for bytes, `{"base64": "…"}`.
pub type Attributes = serde_json::Map<String, serde_json::Value>;

pub use coverage::{Coverage, IndexUse};
pub use critical_path::{CriticalPath, PathSection, PathSpan};
pub use error::{ErrorBody, ErrorDetail};
pub use graph::{
    EdgeDiff, GraphDiffAnswer, GraphEdge, GraphNode, NodeDiff, NodeName, Range, Red, SeenBy, ServiceGraphAnswer,
};
pub use health::{ClockPair, ClockPoint, ClocksAnswer, RepairSeries, RepairsAnswer};
pub use journeys::{HopEnd, HopQueue, JourneyAnswer, JourneyHop, JourneyTrace, TraceBeyond};
pub use logs::{LogBucket, LogHistogramAnswer, LogRecord, LogsAnswer, Scope};
pub use nearby::{Exemplar, ExemplarsAnswer, NearbyAnswer, NearbyMetric, NearbyPod};
pub use passport::{
    Deploy, Fact, Neighbour, PassportAnswer, ServiceInstance, ServiceNode, ServiceOperation, ServicePlace,
    ServiceVersion,
};
pub use pins::{Pin, PinRequest, PinsAnswer};
pub use profile::{
    AttributeDifference, Contrast, DurationBand, OperationShare, ProfileAnswer, ProfileExample, ProfileExamples,
};
pub use services::{ServiceSummary, ServicesAnswer};
pub use sql::{ColumnInfo, SqlAnswer, SqlRequest};
pub use status::{DiskStatus, MemtableStatus, SeriesStatus, SignalStatus, StatusAnswer, TableStatus, WalStatus};
pub use traces::{
    HostShift, Remark, Repair, Span, SpanEvent, SpanLink, SpanStatus, TraceAnswer, TraceService, TraceSummary,
    TracesAnswer,
};
