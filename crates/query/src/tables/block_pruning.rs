//! Which blocks cannot match: by the time bounds that the catalog keeps, then by the footers of the rest.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, TimestampNanosecondArray, UInt64Array};
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use model::{Table, UnixNanos};
use store::{Block, BlockMeta};

use super::block_statistics::StatisticsFilter;

/// How many blocks a scan reads, and what ruled out the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlocksChosen {
    all: usize,
    /// Ruled out by the time bounds that the catalog keeps.
    by_time: usize,
    /// Ruled out by what the footers of the rest say of their columns.
    by_statistics: usize,
}

impl BlocksChosen {
    /// All of so many.
    pub(crate) fn all(all: usize) -> Self {
        Self { all, by_time: 0, by_statistics: 0 }
    }

    /// Whether there were any to choose from.
    pub(crate) fn are_any(self) -> bool {
        self.all > 0
    }
}

impl fmt::Display for BlocksChosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, by_time, by_statistics } = self;
        let read = all - by_time - by_statistics;
        write!(f, "{read} of {all} (pruned: time={by_time}, statistics={by_statistics})")
    }
}

/// The blocks in which a row may pass all filters.
pub(crate) fn blocks_that_may_match(
    state: &dyn Session,
    table: Table,
    filters: &[Expr],
    blocks: &[Arc<Block>],
) -> Result<(Vec<Arc<Block>>, BlocksChosen)> {
    let within_time = within_time(state, table, filters, blocks)?;
    let by_time = blocks.len() - within_time.len();
    let may_match = within_statistics(state, table, filters, &within_time)?;
    let by_statistics = within_time.len() - may_match.len();
    Ok((may_match, BlocksChosen { all: blocks.len(), by_time, by_statistics }))
}

fn within_statistics(
    state: &dyn Session,
    table: Table,
    filters: &[Expr],
    blocks: &[Arc<Block>],
) -> Result<Vec<Arc<Block>>> {
    let Some(filter) = StatisticsFilter::new(state, table.schema(), filters)? else { return Ok(blocks.to_vec()) };
    let mut may_match = Vec::with_capacity(blocks.len());
    for block in blocks {
        // A block whose footer cannot be read is chosen: its scan fails, and the answer says so.
        if block.footer().map_or(Ok(true), |footer| filter.may_match(&footer))? {
            may_match.push(Arc::clone(block));
        }
    }
    Ok(may_match)
}

fn within_time(state: &dyn Session, table: Table, filters: &[Expr], blocks: &[Arc<Block>]) -> Result<Vec<Arc<Block>>> {
    let time_filters = filters.iter().filter(|filter| {
        let columns = filter.column_refs();
        columns.len() == 1 && columns.iter().all(|column| column.name == table.time_column())
    });
    let Some(filter) = conjunction(time_filters.cloned()) else { return Ok(blocks.to_vec()) };
    let schema = table.schema();
    let df_schema = DFSchema::try_from(Arc::clone(&schema))?;
    let filter = state.create_physical_expr(filter, &df_schema)?;
    let Some(predicate) = PruningPredicateBuilder::new().with_file_schema(schema).build(filter) else {
        return Ok(blocks.to_vec());
    };
    let bounds = TimeBounds { table, blocks: blocks.iter().map(|block| block.meta()).collect() };
    let may_match = predicate.prune(&bounds)?;
    Ok(blocks.iter().zip(may_match).filter(|(_, may_match)| *may_match).map(|(block, _)| Arc::clone(block)).collect())
}

struct TimeBounds<'a> {
    table: Table,
    blocks: Vec<&'a BlockMeta>,
}

impl TimeBounds<'_> {
    fn times(&self, column: &Column, time: impl Fn(&BlockMeta) -> UnixNanos) -> Option<ArrayRef> {
        (column.name == self.table.time_column()).then(|| {
            let times = self.blocks.iter().map(|meta| time(meta).get());
            Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef
        })
    }
}

impl PruningStatistics for TimeBounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |meta| meta.min_time)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |meta| meta.max_time)
    }

    fn num_containers(&self) -> usize {
        self.blocks.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        (column.name == self.table.time_column())
            .then(|| Arc::new(UInt64Array::from(vec![0; self.blocks.len()])) as ArrayRef)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.blocks.iter().map(|meta| Some(meta.rows)).collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
