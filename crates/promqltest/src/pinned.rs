//! An expression with every selector fixed to an instant: its value is then the same whenever it is asked.

use promql::{At, Call, Expr};

/// Functions that tell when they are asked, or when a sample was, so that `@` changes what they say.
const TELLING_TIME: [&str; 15] = [
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "end",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "year",
];

/// The expression with `@ at` at every selector and subquery that has no time of its own; what is inside of a subquery is
/// fixed with it. `None` where the answer would not be the same.
pub(crate) fn pinned(expr: &Expr, at: i64) -> Option<Expr> {
    let mut expr = expr.clone();
    pin(&mut expr, at).then_some(expr)
}

/// Whether nothing in it tells the time.
fn pin(expr: &mut Expr, time: i64) -> bool {
    let fix = |at: &mut Option<At>| {
        if !matches!(at, Some(At::Time(_))) {
            *at = Some(At::Time(time));
        }
        true
    };
    match expr {
        Expr::Number(_) | Expr::Text(_) => true,
        Expr::Selector(selector) => fix(&mut selector.at),
        Expr::Range(range) => fix(&mut range.selector.at),
        Expr::Subquery(subquery) => fix(&mut subquery.at),
        Expr::Call(Call { function, arguments, .. }) => {
            !TELLING_TIME.contains(&function.name) && arguments.iter_mut().all(|argument| pin(argument, time))
        }
        Expr::Aggregate(aggregate) => {
            pin(&mut aggregate.inner, time)
                && aggregate.parameter.as_deref_mut().is_none_or(|parameter| pin(parameter, time))
        }
        Expr::Binary(binary) => pin(&mut binary.left, time) && pin(&mut binary.right, time),
        Expr::Unary(unary) => pin(&mut unary.inner, time),
        Expr::Paren(paren) => pin(&mut paren.inner, time),
    }
}

/// When else a pinned expression is asked, unix milliseconds.
pub(crate) fn other_instants(at: i64) -> Vec<i64> {
    if at == 0 { vec![-1_000, 0, 1_000] } else { vec![-10 * at, 0, at / 5, at, 10 * at] }
}
