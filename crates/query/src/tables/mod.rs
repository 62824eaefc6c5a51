//! The tables as DataFusion sees them: memory and blocks of one snapshot, as one.
//!
//! | file | what |
//! |---|---|
//! | `provider.rs` | one table: which blocks can match, and the plan that reads them |
//! | `block_pruning.rs` | which blocks cannot match |
//! | `block_statistics.rs` | the same, by what their footers say of their columns |
//! | `late_columns.rs` | whether columns are read only of rows that pass the filters |
//! | `live_scan.rs` | the leaf that reads the memtable |
//! | `index_question.rs` | what a filter needs, in terms of what indexes know |
//! | `indexed_blocks.rs` | blocks that are opened with the rows that their indexes leave |
//! | `block_files.rs` | how it reads the bytes of a block |
//! | `block_source.rs` | what the leaf that reads blocks reads from |
//! | `union_projection.rs` | the rule that takes projections below the union of the two |
//! | `series.rs` | the table `series` |
//! | `newest_series.rs` | the node that keeps one row per series |

mod provider;
mod block_pruning;
mod block_statistics;
mod late_columns;
mod live_scan;
mod index_question;
mod indexed_blocks;
mod block_files;
mod block_source;
mod union_projection;
mod series;
mod newest_series;

pub(crate) use provider::SnapshotTable;
pub(crate) use series::SeriesTable;
pub(crate) use union_projection::ProjectBelowUnion;
