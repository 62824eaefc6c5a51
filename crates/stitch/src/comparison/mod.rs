//! Many traces of one operation side by side: where their time goes, and in what the slow or failing ones differ.
//!
//! | file | what |
//! |---|---|
//! | `sample.rs` | what comparing needs to know of one trace |
//! | `durations.rs` | the durations of all traces in order, and the one at a quantile |
//! | `profile.rs` | self time on the critical path by operation, around p50 and p99 |
//! | `contrast.rs` | which traces are compared with which |
//! | `attributes.rs` | attribute values that are over-represented in the slow or failing traces |
//! | `tally.rs` | in how many traces of either side a value occurs, bounded |
//! | `proportion.rs` | how certain the difference of two proportions is |
//!
//! A *sample* is one trace; its *duration* is that of the operation's span in it, and of the critical path below that.
//! Samples lie in memory, so their number is the caller's to bound. No result depends on their order.

mod attributes;
mod contrast;
mod durations;
mod profile;
mod proportion;
mod sample;
mod tally;

pub use attributes::{AttributeDifference, Comparison, compare_attributes};
pub use contrast::Contrast;
pub use profile::{DurationBand, OperationProfile, TimeProfile, profile_time};
pub use sample::TraceSample;
