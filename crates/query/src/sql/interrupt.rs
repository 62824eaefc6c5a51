//! Ends joins that would go on after their asker has gone.
//!
//! A task is cancelled where it lets go of its thread. Scans do so from time to time, but a join makes very much of
//! little. So each join lets go after some batches, too. A nested loop join whose filter passes nothing makes no batch
//! until all pairs have been tried, which may take days. Its filter is asked once per row, so there it is stopped.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, exec_err};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::physical_expr::ScalarFunctionExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{NestedLoopJoinExec, NestedLoopJoinExecBuilder};

/// Held while someone waits for the answer. When it is dropped, the joins of its plan fail.
#[derive(Debug, Default)]
pub(super) struct Asker {
    gone: Arc<AtomicBool>,
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

impl Asker {
    /// The same plan, ending with the asker.
    pub(super) fn interrupts(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let interruptible = |plan: Arc<dyn ExecutionPlan>| {
            if plan.children().len() < 2 {
                return Ok(Transformed::no(plan));
            }
            let plan = match plan.downcast_ref::<NestedLoopJoinExec>() {
                Some(join) => self.interrupts_loop(join)?.unwrap_or(plan),
                None => plan,
            };
            Ok(Transformed::yes(Arc::new(CooperativeExec::new(plan)) as Arc<dyn ExecutionPlan>))
        };
        Ok(plan.transform_up(interruptible)?.data)
    }

    /// The same join, ending with the asker; `None` where it has no filter and passes on all that it makes.
    fn interrupts_loop(&self, join: &NestedLoopJoinExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(filter) = join.filter() else { return Ok(None) };
        let udf = WhileAsked { gone: Arc::clone(&self.gone), signature: Signature::any(1, Volatility::Volatile) };
        let (condition, schema) = (vec![Arc::clone(filter.expression())], filter.schema());
        let options = Arc::new(ConfigOptions::default());
        let condition = ScalarFunctionExpr::try_new(Arc::new(ScalarUDF::from(udf)), condition, schema, options)?;
        let filter = JoinFilter::new(Arc::new(condition), filter.column_indices().to_vec(), Arc::clone(schema));
        Ok(Some(Arc::new(NestedLoopJoinExecBuilder::from(join).with_filter(Some(filter)).build()?)))
    }
}

/// A condition that fails once the asker has gone.
#[derive(Debug)]
struct WhileAsked {
    gone: Arc<AtomicBool>,
    signature: Signature,
}

impl ScalarUDFImpl for WhileAsked {
    fn name(&self) -> &str {
        "while_asked"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(arguments[0].clone())
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if self.gone.load(Ordering::Relaxed) {
            return exec_err!("nobody waits for the answer");
        }
        Ok(arguments.args.swap_remove(0))
    }
}

impl PartialEq for WhileAsked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.gone, &other.gone)
    }
}

impl Eq for WhileAsked {}

impl Hash for WhileAsked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.gone).hash(state);
    }
}
