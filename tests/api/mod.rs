//! The native API: questions and the answers they must get.
//!
//! | file | what |
//! |---|---|
//! | `case.rs` | a question and what its answer must contain, as a file of `tests/cases/api` has them |
//! | `cases.rs` | all of those, over rows in memory and over the same rows in blocks |
//! | `pins.rs` | pins over the API and in the terminal |
//! | `paging.rs` | pages of log records that share a nanosecond |
//! | `limits.rs` | questions that cost too much, take too long, or are no longer wanted |
//! | `arrow_stream.rs` | rows as an Arrow stream |

mod arrow_stream;
mod case;
mod cases;
mod limits;
mod paging;
mod pins;
