//! Blocks that are opened with the rows that their indexes leave.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::parquet::arrow::arrow_reader::RowSelection;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder};
use datafusion_datasource::morsel::{MorselPlan, MorselPlanner, Morselizer};
use model::Necessary;
use store::{Block, Candidates};

use crate::coverage::Tally;

/// Rows are picked where at most one in so many is left. Picking more costs more than decoding the rest.
const PICKED_MIN: u64 = 3;

/// Asks the indexes of each block before it is opened.
pub(super) struct IndexedBlocks {
    pub(super) blocks: Arc<dyn Morselizer>,
    pub(super) necessary: Arc<Necessary>,
    pub(super) tally: Arc<Tally>,
    pub(super) metrics: ExecutionPlanMetricsSet,
    pub(super) partition: usize,
}

impl fmt::Debug for IndexedBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedBlocks").field("necessary", &self.necessary).finish_non_exhaustive()
    }
}

impl Morselizer for IndexedBlocks {
    fn plan_file(&self, file: PartitionedFile) -> Result<Box<dyn MorselPlanner>> {
        let Some(block) = file.extension::<Arc<Block>>().cloned() else { return self.blocks.plan_file(file) };
        // Of a block that is read in several pieces, the first tells.
        let is_first = file.range.as_ref().is_none_or(|range| range.start == 0);
        let asked = Asked {
            blocks: Arc::clone(&self.blocks),
            necessary: Arc::clone(&self.necessary),
            told: is_first.then(|| (Arc::clone(&self.tally), self.metrics.clone(), self.partition)),
            block,
            file,
        };
        Ok(Box::new(asked))
    }
}

/// A block whose indexes are about to be asked.
struct Asked {
    blocks: Arc<dyn Morselizer>,
    necessary: Arc<Necessary>,
    told: Option<(Arc<Tally>, ExecutionPlanMetricsSet, usize)>,
    block: Arc<Block>,
    file: PartitionedFile,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("block", &self.block.meta().id).finish_non_exhaustive()
    }
}

impl MorselPlanner for Asked {
    fn plan(self: Box<Self>) -> Result<Option<MorselPlan>> {
        Ok(Some(MorselPlan::new().with_pending_planner(self.ask())))
    }
}

impl Asked {
    /// On a thread that may block.
    async fn ask(self) -> Result<Box<dyn MorselPlanner>> {
        let Self { blocks, necessary, told, block, file } = self;
        let (total, id) = (block.meta().rows, block.meta().id.clone());
        let asking = tokio::task::spawn_blocking(move || block.rows_that_may_match(&necessary));
        let candidates = asking.await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?;
        if let Some((tally, metrics, partition)) = told {
            tell(&candidates, &tally, &metrics, partition);
            for (index, error) in &candidates.unreadable {
                tally.index_failed(&id, index, error);
            }
        }
        match picked(&candidates.rows, total) {
            Picked::None => Ok(Box::new(Nothing)),
            Picked::Some(rows) => blocks.plan_file(file.with_extension(ParquetRowSelection::new(rows))),
            Picked::All => blocks.plan_file(file),
        }
    }
}

fn tell(candidates: &Candidates, tally: &Tally, metrics: &ExecutionPlanMetricsSet, partition: usize) {
    for (index, rows) in &candidates.ruled_out {
        tally.used(index, *rows);
        let rows = usize::try_from(*rows).unwrap_or(usize::MAX);
        MetricBuilder::new(metrics).counter(format!("index_{index}_rows_pruned"), partition).add(rows);
    }
}

enum Picked {
    None,
    Some(RowSelection),
    All,
}

fn picked(rows: &[Range<u32>], total: u64) -> Picked {
    let count: u64 = rows.iter().map(|rows| u64::from(rows.end - rows.start)).sum();
    if count == 0 {
        return Picked::None;
    }
    if count * PICKED_MIN > total {
        return Picked::All;
    }
    let rows = rows.iter().map(|rows| rows.start as usize..rows.end as usize);
    // Row numbers are 32 bits.
    Picked::Some(RowSelection::from_consecutive_ranges(rows, total as usize))
}

/// A block of which no row may match.
#[derive(Debug)]
struct Nothing;

impl MorselPlanner for Nothing {
    fn plan(self: Box<Self>) -> Result<Option<MorselPlan>> {
        Ok(None)
    }
}
