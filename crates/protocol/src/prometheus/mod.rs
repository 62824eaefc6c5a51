//! The bodies of the Prometheus API, as Prometheus' own clients read them, one file per family of endpoints.
//!
//! | file | endpoint below `/prometheus/api/v1` |
//! |---|---|
//! | `envelope.rs` | what every answer is wrapped in, and the one error body |
//! | `query.rs` | `query`, `query_range` |
//! | `metadata.rs` | `metadata`, `query_exemplars` |
//! | `search.rs` | `search/metric_names`, `search/label_names`, `search/label_values` |
//! | `status.rs` | `status/buildinfo`, `status/runtimeinfo`, `status/tsdb`, … |
//! | `discovery.rs` | `targets`, `rules`, `alerts`, `alertmanagers`: what Nunchi does not have, as empty lists |
//!
//! Names of members are Prometheus'. Values are texts, because JSON has no `NaN`; times are unix seconds.

mod discovery;
mod envelope;
mod metadata;
mod query;
mod search;
mod status;

pub use discovery::{AlertDiscovery, AlertmanagerDiscovery, RuleDiscovery, ScrapePools, TargetDiscovery};
pub use envelope::{PromAnswer, PromErrorBody, PromStatus};
pub use metadata::{MetricMetadata, PromExemplar, SeriesExemplars};
pub use query::{MatrixSeries, PromBucket, PromHistogram, PromLabels, PromPoint, QueryResult, VectorSample};
pub use search::{FoundMetric, FoundName, FoundValue, SearchBatch, SearchTrailer};
pub use status::{BuildInfo, ConfigText, HeadStats, NamedCount, ReplayStatus, RuntimeInfo, TsdbStatus};
