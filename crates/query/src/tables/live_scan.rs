//! The leaf that reads the memtable.
//!
//! Its own node rather than DataFusion's memory source, which would copy all rows into a plan that
//! is sent elsewhere.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, project_schema};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PhysicalExpr, PlanProperties,
};

use super::block_pruning::BlocksChosen;

/// Reads batches that are in memory.
#[derive(Debug)]
pub(crate) struct LiveScanExec {
    partitions: Vec<Vec<Arc<RecordBatch>>>,
    /// What became of the blocks, where there is no scan of them to say it.
    blocks: Option<BlocksChosen>,
    projection: Option<Vec<usize>>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl LiveScanExec {
    /// Over the batches of one table, dealt out to at most `partitions` readers.
    pub(crate) fn new(
        batches: Vec<Arc<RecordBatch>>,
        table_schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        partitions: usize,
    ) -> Result<Self> {
        let schema = project_schema(table_schema, projection)?;
        let mut dealt = vec![Vec::new(); partitions.min(batches.len()).max(1)];
        let readers = dealt.len();
        for (index, batch) in batches.into_iter().enumerate() {
            dealt[index % readers].push(batch);
        }
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(readers),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Self { partitions: dealt, blocks: None, projection: projection.cloned(), schema, properties })
    }

    /// The same, and EXPLAIN says that none of the blocks is read.
    pub(crate) fn without_blocks(self, chosen: BlocksChosen) -> Self {
        Self { blocks: chosen.are_any().then_some(chosen), ..self }
    }
}

impl DisplayAs for LiveScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let batches = self.partitions.iter().flatten();
        let (count, rows) = batches.fold((0, 0), |(count, rows), batch| (count + 1, rows + batch.num_rows()));
        write!(f, "LiveScanExec: batches={count}, rows={rows}")?;
        self.blocks.map_or(Ok(()), |blocks| write!(f, ", blocks={blocks}"))
    }
}

impl ExecutionPlan for LiveScanExec {
    fn name(&self) -> &'static str {
        "LiveScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        // Cloning a batch clones references to its columns, not the rows.
        let batches = self.partitions[partition].iter().map(|batch| batch.as_ref().clone()).collect();
        Ok(Box::pin(MemoryStream::try_new(batches, Arc::clone(&self.schema), self.projection.clone())?))
    }
}
