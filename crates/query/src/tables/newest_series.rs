//! The node that keeps one row per series.
//!
//! What a series is stands once per flush in what is stored. A join that met each of those rows would multiply
//! its points, so of each series only the newest row passes: the first that comes, as the input begins with memory
//! and goes back in time.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::UInt64Type;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PhysicalExpr, PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};

/// The column that says which series a row is about. Must be among the input's.
pub(crate) const SERIES_ID: &str = "series_id";

/// Passes the first row of each series, of the input's first `columns` columns.
#[derive(Debug)]
pub(crate) struct NewestSeriesExec {
    input: Arc<dyn ExecutionPlan>,
    columns: usize,
    properties: Arc<PlanProperties>,
}

impl NewestSeriesExec {
    /// Over an input whose partitions, one after the other, begin with the newest rows.
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, columns: usize) -> Result<Self> {
        let schema = Arc::new(input.schema().project(&(0..columns).collect::<Vec<_>>())?);
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Self { input, columns, properties })
    }

    fn over(&self, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.pop().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self::new(input, self.columns)?))
    }
}

impl DisplayAs for NewestSeriesExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewestSeriesExec")
    }
}

impl ExecutionPlan for NewestSeriesExec {
    fn name(&self) -> &'static str {
        "NewestSeriesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    /// More partitions would come in another order.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.over(children)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.over(children)
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (input, columns) = (Arc::clone(&self.input), self.columns);
        let partitions = 0..input.output_partitioning().partition_count();
        let streams = stream::iter(partitions.map(move |partition| input.execute(partition, Arc::clone(&context))));
        let mut seen = HashSet::new();
        let newest = streams.try_flatten().map(move |batch| newest_rows(&batch?, &mut seen, columns));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), newest)))
    }
}

fn newest_rows(batch: &RecordBatch, seen: &mut HashSet<u64>, columns: usize) -> Result<RecordBatch> {
    let ids = batch.column_by_name(SERIES_ID).expect("the input has the column").as_primitive::<UInt64Type>();
    let new: BooleanArray = ids.values().iter().map(|id| Some(seen.insert(*id))).collect();
    Ok(filter_record_batch(batch, &new)?.project(&(0..columns).collect::<Vec<_>>())?)
}
