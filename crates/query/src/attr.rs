//! Attributes in SQL: `attr(attributes, 'http.route')`, or `attributes['http.route']`.
//!
//! | call | gives |
//! |---|---|
//! | `attr(attributes, 'k')` | the value as text, whatever its type; null where absent |
//! | `attr_i64(attributes, 'k')` | an integer, or text or a float that is one |
//! | `attr_f64(attributes, 'k')` | a number, or text that is one |
//! | `attr_bool(attributes, 'k')` | a truth value |
//! | `attributes['k']` | `attr`, or beside numbers or truth values (`=` to `>=`, `IN`, `BETWEEN`) the form that compares as one |
//! | `hex(trace_id)` | an id in hex |

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err, plan_err};
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::expr::{Between, InList, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ExpressionPlacement, GetFieldAccess, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, TypeSignature, Volatility, binary_expr, lit,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use model::{Attributes, ValueRef, hex};

use crate::value_text::value_text;

/// The type a call gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Text,
    Int,
    Float,
    Bool,
}

/// `attr` and its typed siblings.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Attr {
    form: Form,
    signature: Signature,
}

impl Attr {
    fn udf(form: Form) -> Arc<ScalarUDF> {
        let keys = [DataType::Utf8, DataType::Utf8View, DataType::LargeUtf8];
        let signatures = keys.map(|key| TypeSignature::Exact(vec![DataType::BinaryView, key]));
        let signature = Signature::one_of(signatures.to_vec(), Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { form, signature }))
    }
}

impl ScalarUDFImpl for Attr {
    fn name(&self) -> &str {
        match self.form {
            Form::Text => "attr",
            Form::Int => "attr_i64",
            Form::Float => "attr_f64",
            Form::Bool => "attr_bool",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.form {
            Form::Text => DataType::Utf8View,
            Form::Int => DataType::Int64,
            Form::Float => DataType::Float64,
            Form::Bool => DataType::Boolean,
        })
    }

    /// Lets the optimizer evaluate it in the scan, where a block may hold the key as a column of its own.
    fn placement(&self, arguments: &[ExpressionPlacement]) -> ExpressionPlacement {
        match arguments {
            [ExpressionPlacement::Column, ExpressionPlacement::Literal] => ExpressionPlacement::MoveTowardsLeafNodes,
            _ => ExpressionPlacement::KeepInPlace,
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [sets, ColumnarValue::Scalar(key)] = &arguments.args[..] else {
            return exec_err!("{}: the key must be a literal, as in attr(attributes, 'http.route')", self.name());
        };
        let Some(Some(key)) = key.try_as_str() else {
            return exec_err!("{}: the key must be text, as in attr(attributes, 'http.route')", self.name());
        };
        let sets = sets.to_array(arguments.number_rows)?;
        let sets = sets.as_binary_view();
        let found = sets.iter().map(|set| set.and_then(|set| Attributes::new(set).get(key)));
        let column: ArrayRef = match self.form {
            Form::Int => Arc::new(found.map(|value| value.and_then(as_int)).collect::<Int64Array>()),
            Form::Float => Arc::new(found.map(|value| value.and_then(as_float)).collect::<Float64Array>()),
            Form::Bool => Arc::new(found.map(|value| value.and_then(as_bool)).collect::<BooleanArray>()),
            Form::Text => {
                let mut texts = StringViewBuilder::with_capacity(sets.len());
                for value in found {
                    texts.append_option(value.and_then(value_text));
                }
                Arc::new(texts.finish())
            }
        };
        Ok(ColumnarValue::Array(column))
    }
}

fn as_int(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Int(value) => Some(value),
        // 2^63 is the first double too large; everything below converts exactly when it is whole.
        ValueRef::Float(value) if value.fract() == 0.0 && value.abs() < 9.2e18 => Some(value as i64),
        ValueRef::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_float(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Int(value) => Some(value as f64),
        ValueRef::Float(value) => Some(value),
        ValueRef::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_bool(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Bool(value) => Some(value),
        ValueRef::Text("true") => Some(true),
        ValueRef::Text("false") => Some(false),
        _ => None,
    }
}

/// `hex(bytes)`: lower-case hex.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Hex {
    signature: Signature,
}

impl ScalarUDFImpl for Hex {
    fn name(&self) -> &str {
        "hex"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let bytes = arguments.args[0].to_array(arguments.number_rows)?;
        let mut texts = StringViewBuilder::with_capacity(bytes.len());
        let mut push = |bytes: Option<&[u8]>| texts.append_option(bytes.map(hex));
        match bytes.data_type() {
            DataType::FixedSizeBinary(_) => bytes.as_fixed_size_binary().iter().for_each(&mut push),
            DataType::BinaryView => bytes.as_binary_view().iter().for_each(&mut push),
            DataType::Binary => bytes.as_binary::<i32>().iter().for_each(&mut push),
            other => return plan_err!("hex: expects bytes, not {other}"),
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

/// `attributes['k']`, typed by what it is compared with.
#[derive(Debug)]
struct AttrPlanner;

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
struct AttrRewrite;

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

/// Plans `attributes['k']`. Must come before DataFusion's own planners, which take the index for a map's.
pub(crate) fn expr_planner() -> Arc<dyn ExprPlanner> {
    Arc::new(AttrPlanner)
}

/// Makes the functions known to a session.
pub(crate) fn register(registry: &mut dyn FunctionRegistry) -> Result<()> {
    for form in [Form::Text, Form::Int, Form::Float, Form::Bool] {
        registry.register_udf(Attr::udf(form))?;
    }
    let bytes = [DataType::FixedSizeBinary(16), DataType::FixedSizeBinary(8), DataType::BinaryView, DataType::Binary];
    let signature = Signature::uniform(1, bytes.to_vec(), Volatility::Immutable);
    registry.register_udf(Arc::new(ScalarUDF::from(Hex { signature })))?;
    registry.register_function_rewrite(Arc::new(AttrRewrite))
}
