//! The tables as DataFusion sees them: memory and blocks of one snapshot, as one.
//!
//! | file | what |
//! |---|---|
//! | `provider.rs` | one table: which blocks can match, and the plan that reads them |
//! | `live_scan.rs` | the leaf that reads the memtable |
//! | `series.rs` | the table `series` |
//! | `newest_series.rs` | the node that keeps one row per series |
//! | `block_pruning.rs` | which blocks cannot match, by the catalog's time bounds |

mod provider;
mod live_scan;
mod series;
mod newest_series;
mod block_pruning;

pub(crate) use provider::SnapshotTable;
pub(crate) use series::SeriesTable;
