//! Where rows lie, and stretches of them: rows that stand together, of which columns are decoded as they are needed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use model::Table;
use store::{AttributeKeys, Block, BlockId, BlockReadError};

use super::column_cache::{ColumnCache, StretchKey};
use super::columns::{Buckets, Column, ExplicitNatives, ExponentialNatives, Numbers, Quantiles, Runs, Starts};
use super::live_rows::LiveRows;
use super::page_map::{MetricRank, PageMap};

/// What tells one place from all others, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PlaceId {
    Block(BlockId),
    /// A lot of rows in memory.
    Live(u64),
}

/// A block, or rows in memory.
#[derive(Debug)]
pub(super) struct Place {
    id: PlaceId,
    rows: PlaceRows,
}

#[derive(Clone, Debug)]
enum PlaceRows {
    Block { block: Arc<Block>, map: Arc<PageMap> },
    Live(Arc<LiveRows>),
}

/// A stretch of a place could not be read.
#[derive(Debug)]
pub(super) struct Unread {
    /// `None` for rows in memory.
    pub(super) block: Option<(Table, BlockId)>,
    pub(super) error: BlockReadError,
}

impl Place {
    /// A block whose page index is known.
    pub(super) fn of_block(block: &Arc<Block>, map: Arc<PageMap>) -> Self {
        let id = PlaceId::Block(block.meta().id.clone());
        Self { id, rows: PlaceRows::Block { block: Arc::clone(block), map } }
    }

    /// Rows in memory.
    pub(super) fn of_live(rows: Arc<LiveRows>) -> Self {
        Self { id: PlaceId::Live(rows.id), rows: PlaceRows::Live(rows) }
    }

    /// Where the place has a metric.
    pub(super) fn rank_of(&self, metric: &str) -> Option<MetricRank> {
        match &self.rows {
            PlaceRows::Block { map, .. } => Some(map.rank_of(metric.as_bytes())),
            PlaceRows::Live(_) => None,
        }
    }

    /// Numbers of the stretches that may have rows of a series, whose metric is there.
    pub(super) fn stretches_of(&self, metric: Option<MetricRank>, resource: u64, series: u64) -> std::ops::Range<u32> {
        match (&self.rows, metric) {
            (PlaceRows::Block { map, .. }, Some(metric)) => map.stretches_of(metric, resource, series),
            _ => 0..1,
        }
    }

    /// A stretch of it. Decodes which rows are whose, unless that is kept.
    pub(super) fn open(&self, number: u32, cache: &ColumnCache) -> Result<Stretch, Unread> {
        let key = StretchKey { place: self.id.clone(), number };
        let runs = match &self.rows {
            PlaceRows::Live(rows) => Arc::clone(&rows.runs),
            rows => cache.get_or(&key, || rows.read(number))?,
        };
        Ok(Stretch { key, rows: self.rows.clone(), runs, columns: Columns::default() })
    }
}

impl PlaceRows {
    fn read<C: Column>(&self, number: u32) -> Result<C, Unread> {
        match self {
            Self::Live(rows) => rows.column().map_err(|error| Unread { block: None, error }),
            Self::Block { block, map } => {
                let rows = map.rows_of(number);
                // The decoder of a damaged file may panic: that is one more way in which a block cannot be read.
                let read = catch_unwind(AssertUnwindSafe(|| read_column(block, rows)))
                    .unwrap_or_else(|_| Err(BlockReadError::Damaged("decoding it panicked".to_owned())));
                let unread = |error| Unread { block: Some((block.meta().table, block.meta().id.clone())), error };
                read.map_err(unread)
            }
        }
    }
}

fn read_column<C: Column>(block: &Block, rows: std::ops::Range<u32>) -> Result<C, BlockReadError> {
    let expected = rows.len();
    let batches = block.read(&[rows], C::READ, AttributeKeys::All)?.collect::<Result<Vec<_>, _>>()?;
    let column = C::of(&batches)?;
    if column.rows() != expected {
        return Err(BlockReadError::Damaged(format!("{} of {expected} rows are there", column.rows())));
    }
    Ok(column)
}

/// Rows of a place that stand together.
#[derive(Debug)]
pub(super) struct Stretch {
    key: StretchKey,
    rows: PlaceRows,
    pub(super) runs: Arc<Runs>,
    columns: Columns,
}

/// Columns that were needed so far.
#[derive(Debug, Default)]
struct Columns {
    numbers: OnceLock<Arc<Numbers>>,
    starts: OnceLock<Arc<Starts>>,
    buckets: OnceLock<Arc<Buckets>>,
    quantiles: OnceLock<Arc<Quantiles>>,
    exponential: OnceLock<Arc<ExponentialNatives>>,
    explicit: OnceLock<Arc<ExplicitNatives>>,
}

impl Stretch {
    /// Its place among those of its place.
    pub(super) fn number(&self) -> u32 {
        self.key.number
    }

    pub(super) fn numbers(&self, cache: &ColumnCache) -> Result<&Numbers, Unread> {
        self.column(&self.columns.numbers, cache)
    }

    pub(super) fn starts(&self, cache: &ColumnCache) -> Result<&Starts, Unread> {
        self.column(&self.columns.starts, cache)
    }

    pub(super) fn buckets(&self, cache: &ColumnCache) -> Result<&Buckets, Unread> {
        self.column(&self.columns.buckets, cache)
    }

    pub(super) fn quantiles(&self, cache: &ColumnCache) -> Result<&Quantiles, Unread> {
        self.column(&self.columns.quantiles, cache)
    }

    pub(super) fn exponential(&self, cache: &ColumnCache) -> Result<&ExponentialNatives, Unread> {
        self.column(&self.columns.exponential, cache)
    }

    pub(super) fn explicit(&self, cache: &ColumnCache) -> Result<&ExplicitNatives, Unread> {
        self.column(&self.columns.explicit, cache)
    }

    fn column<'s, C: Column>(&'s self, slot: &'s OnceLock<Arc<C>>, cache: &ColumnCache) -> Result<&'s C, Unread> {
        match slot.get() {
            Some(column) => Ok(column),
            None => {
                let column = cache.get_or(&self.key, || self.rows.read(self.key.number))?;
                Ok(slot.get_or_init(|| column))
            }
        }
    }
}
