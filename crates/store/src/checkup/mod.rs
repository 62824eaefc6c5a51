//! Looking at a data folder that no server has open, and setting aside what is damaged in it.
//!
//! | file | what |
//! |---|---|
//! | `finding.rs` | one thing that was found, what it costs and what to do about it |
//! | `check.rs` | reading everything, and changing nothing |
//! | `repair.rs` | moving damage out of the way, and deleting nothing |
//!
//! ```text
//! catalog ── integrity ──► blocks it lists ── checksums ──► Parquet files, indexes
//!    └── floor ──► frames of the log above it               files that it does not list: leftovers
//! ```

mod finding;
mod check;
mod repair;

pub use check::{Checkup, check};
pub use finding::{Finding, FindingKind};
pub use repair::{RepairMode, Repaired, Step, repair};
