//! A block: the immutable files of one table and hour.
//!
//! | file | what |
//! |---|---|
//! | `id.rs` | a block's name, and where its files are |
//! | `groups.rs` | rows that stand together, and the order of their groups |
//! | `order.rs` | the order in which rows of a flush go into blocks |
//! | `gather.rs` | how many rows of a flush are gathered at once |
//! | `writer.rs` | rows → Parquet and trace index, on disk for good |
//! | `leftovers.rs` | what a write that failed leaves behind |
//! | `checksums.rs` | what the bytes of the Parquet file must be |
//! | `bits.rs` | numbers of some bits each |
//! | `trace_index.rs` | trace id → stretches of rows of one block |
//! | `trace_filter.rs` | filters of trace ids in memory |
//! | `bloom.rs` | which hashes are surely not in a set |
//! | `word_filter.rs` | which tokens stand somewhere in a group of rows |
//! | `row_tokens.rs` | the tokens of rows as they are written |
//! | `promoted_index.rs` | which promoted values may stand in which rows, as the Parquet file tells |
//! | `indexes.rs` | the indexes of a block's tokens: while it is written, and asked |
//! | `checked_file.rs` | the Parquet file, of which no byte is handed out that is not what was written |
//! | `damage.rs` | what is known to be wrong with a block |
//! | `told_cells.rs` | cells that the page index tells, so that nobody needs to read them |
//! | `selected_rows.rs` | rows by number, and of each row group only what is not told |
//! | `reader.rs` | a live block: rows by number and by trace id |
//! | `promotion.rs` | which attributes a block promotes |
//! | `resource_sample.rs` | some of the resources of blocks that are merged, to choose by |
//! | `chosen_column.rs` | a promoted column in the making, and how it is encoded |
//! | `reshaper.rs` | rows with attributes promoted one way → the same rows, another way |
//! | `pages.rs` | rows that are stored together, and their times |
//! | `upkeep.rs` | whether a block's files are what they should be, and making some again |
//! | `merge.rs` | several blocks → one, in order, in bounded memory |
//!
//! ```text
//! blocks/{tenant}/{table}/{YYYY-MM-DD}/{HH}/{id}.parquet    the rows, plain Parquet
//!                                           {id}.sums       checksums of the Parquet file
//!                                           {id}.traces     trace id → stretches of rows (tables with trace ids)
//!                                           {id}.words      token → groups of rows (tables with text)
//! ```
//!
//! A block is written whole, synced with its folder, and only then listed in the catalog. What the
//! catalog does not list is not there: leftovers of a crash are swept at the next start.

mod id;
mod groups;
mod order;
mod promotion;
mod resource_sample;
mod chosen_column;
mod reshaper;
mod checksums;
mod gather;
mod writer;
mod leftovers;
mod bloom;
mod bits;
mod trace_index;
mod trace_filter;
mod word_filter;
mod row_tokens;
mod promoted_index;
mod indexes;
mod damage;
mod checked_file;
mod told_cells;
mod selected_rows;
mod reader;
mod pages;
mod upkeep;
mod merge;

pub use checked_file::{CheckedFile, CheckedRead};
pub use id::{BlockId, BlockMeta};
pub use indexes::Candidates;
pub(crate) use leftovers::remove_leftovers;
pub(crate) use merge::{MergeError, merge_blocks, merge_blocks_without};
pub(crate) use order::{HourPolicy, PlacedRow, file_under, place_rows};
pub use pages::Page;
pub use reader::{AttributeKeys, Block, BlockReadError};
pub(crate) use upkeep::Upkeep;
pub(crate) use writer::{BlockWriteError, NewBlock, write_placed};
