//! The table `series`: one row per series, whenever it was described.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::block_pruning::BlocksChosen;
use super::newest_series::{NewestSeriesExec, SERIES_ID};
use super::provider::{Reading, SnapshotTable};

/// Over the rows of `series` that are stored, of which each flush adds one per series.
#[derive(Debug)]
pub(crate) struct SeriesTable {
    stored: SnapshotTable,
}

impl SeriesTable {
    pub(crate) fn new(stored: SnapshotTable) -> Self {
        Self { stored }
    }
}

#[async_trait]
impl TableProvider for SeriesTable {
    fn schema(&self) -> SchemaRef {
        self.stored.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Takes no filter into the scan: which row is the newest must not depend on what is asked.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        let wanted = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let (columns, series_id) = (wanted.len(), schema.index_of(SERIES_ID)?);
        let mut read = wanted;
        if !read.contains(&series_id) {
            read.push(series_id);
        }
        let (mut live, mut blocks) = (self.stored.live(), self.stored.blocks().to_vec());
        live.reverse();
        blocks.reverse();
        self.stored.count(&live, &blocks);
        let chosen = BlocksChosen::all(blocks.len());
        let reading =
            Reading { live, blocks, chosen, projection: Some(&read), reads_late: false, limit: None, readers: 1 };
        Ok(Arc::new(NewestSeriesExec::new(self.stored.read(state, reading)?, columns)?))
    }
}
