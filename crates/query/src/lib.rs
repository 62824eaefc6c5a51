//! Questions over a snapshot: SQL, log search, trace search, one trace as a story and what lies around it, many traces of one
//! operation, services.
//!
//! [`Engine`] has one method per kind of question. Each takes its own snapshot, runs within the limits of
//! [`Config`] on a runtime apart from ingest, is cancelled when the asker goes, and says with its answer
//! what it rests on ([`Coverage`]).
//!
//! ```text
//! question → session over one snapshot → plan (tables, selector and text predicates) → rows → answer + coverage
//! trace id → memory scan + trace index of each block → rows → stitch, within what is known → story
//! flush    → rows by trace → calls, repairs, clocks, sightings, kept as rows of their own ([`digest`])
//! trace id → memory scan + trace index of each block → rows → stitch → story
//! trace id → story ⇄ links, messages → further trace ids … → journey
//! ```

mod config;
mod error;
mod coverage;
mod engine;
mod aside;
mod session;
mod tables;
mod attr;
mod matching;
mod record_fields;
mod resource;
mod cells;
mod digest;
mod knowledge;
mod digested;
mod sql;
mod logs;
mod traces;
mod nearby;
mod series;
mod samples;
mod services;
mod sightings;
mod graph;
mod health;
mod passport;

pub use config::{
    ClassicHistograms, Config, LIMIT_MAX, LOG_PAGE_BYTES_MAX, NameTranslation, PrometheusView, TRACE_LOGS_MAX,
    TRACE_SPANS_MAX, UnknownTranslation,
};
pub use coverage::{Coverage, IndexUse};
pub use digest::digest;
pub use engine::Engine;
pub use error::{QueryError, QueryErrorKind};
pub use graph::{
    Change, EDGES_MAX, EdgeCalls, EdgeDifference, GraphDifference, GraphNode, GraphQuestion, NODES_MAX, NodeCalls,
    NodeDifference, Quantiles, Red, ServiceGraph,
};
pub use health::{
    ClockHistory, ClockPair, ClockPoint, ClocksQuestion, PAIRS_MAX, REPAIR_BUCKETS_MAX, RepairHistory, RepairSeries,
    RepairsQuestion,
};
pub use logs::{
    Bucket, Cursor, CursorError, HISTOGRAM_BUCKETS_MAX, Histogram, HistogramQuestion, LEVELS, LevelCounts, LogOrder,
    LogQuestion, LogRow, LogsFound, ScopeRow,
};
pub use nearby::{
    EXEMPLARS_MAX, ExemplarRow, ExemplarsFound, ExemplarsQuestion, NearbyFound, NearbyMetric, NearbyPod, ValueRange,
};
pub use passport::{
    CallsOf, Deploy, Fact, FactSource, InstanceSeen, NeighbourCalls, NodeSeen, OperationCalls, OperationChange,
    Passport, PassportQuestion, PlaceSeen, Seen, StatedFacts, VersionSeen,
};
pub use samples::{
    LOOKBACK, PromqlAnswer, PromqlError, PromqlQuestion, SUBQUERY_STEP, SeriesExemplar, SeriesExemplars,
    SeriesExemplarsFound, SeriesExemplarsQuestion,
};
pub use series::{
    Cardinality, CardinalityQuestion, Counted, LabelAnswer, MetadataQuestion, MetricKind, MetricMetadata, SeriesAnswer,
    SeriesQuestion,
};
pub use services::{Service, ServiceKey, ServicesFound, ServicesQuestion};
pub use sql::{SqlQuestion, SqlRows};
pub use traces::{
    ContrastFound, Difference, EventRow, HostShift, JOURNEY_DEPTH_MAX, JOURNEY_HOPS_MAX, JOURNEY_LINKS_PER_TRACE_MAX,
    JOURNEY_SPANS_MAX, JOURNEY_TRACES_MAX, Journey, JourneyTrace, LinkRow, OperationShare, PROFILE_TRACES_MAX,
    PlacedSpan, ProfileExample, ProfileFound, ProfileQuestion, ServiceShare, SpanRow, SpanStatusFilter, StoryLine,
    StoryLog, TraceBeyond, TraceQuestion, TraceStory, TraceSummary, TraceView, TracesFound,
};
