//! Log records.
//!
//! | file | what |
//! |---|---|
//! | `row.rs` | one log record, read from a batch |
//! | `search.rs` | records that match, page by page |
//! | `histogram.rs` | how many match, over time |
//! | `filter.rs` | what a record must pass |
//! | `source.rs` | where records lie, in stretches whose times are known |
//! | `ahead.rs` | what is yet to be looked through, the most promising first |
//! | `wave.rs` | which rows of some stretches match |
//! | `threads.rs` | reading blocks on threads that may wait |
//! | `leading.rs` | the rows that come first, so far |
//! | `fetch.rs` | rows at known places, whole |
//! | `cursor.rs` | where the next page begins |
//! | `row_hash.rs` | the tie-breaker that makes pages exact |

mod row;
mod search;
mod histogram;
mod filter;
mod source;
mod ahead;
mod wave;
mod threads;
mod leading;
mod fetch;
mod cursor;
mod row_hash;

pub use cursor::{Cursor, CursorError};
pub(crate) use fetch::value_bytes;
pub use histogram::{Bucket, HISTOGRAM_BUCKETS_MAX, Histogram, HistogramQuestion, LEVELS, LevelCounts};
pub use row::{LogRow, ScopeRow};
pub(crate) use row::{attributes, marks};
pub use search::{LogOrder, LogQuestion, LogsFound};
