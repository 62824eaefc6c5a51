//! The samples of series, and expressions over them.
//!
//! ```text
//! expression ─► promql::evaluate ─► selection ─► series index ─► series, in the order of blocks
//!                     ▲                                             │ a stream for each thread
//!                     └── points, merged ◄── columns of stretches ◄─┘
//!                                                 ▲
//!                       blocks, live rows ────────┘ decoded once, and kept while there is room
//! ```
//!
//! A block is sorted by metric, resource, series and time, and so are the series of a stream: of each block it reads one
//! *stretch* of rows after the other. What is decoded of a stretch is kept by column ([`column_cache`]), as blocks never
//! change and dashboards ask the same again.
//!
//! | file | what |
//! |---|---|
//! | `question.rs` | an expression, as it is asked |
//! | `source.rs` | what the evaluator selects from |
//! | `stream.rs` | series, one after the other |
//! | `place.rs` | where rows lie, and stretches of them |
//! | `page_map.rs` | which stretches of a block may have a series |
//! | `live_rows.rs` | rows in memory, put in order |
//! | `columns/` | columns of a stretch, decoded |
//! | `column_cache.rs` | those that are kept |
//! | `merge.rs` | rows of one series from several places, in the order of time |
//! | `view.rs` | what Prometheus sees of rows |
//! | `target_info.rs` | samples that say that a resource was there |
//! | `exemplars.rs` | exemplars of series |

mod column_cache;
mod columns;
#[cfg(test)]
mod contract;
mod exemplars;
mod live_rows;
mod merge;
mod page_map;
mod place;
mod question;
mod source;
mod stream;
mod target_info;
mod view;

use column_cache::ColumnCache;
pub use exemplars::{SeriesExemplar, SeriesExemplars, SeriesExemplarsFound, SeriesExemplarsQuestion};
use live_rows::LivePlaces;
pub use question::{LOOKBACK, PromqlAnswer, PromqlError, PromqlQuestion, SUBQUERY_STEP};

/// What is kept from question to question. Nothing that was sent is in here alone.
#[derive(Debug)]
pub(crate) struct Decoded {
    columns: ColumnCache,
    live: LivePlaces,
}

impl Decoded {
    /// With so many bytes of columns, at most.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { columns: ColumnCache::new(bytes_max), live: LivePlaces::default() }
    }
}
