//! What the leaf that reads blocks reads from: DataFusion's Parquet source, with blocks for files.
//!
//! The leaf itself is DataFusion's `DataSourceExec`, so that filters, projections, the filters that a top-k or a
//! join makes while it runs, limits and orders reach the blocks as they reach any file. What only we know about a
//! block is added here, at the moment a worker opens it.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::config::ConfigOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::filter_pushdown::FilterPushdownPropagation;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::{DisplayFormatType, SortOrderPushdownResult};
use datafusion_datasource::morsel::Morselizer;
use model::{Necessary, Table};
use object_store::ObjectStore;

use super::block_pruning::BlocksChosen;
use super::index_question::necessary;
use super::indexed_blocks::IndexedBlocks;
use crate::coverage::Tally;

/// Blocks of one table.
#[derive(Clone)]
pub(crate) struct BlockSource {
    parquet: Arc<dyn FileSource>,
    table: Table,
    chosen: BlocksChosen,
    /// What every row has that passes the filters, which are evaluated here or above.
    necessary: Arc<Necessary>,
    tally: Arc<Tally>,
}

impl BlockSource {
    /// Over the Parquet files of the table's blocks that were chosen. Tells the tally what their indexes do.
    pub(crate) fn new(parquet: Arc<dyn FileSource>, table: Table, chosen: BlocksChosen, tally: Arc<Tally>) -> Self {
        Self { parquet, table, chosen, necessary: Arc::new(Necessary::Anything), tally }
    }

    fn over(&self, parquet: Arc<dyn FileSource>) -> Arc<dyn FileSource> {
        Arc::new(Self { parquet, ..self.clone() })
    }
}

impl FileSource for BlockSource {
    fn create_file_opener(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        self.parquet.create_file_opener(store, config, partition)
    }

    fn create_morselizer(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        partition: usize,
    ) -> Result<Box<dyn Morselizer>> {
        let blocks = self.parquet.create_morselizer(store, config, partition)?;
        if *self.necessary == Necessary::Anything {
            return Ok(blocks);
        }
        Ok(Box::new(IndexedBlocks {
            blocks: blocks.into(),
            necessary: Arc::clone(&self.necessary),
            tally: Arc::clone(&self.tally),
            metrics: self.metrics().clone(),
            partition,
        }))
    }

    fn table_schema(&self) -> &TableSchema {
        self.parquet.table_schema()
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        self.over(self.parquet.with_batch_size(batch_size))
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.parquet.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.parquet.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.parquet.metrics()
    }

    fn file_type(&self) -> &str {
        self.parquet.file_type()
    }

    fn fmt_extra(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = if *self.necessary == Necessary::Anything { "" } else { ", asks indexes" };
        match format {
            DisplayFormatType::TreeRender => writeln!(f, "blocks={}{asks}", self.chosen)?,
            _ => write!(f, ", blocks={}{asks}", self.chosen)?,
        }
        self.parquet.fmt_extra(format, f)
    }

    fn supports_repartitioning(&self) -> bool {
        self.parquet.supports_repartitioning()
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        options: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        // Also of filters that Parquet cannot evaluate: whoever offers one keeps only rows that pass it.
        let asked = filters.iter().map(|filter| necessary(self.table, filter));
        let necessary = Necessary::all(asked.chain([Necessary::clone(&self.necessary)]));
        let mut pushed = self.parquet.try_pushdown_filters(filters, options)?;
        let parquet = pushed.updated_node.take().unwrap_or_else(|| Arc::clone(&self.parquet));
        pushed.updated_node = Some(Arc::new(Self { parquet, necessary: Arc::new(necessary), ..self.clone() }));
        Ok(pushed)
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
        properties: &EquivalenceProperties,
    ) -> Result<SortOrderPushdownResult<Arc<dyn FileSource>>> {
        Ok(self.parquet.try_pushdown_sort(order, properties)?.map(|parquet| self.over(parquet)))
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.parquet.reorder_files(files)
    }

    fn try_pushdown_projection(&self, projection: &ProjectionExprs) -> Result<Option<Arc<dyn FileSource>>> {
        Ok(self.parquet.try_pushdown_projection(projection)?.map(|parquet| self.over(parquet)))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.parquet.apply_expressions(f)
    }
}
