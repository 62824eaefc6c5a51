//! Everything that crosses a process boundary: the JSON bodies of the native API, and those of the Prometheus API.
//!
//! These types are promises. The server fills them, the CLI and the page read them, and the
//! OpenAPI document is generated from them. Nothing here computes; nothing here knows Arrow.
//! Times are RFC 3339 strings in UTC with nanoseconds, ids are lower-case hex, durations are
//! nanoseconds, and an absent value is left out rather than sent as `null`. The Prometheus API keeps its own ways.

mod api;
mod prometheus;

pub use api::{
    AttributeDifference, Attributes, ClockPair, ClockPoint, ClocksAnswer, ColumnInfo, Contrast, Coverage, CriticalPath,
    Deploy, DiskStatus, DurationBand, EdgeDiff, ErrorBody, ErrorDetail, Exemplar, ExemplarsAnswer, Fact,
    GraphDiffAnswer, GraphEdge, GraphNode, HopEnd, HopQueue, HostShift, IndexUse, JourneyAnswer, JourneyHop,
    JourneyTrace, LogBucket, LogHistogramAnswer, LogRecord, LogsAnswer, MemtableStatus, NearbyAnswer, NearbyMetric,
    NearbyPod, Neighbour, NodeDiff, NodeName, OperationShare, PassportAnswer, PathSection, PathSpan, Pin, PinRequest,
    PinsAnswer, ProfileAnswer, ProfileExample, ProfileExamples, Range, Red, Remark, Repair, RepairSeries,
    RepairsAnswer, Scope, SeenBy, SeriesStatus, ServiceGraphAnswer, ServiceInstance, ServiceNode, ServiceOperation,
    ServicePlace, ServiceSummary, ServiceVersion, ServicesAnswer, SignalStatus, Span, SpanEvent, SpanLink, SpanStatus,
    SqlAnswer, SqlRequest, StatusAnswer, TableStatus, TraceAnswer, TraceBeyond, TraceService, TraceSummary,
    TracesAnswer, WalStatus,
};
pub use prometheus::{
    AlertDiscovery, AlertmanagerDiscovery, BuildInfo, ConfigText, FoundMetric, FoundName, FoundValue, HeadStats,
    MatrixSeries, MetricMetadata, NamedCount, PromAnswer, PromBucket, PromErrorBody, PromExemplar, PromHistogram,
    PromLabels, PromPoint, PromStatus, QueryResult, ReplayStatus, RuleDiscovery, RuntimeInfo, ScrapePools, SearchBatch,
    SearchTrailer, SeriesExemplars, TargetDiscovery, TsdbStatus, VectorSample,
};
