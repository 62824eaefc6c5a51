//! Comparisons of promoted integers, as integers.
//!
//! `attributes['k'] >= 500` compares as doubles, since the attribute may be one, and `attributes['k'] = '500'` as
//! text. Where a block holds only integers under the key, the same rows pass a comparison with an integer, and that
//! one prunes row groups and pages, asks blooms, and converts nothing.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, InListExpr, Literal, in_list};
use datafusion::scalar::ScalarValue;
use model::PromotedKind;

use super::adapter::{Access, BlockColumns};
use super::form::Form;

type Expr = Arc<dyn PhysicalExpr>;

/// Integers below this in magnitude are exact as doubles, and no larger integer becomes one of them.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// The comparison as one of integers; `None` where it is not a comparison of promoted integers with literals, or
/// where that would not pass the same rows.
pub(super) fn compared(expr: &Expr, block: &BlockColumns) -> Result<Option<Expr>> {
    if let Some(comparison) = expr.downcast_ref::<BinaryExpr>() {
        let (left, right) = (comparison.left(), comparison.right());
        let sides = match (Access::of(left), Access::of(right)) {
            (Some(access), None) => Some((access, *comparison.op(), right)),
            (None, Some(access)) => comparison.op().swap().map(|operator| (access, operator, left)),
            _ => None,
        };
        let Some((access, operator, other)) = sides else { return Ok(None) };
        let Some(literal) = other.downcast_ref::<Literal>() else { return Ok(None) };
        let Some((operator, bound)) = as_integer(access.form, operator, literal.value()) else { return Ok(None) };
        let Some(column) = integers(&access, block)? else { return Ok(None) };
        return Ok(Some(Arc::new(BinaryExpr::new(column, operator, integer(bound)))));
    }
    let Some(list) = expr.downcast_ref::<InListExpr>() else { return Ok(None) };
    let Some(access) = Access::of(list.expr()) else { return Ok(None) };
    let member = |member: &Expr| {
        let literal = member.downcast_ref::<Literal>()?;
        as_integer(access.form, Operator::Eq, literal.value()).map(|(_, member)| integer(member))
    };
    let Some(members) = list.list().iter().map(member).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let Some(column) = integers(&access, block)? else { return Ok(None) };
    in_list(column, members, &list.negated(), block.schema()).map(Some)
}

/// The promoted column, where the key has no values but integers.
fn integers(access: &Access<'_>, block: &BlockColumns) -> Result<Option<Expr>> {
    Ok(block.only(access)?.filter(|(kind, _)| *kind == PromotedKind::Int).map(|(_, column)| column))
}

fn integer(value: i64) -> Expr {
    Arc::new(Literal::new(ScalarValue::Int64(Some(value))))
}

/// The comparison that an integer passes exactly when, in the form, it passes this one.
fn as_integer(form: Form, operator: Operator, other: &ScalarValue) -> Option<(Operator, i64)> {
    match (form, other) {
        (Form::Float, ScalarValue::Float64(Some(bound))) => as_integer_bound(operator, *bound),
        (Form::Text, other) if matches!(operator, Operator::Eq | Operator::NotEq) => {
            let text = other.try_as_str()??;
            // Only as an integer is written: no integer is `007` or `+7`.
            let value: i64 = text.parse().ok()?;
            (value.to_string() == text).then_some((operator, value))
        }
        _ => None,
    }
}

fn as_integer_bound(operator: Operator, bound: f64) -> Option<(Operator, i64)> {
    // Negative zero is less than zero here, and no integer is it.
    if bound.abs() >= EXACT_BELOW || bound.is_nan() || (bound == 0.0 && bound.is_sign_negative()) {
        return None;
    }
    let is_whole = bound.fract() == 0.0;
    match operator {
        Operator::Eq | Operator::NotEq => is_whole.then_some((operator, bound as i64)),
        Operator::Lt | Operator::GtEq => Some((operator, bound.ceil() as i64)),
        Operator::LtEq | Operator::Gt => Some((operator, bound.floor() as i64)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATORS: [Operator; 6] =
        [Operator::Eq, Operator::NotEq, Operator::Lt, Operator::LtEq, Operator::Gt, Operator::GtEq];

    fn passes<T: PartialOrd>(operator: Operator, value: T, bound: T) -> bool {
        match operator {
            Operator::Eq => value == bound,
            Operator::NotEq => value != bound,
            Operator::Lt => value < bound,
            Operator::LtEq => value <= bound,
            Operator::Gt => value > bound,
            _ => value >= bound,
        }
    }

    #[test]
    fn an_integer_passes_exactly_when_it_passes_as_a_double() {
        let edge = 1i64 << 53;
        let values = [i64::MIN, -edge - 1, -edge, 1 - edge, -6, -5, -1, 0, 1, 5, 6, edge - 1, edge, edge + 1, i64::MAX];
        let bounds = [-5.5, -5.0, -0.5, 0.0, 0.5, 5.0, 5.5, 6.0, EXACT_BELOW - 1.0, 1.0 - EXACT_BELOW];
        for (operator, bound) in OPERATORS.into_iter().flat_map(|operator| bounds.map(|bound| (operator, bound))) {
            let Some((as_operator, as_bound)) = as_integer_bound(operator, bound) else {
                assert!(bound.fract() != 0.0 && matches!(operator, Operator::Eq | Operator::NotEq));
                continue;
            };
            for value in values {
                let expected = passes(operator, value as f64, bound);
                assert_eq!(passes(as_operator, value, as_bound), expected, "{value} {operator} {bound}");
            }
        }
    }

    #[test]
    fn what_is_not_exact_stays_a_comparison_of_doubles() {
        for bound in [EXACT_BELOW, -EXACT_BELOW, 1e300, f64::INFINITY, f64::NAN, -0.0] {
            assert!(OPERATORS.into_iter().all(|operator| as_integer_bound(operator, bound).is_none()), "{bound}");
        }
    }

    #[test]
    fn text_is_an_integer_only_as_one_is_written() {
        let check = |text: &str, expected| {
            assert_eq!(as_integer(Form::Text, Operator::Eq, &ScalarValue::from(text)), expected, "{text}");
        };
        check("500", Some((Operator::Eq, 500)));
        check("-3", Some((Operator::Eq, -3)));
        for text in ["007", "+7", "5.0", " 5", "-0", "", "9223372036854775808"] {
            check(text, None);
        }
        assert_eq!(as_integer(Form::Text, Operator::Lt, &ScalarValue::from("500")), None);
    }
}
