//! Log records.
//!
//! | file | what |
//! |---|---|
//! | `row.rs` | one log record, read from a batch |
//! | `search.rs` | records that match, page by page |
//! | `cursor.rs` | where the next page begins |
//! | `row_hash.rs` | the tie-breaker that makes pages exact |

mod row;
mod search;
mod cursor;
mod row_hash;

pub use cursor::{Cursor, CursorError};
pub use row::{LogRow, ScopeRow};
pub(crate) use row::{attributes, marks};
pub use search::{LogOrder, LogQuestion, LogsFound};
