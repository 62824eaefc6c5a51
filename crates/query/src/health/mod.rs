//! The health of telemetry itself: which service loses spans, whose clock is off, over time.
//!
//! | file | what |
//! |---|---|
//! | `repair_history.rs` | repairs by kind, service and host, over time |
//! | `clock_history.rs` | how far the clocks of two hosts were apart, over time |

mod clock_history;
mod repair_history;

pub use clock_history::{ClockHistory, ClockPair, ClockPoint, ClocksQuestion, PAIRS_MAX};
pub use repair_history::{REPAIR_BUCKETS_MAX, RepairHistory, RepairSeries, RepairsQuestion};
