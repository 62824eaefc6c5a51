//! The rule that takes projections below the union of memory and blocks.
//!
//! DataFusion takes a projection below a union only where it makes rows narrower. `attr(attributes, 'k')` instead of
//! `attributes` makes as many columns, and would stay above: whole sets would be put together in the scan of the
//! blocks, cross the union, and be looked through there. Below it, each block gives its promoted column.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, make_with_child};
use datafusion::physical_plan::union::UnionExec;

/// Takes projections below unions whose inputs have the same columns. Comes before DataFusion's rules, which then
/// take the projection into the scan.
#[derive(Debug)]
pub(crate) struct ProjectBelowUnion;

impl PhysicalOptimizerRule for ProjectBelowUnion {
    fn name(&self) -> &'static str {
        "project_below_union"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| match plan.downcast_ref::<ProjectionExec>() {
            Some(projection) if is_uniform_union(projection.input()) => {
                let inputs = projection.input().children();
                let inputs = inputs.into_iter().map(|input| make_with_child(projection, input));
                Ok(Transformed::yes(UnionExec::try_new(inputs.collect::<Result<_>>()?)?))
            }
            _ => Ok(Transformed::no(plan)),
        })
        .data()
    }
}

/// A union of a question's own may name the columns of its inputs differently, and a scan finds columns by name.
fn is_uniform_union(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let schema = plan.schema();
    plan.is::<UnionExec>() && plan.children().iter().all(|input| input.schema().fields() == schema.fields())
}
