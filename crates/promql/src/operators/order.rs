//! The order of series: `sort`, `sort_by_label` and their descending kin.

use std::cmp::Ordering;

use super::label::text;
use crate::evaluate::{Evaluation, Streams};
use crate::{AggregateOperator, Call, EvaluateError, Expr, StepSeries};

/// Whether the order in which an expression gives its series means something, at an instant.
pub(crate) fn is_ordered(expr: &Expr) -> bool {
    match expr.unwrapped() {
        Expr::Call(call) => call.function.name.starts_with("sort"),
        Expr::Aggregate(node) => matches!(node.operator, AggregateOperator::TopK | AggregateOperator::BottomK),
        _ => false,
    }
}

/// `sort` and `sort_desc`: series with floats by their value, NaN last. Over several steps there is no order.
pub(super) fn by_value<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Streams<'a>, EvaluateError> {
    let mut all = operand(evaluation, call)?;
    for series in &mut all {
        series.histograms.clear();
    }
    all.retain(|series| !series.is_empty());
    if evaluation.steps().count() == 1 {
        let is_descending = call.function.name == "sort_desc";
        all.sort_by(|left, right| {
            let (left, right) = (left.floats[0], right.floats[0]);
            let order = if is_descending { right.partial_cmp(&left) } else { left.partial_cmp(&right) };
            order.unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
        });
    }
    Ok(Streams::of(all))
}

/// `sort_by_label` and `sort_by_label_desc`: by values of labels in natural order, then by all labels.
pub(super) fn by_label<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Streams<'a>, EvaluateError> {
    let names = call.arguments.iter().skip(1).map(|name| text(Some(name))).collect::<Result<Vec<_>, _>>()?;
    let mut all = operand(evaluation, call)?;
    if evaluation.steps().count() == 1 {
        let is_descending = call.function.name == "sort_by_label_desc";
        all.sort_by(|left, right| {
            let value = |series: &'_ StepSeries, name: &str| series.labels.get(name).unwrap_or_default().to_owned();
            let by_name = names.iter().map(|name| natural(&value(left, name), &value(right, name)));
            let order = by_name.fold(Ordering::Equal, Ordering::then).then_with(|| left.labels.cmp(&right.labels));
            if is_descending { order.reverse() } else { order }
        });
    }
    Ok(Streams::of(all))
}

fn operand<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Vec<StepSeries>, EvaluateError> {
    if evaluation.steps().count() > 1 {
        let message =
            "PromQL warning: sort is ineffective for range queries since results are always ordered by labels";
        evaluation.warn(message, call.span);
    }
    let inner = call.arguments.first().ok_or_else(|| EvaluateError::Execution("expected a vector".to_owned()))?;
    evaluation.vector(inner)?.collect(evaluation)
}

/// Runs of digits by the number that they are, other runs by their bytes; the text that ends first is less.
fn natural(left: &str, right: &str) -> Ordering {
    let mut lefts = runs(left);
    let mut rights = runs(right);
    loop {
        let (one, other) = match (lefts.next(), rights.next()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => (one, other),
        };
        let order = match (one.parse::<u64>(), other.parse::<u64>()) {
            (Ok(one), Ok(other)) => one.cmp(&other),
            _ => one.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Runs of digits and of what are none, one after the other.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digit = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order_counts_digits_as_numbers() {
        let ascending = ["", "1", "2", "10", "a", "a1", "a2", "a2b", "a10", "a10b1", "b"];
        for pair in ascending.windows(2) {
            assert_eq!(natural(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(natural(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(natural("a01", "a01"), Ordering::Equal);
        assert_eq!(natural("a01", "a1"), Ordering::Less, "equal as numbers, but not equal");
    }
}
