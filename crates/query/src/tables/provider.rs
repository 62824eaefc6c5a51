//! One table of one snapshot: memory and blocks as one.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use model::{Table, TenantId};
use store::{Block, Snapshot};

use super::block_files::BlockFiles;
use super::block_pruning::{BlocksChosen, blocks_that_may_match};
use super::block_source::BlockSource;
use super::late_columns::ScanShape;
use super::live_scan::LiveScanExec;
use crate::attr::AttrAdapterFactory;
use crate::coverage::Tally;

/// One tenant's table in one snapshot.
pub(crate) struct SnapshotTable {
    pub(crate) table: Table,
    pub(crate) tenant: TenantId,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Where the store is registered that DataFusion takes blocks to be in.
    pub(crate) blocks_url: ObjectStoreUrl,
    pub(crate) tally: Arc<Tally>,
}

impl fmt::Debug for SnapshotTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotTable")
            .field("table", &self.table)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SnapshotTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Inexact: filters prune what is read, and are evaluated again above.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let live = self.live();
        let (blocks, chosen) = blocks_that_may_match(state, self.table, filters, self.blocks())?;
        self.count(&live, &blocks);
        let readers = state.config().target_partitions();
        let shape = ScanShape { schema: &self.schema(), projection, filters, blocks: &blocks };
        let reads_late = shape.reads_late();
        self.read(state, Reading { live, blocks, chosen, projection, reads_late, limit, readers })
    }
}

/// What a scan reads of one table.
pub(super) struct Reading<'a> {
    pub(super) live: Vec<Arc<RecordBatch>>,
    pub(super) blocks: Vec<Arc<Block>>,
    pub(super) chosen: BlocksChosen,
    pub(super) projection: Option<&'a Vec<usize>>,
    /// Whether blocks evaluate filters while they are read.
    pub(super) reads_late: bool,
    pub(super) limit: Option<usize>,
    /// At most so many partitions of memory, and of blocks.
    pub(super) readers: usize,
}

impl SnapshotTable {
    /// The batches in memory, oldest first.
    pub(super) fn live(&self) -> Vec<Arc<RecordBatch>> {
        self.snapshot.live(&self.tenant, self.table).cloned().collect()
    }

    /// The blocks, oldest first.
    pub(super) fn blocks(&self) -> &[Arc<Block>] {
        self.snapshot.blocks(&self.tenant, self.table)
    }

    /// Tells the tally what is about to be read.
    pub(super) fn count(&self, live: &[Arc<RecordBatch>], blocks: &[Arc<Block>]) {
        let rows_live = live.iter().map(|batch| batch.num_rows() as u64).sum();
        let all = self.blocks().len();
        self.tally.scan(self.table, rows_live, all, blocks.iter().map(|block| &block.meta().id));
    }

    /// The plan that reads it: memory, then blocks, each in the order given where there is one reader.
    pub(super) fn read(&self, state: &dyn Session, reading: Reading<'_>) -> Result<Arc<dyn ExecutionPlan>> {
        let Reading { live, blocks, chosen, projection, reads_late, limit, readers } = reading;
        let files: Vec<_> = blocks.iter().filter_map(|block| self.file_of(block)).collect();
        let live_scan = (!live.is_empty() || files.is_empty())
            .then(|| LiveScanExec::new(live, &self.schema(), projection, readers))
            .transpose()?;
        if files.is_empty()
            && let Some(live_scan) = live_scan
        {
            return Ok(Arc::new(live_scan.without_blocks(chosen)));
        }
        let readers = readers.min(files.len());
        let groups = (0..readers)
            .map(|reader| FileGroup::new(files.iter().skip(reader).step_by(readers).cloned().collect()))
            .collect();
        let source = ParquetSource::new(self.schema())
            .with_table_parquet_options(state.default_table_options().parquet)
            .with_parquet_file_reader_factory(Arc::new(BlockFiles))
            .with_pushdown_filters(reads_late);
        let tally = Arc::clone(&self.tally);
        let source = Arc::new(BlockSource::new(Arc::new(source), self.table, chosen, tally));
        let config = FileScanConfigBuilder::new(self.blocks_url.clone(), source)
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .with_expr_adapter(Some(Arc::new(AttrAdapterFactory)))
            .build();
        let block_scan = DataSourceExec::from_data_source(config);
        match live_scan {
            Some(live_scan) => UnionExec::try_new(vec![Arc::new(live_scan), block_scan]),
            None => Ok(block_scan),
        }
    }

    /// The block's Parquet file; `None`, and said in the coverage, where it is not there or known to be damaged.
    fn file_of(&self, block: &Arc<Block>) -> Option<PartitionedFile> {
        match block.file() {
            Ok(file) => {
                let path = block.meta().parquet_path();
                Some(PartitionedFile::new(path.to_string_lossy(), file.bytes()).with_extension(Arc::clone(block)))
            }
            Err(error) => {
                self.tally.failed(self.table, &block.meta().id, &error);
                None
            }
        }
    }
}
