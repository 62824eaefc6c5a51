//! What lies around a trace and is not part of it: offered beside the story, never mixed in.
//!
//! | file | what |
//! |---|---|
//! | `question.rs` | the question about one trace, and its answer |
//! | `pod.rs` | which pods a trace ran in, and when, by their own clocks |
//! | `records.rs` | what a pod logged at that time without a trace id |
//! | `pod_metrics.rs` | what was measured of a pod at that time |
//! | `exemplar.rs` | exemplars: those of a trace, and those of a metric |
//! | `described.rs` | what `series` says of series |

mod question;
mod pod;
mod records;
mod pod_metrics;
mod exemplar;
mod described;

pub use exemplar::{EXEMPLARS_MAX, ExemplarRow, ExemplarsFound, ExemplarsQuestion};
pub use pod_metrics::{NearbyMetric, ValueRange};
pub use question::{NearbyFound, NearbyPod};
