//! Which expressions have the same value at every step: they are evaluated once.

use crate::{Call, Expr};

/// Functions of the instant itself, or of the instants of their samples: what they give changes from step to step even
/// where their arguments do not.
const OF_THE_STEP: [&str; 11] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "time",
    "timestamp",
    "year",
];

/// Whether the value is worth evaluating once for all steps. Numbers and texts alone are not: there is nothing to save.
pub(super) fn is_invariant(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Text(_) | Expr::Range(_) | Expr::Subquery(_) => false,
        _ => holds(expr),
    }
}

fn holds(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Text(_) => true,
        Expr::Selector(selector) => selector.at.is_some(),
        Expr::Range(range) => range.selector.at.is_some(),
        Expr::Subquery(subquery) => subquery.at.is_some(),
        Expr::Call(call) => holds_of_call(call),
        // The parameter has no say in Prometheus either: it counts as it is at the first step.
        Expr::Aggregate(aggregate) => holds(&aggregate.inner),
        Expr::Binary(binary) => holds(&binary.left) && holds(&binary.right),
        Expr::Unary(unary) => holds(&unary.inner),
        Expr::Paren(paren) => holds(&paren.inner),
    }
}

fn holds_of_call(call: &Call) -> bool {
    match call.function.name {
        // The instants of a bare selector's samples are those of what `@` names.
        "timestamp" => match call.arguments.first().map(Expr::unwrapped) {
            Some(Expr::Selector(selector)) => selector.at.is_some(),
            _ => false,
        },
        // What it adds is looked up at each step, so only one time for all of its series would do.
        "info" => false,
        // They are numbers that the question has, the same at every step.
        "start" | "end" | "range" | "step" => true,
        name if OF_THE_STEP.contains(&name) => false,
        _ => call.arguments.iter().all(holds),
    }
}
