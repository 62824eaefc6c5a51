//! How much of the truth an answer rests on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Said with every answer, so that a partial one is never mistaken for a whole one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// True when everything this server holds that could match was looked at and returned.
    pub complete: bool,
    /// True when a limit cut the answer; `notes` names the limit.
    pub truncated: bool,
    /// Why the answer is not complete, in words for a person. Empty when it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Rows in this answer.
    pub rows_returned: u64,
    /// Rows that were in memory (not yet in a block) when the answer was made.
    pub rows_live: u64,
    /// Blocks that were live in the catalog for the tables asked.
    pub blocks_total: u64,
    /// Blocks that had to be opened.
    pub blocks_read: u64,
    /// Blocks that were left out because their statistics or index prove that nothing in them matches.
    pub blocks_pruned: u64,
    /// Blocks that should have been read but could not be (damaged or missing). Not zero means: incomplete.
    pub blocks_failed: u64,
    /// Which indexes were asked, and what they ruled out. Empty when none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexUse>,
    /// Records received and made durable since this server started, over the signals asked.
    pub records_received: u64,
    /// Records refused for good since this server started, over the signals asked.
    pub records_rejected: u64,
    /// Time of the newest record received for the signals asked, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_record: Option<String>,
}

/// What an index of blocks did for an answer. An index only rules rows out; what is left is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexUse {
    /// `traces`: rows by trace id. `words`: which rows may say a word, or have an attribute. `columns`: the same of attributes
    /// that a block keeps as columns. `text`: which rows say a word, in large blocks.
    pub name: String,
    /// Blocks whose index was asked.
    pub blocks: u64,
    /// Rows that did not have to be read.
    pub rows_ruled_out: u64,
}
