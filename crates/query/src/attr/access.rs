//! `attributes['k']`: which form is meant.

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Between, InList, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, Operator, binary_expr, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::form::Form;
use super::function::Attr;

/// `attributes['k']`, typed by what it is compared with.
#[derive(Debug)]
pub(super) struct AttrPlanner;

impl ExprPlanner for AttrPlanner {
    fn plan_field_access(
        &self,
        access: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        if let GetFieldAccess::NamedStructField { name } = &access.field_access
            && let Some(Some(key)) = name.try_as_str()
            && access.expr.get_type(schema)? == DataType::BinaryView
        {
            let key = lit(key.to_owned());
            return Ok(PlannerResult::Planned(Attr::udf(Form::Text).call(vec![access.expr, key])));
        }
        Ok(PlannerResult::Original(access))
    }

    fn plan_binary_op(&self, raw: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let Some(operator) = comparison(&raw.op) else { return Ok(PlannerResult::Original(raw)) };
        let typed = |expr: &Expr, other: &Expr| match (attr_arguments(expr), form_of(other, operator)) {
            (Some(arguments), Some(form)) => Some(Attr::udf(form).call(arguments)),
            _ => None,
        };
        let (left, right) = (typed(&raw.left, &raw.right), typed(&raw.right, &raw.left));
        if left.is_none() && right.is_none() {
            return Ok(PlannerResult::Original(raw));
        }
        let planned = binary_expr(left.unwrap_or(raw.left), operator, right.unwrap_or(raw.right));
        Ok(PlannerResult::Planned(planned))
    }
}

fn comparison(operator: &BinaryOperator) -> Option<Operator> {
    Some(match operator {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn attr_arguments(expr: &Expr) -> Option<Vec<Expr>> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "attr" => Some(args.clone()),
        _ => None,
    }
}

/// Integers below this in magnitude are exact as doubles, and no larger integer becomes one of them.
const EXACT_BELOW: u64 = 1 << 53;

/// How an attribute compares with a literal: as a double, since the attribute may be one, but with a large integer for
/// equality exactly, and then doubles are passed over.
fn form_of(other: &Expr, operator: Operator) -> Option<Form> {
    let other = match other {
        Expr::Negative(inner) => inner,
        other => other,
    };
    let magnitude = match other {
        Expr::Literal(ScalarValue::Boolean(_), _) => return Some(Form::Bool),
        Expr::Literal(ScalarValue::Float64(_), _) => return Some(Form::Float),
        Expr::Literal(ScalarValue::Int64(number), _) => number.unwrap_or_default().unsigned_abs(),
        Expr::Literal(ScalarValue::UInt64(number), _) => number.unwrap_or_default(),
        _ => return None,
    };
    let exactly = magnitude >= EXACT_BELOW && matches!(operator, Operator::Eq | Operator::NotEq);
    Some(if exactly { Form::Int } else { Form::Float })
}

/// The form in which an attribute compares with all of them.
fn form_of_all<'a>(mut others: impl Iterator<Item = &'a Expr>, operator: Operator) -> Option<Form> {
    let first = form_of(others.next()?, operator)?;
    others.try_fold(first, |form, other| match (form, form_of(other, operator)?) {
        (form, other) if form == other => Some(form),
        (Form::Int | Form::Float, Form::Int | Form::Float) => Some(Form::Float),
        _ => None,
    })
}

/// `attributes['k'] IN (…)` and `BETWEEN`, which the planner of expressions is not asked about.
#[derive(Debug)]
pub(super) struct AttrRewrite;

impl FunctionRewrite for AttrRewrite {
    fn name(&self) -> &str {
        "attr_in_and_between"
    }

    fn rewrite(&self, expr: Expr, _: &DFSchema, _: &ConfigOptions) -> Result<Transformed<Expr>> {
        let typed = |expr: &Expr, form: Option<Form>| match (attr_arguments(expr), form) {
            (Some(arguments), Some(form)) => Some(Box::new(Attr::udf(form).call(arguments))),
            _ => None,
        };
        Ok(match expr {
            Expr::InList(list) => match typed(&list.expr, form_of_all(list.list.iter(), Operator::Eq)) {
                Some(expr) => Transformed::yes(Expr::InList(InList { expr, ..list })),
                None => Transformed::no(Expr::InList(list)),
            },
            Expr::Between(between) => {
                let ends = [&*between.low, &*between.high];
                match typed(&between.expr, form_of_all(ends.into_iter(), Operator::LtEq)) {
                    Some(expr) => Transformed::yes(Expr::Between(Between { expr, ..between })),
                    None => Transformed::no(Expr::Between(between)),
                }
            }
            other => Transformed::no(other),
        })
    }
}
