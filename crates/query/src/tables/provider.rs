//! One table of one snapshot: memory and blocks as one.

use std::fmt;
use std::fs;
use std::sync::Arc;

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

use super::block_pruning::blocks_that_may_match;
use super::live_scan::LiveScanExec;
use crate::coverage::Tally;

/// One tenant's table in one snapshot.
pub(crate) struct SnapshotTable {
    pub(crate) table: Table,
    pub(crate) tenant: TenantId,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Where the object store that holds the blocks is registered, and the folder it is rooted at.
    pub(crate) blocks_url: ObjectStoreUrl,
    pub(crate) blocks_dir: std::path::PathBuf,
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
        let readers = state.config().target_partitions();
        let live: Vec<_> = self.snapshot.live(&self.tenant, self.table).cloned().collect();
        let rows_live = live.iter().map(|batch| batch.num_rows() as u64).sum();

        let all = self.snapshot.blocks(&self.tenant, self.table);
        let wanted = blocks_that_may_match(state, self.table, filters, all)?;
        self.tally.scan(self.table, rows_live, all.len(), wanted.iter().map(|block| &block.meta().id));
        let files: Vec<_> = wanted.iter().filter_map(|block| self.file_of(block)).collect();

        let live_scan = LiveScanExec::new(live, &self.schema(), projection, readers)?;
        if files.is_empty() {
            return Ok(Arc::new(live_scan));
        }
        let block_scan = self.block_scan(state, files, projection, limit)?;
        UnionExec::try_new(vec![Arc::new(live_scan), block_scan])
    }
}

impl SnapshotTable {
    fn block_scan(
        &self,
        state: &dyn Session,
        files: Vec<PartitionedFile>,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let readers = state.config().target_partitions().min(files.len());
        let groups = (0..readers)
            .map(|reader| FileGroup::new(files.iter().skip(reader).step_by(readers).cloned().collect()))
            .collect();
        let source =
            ParquetSource::new(self.schema()).with_table_parquet_options(state.default_table_options().parquet);
        let config = FileScanConfigBuilder::new(self.blocks_url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// The block's Parquet file; `None`, and said in the coverage, where it is not there or known to be damaged.
    fn file_of(&self, block: &Block) -> Option<PartitionedFile> {
        let path = block.meta().parquet_path();
        let readable = if block.is_known_damaged() { block.verify() } else { Ok(()) };
        let length = readable.and_then(|()| Ok(fs::metadata(self.blocks_dir.join(&path))?.len()));
        match length {
            Ok(length) => Some(PartitionedFile::new(path.to_string_lossy(), length)),
            Err(error) => {
                self.tally.failed(self.table, &block.meta().id, &error);
                None
            }
        }
    }
}
