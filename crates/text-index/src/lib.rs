//! Words → rows of one block, for words that are neither everywhere nor nearly nowhere.
//!
//! - [`TextIndexBuilder`]: words of rows, in their order, → the bytes of one file.
//! - [`TextIndex`]: which [stripes](STRIPE_ROWS) of rows may have what is [`Wanted`].
//! - [`is_indexed`]: which words an index knows. Whoever asks for another gets no answer from it.
//! - [`ReadAt`]: where the bytes are.
//!
//! The index is tantivy's: its dictionary of terms and its lists of documents, and nothing else of it. No type of
//! tantivy is in this interface, and no file of tantivy's is read without its checksum. An index only over-selects.

mod indexed;
mod stripe;
mod read_at;
mod container;
mod directory;
mod builder;
mod index;

pub use builder::{BUILD_BYTES_MAX, TextIndexBuilder};
pub use index::{Found, TextIndex, Wanted};
pub use indexed::{WORD_BYTES_MAX, is_indexed};
pub use read_at::ReadAt;
pub use stripe::STRIPE_ROWS;
