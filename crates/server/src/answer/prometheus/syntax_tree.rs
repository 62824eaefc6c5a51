//! An expression as a tree of JSON, as Prometheus' page draws it.
//!
//! Walks by recursion: how deep an expression may nest is bounded by the parser.

use promql::{
    Aggregate, At, Binary, Call, Cardinality, DurationExpr, Expr, Extension, Group, Length, Matcher, Matching,
    RangeSelector, Selector, Subquery,
};
use serde_json::{Value as Json, json};

use super::number::plain_text;

/// The whole tree.
pub(crate) fn syntax_tree(expr: &Expr) -> Json {
    match expr {
        Expr::Number(number) => json!({"type": "numberLiteral", "val": plain_text(number.value)}),
        Expr::Text(text) => json!({"type": "stringLiteral", "val": text.value}),
        Expr::Selector(selector) => vector_selector(selector),
        Expr::Range(range) => matrix_selector(range),
        Expr::Subquery(query) => subquery(query),
        Expr::Call(of) => call(of),
        Expr::Aggregate(of) => aggregate(of),
        Expr::Binary(of) => binary(of),
        Expr::Unary(unary) => json!({
            "type": "unaryExpr",
            "op": sign(unary.is_negative),
            "expr": syntax_tree(&unary.inner),
        }),
        Expr::Paren(paren) => json!({"type": "parenExpr", "expr": syntax_tree(&paren.inner)}),
    }
}

fn aggregate(aggregate: &Aggregate) -> Json {
    let (without, grouping) = match &aggregate.group {
        Group::By(labels) => (false, labels),
        Group::Without(labels) => (true, labels),
    };
    json!({
        "type": "aggregation",
        "op": aggregate.operator.name(),
        "expr": syntax_tree(&aggregate.inner),
        "param": aggregate.parameter.as_deref().map(syntax_tree),
        "grouping": grouping,
        "without": without,
    })
}

fn binary(binary: &Binary) -> Json {
    json!({
        "type": "binaryExpr",
        "op": binary.operator.text(),
        "lhs": syntax_tree(&binary.left),
        "rhs": syntax_tree(&binary.right),
        "matching": binary.matching.as_ref().map(matching),
        "bool": binary.returns_bool,
    })
}

fn matching(matching: &Matching) -> Json {
    let cardinality = match matching.cardinality {
        Cardinality::OneToOne => "one-to-one",
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::ManyToMany => "many-to-many",
    };
    json!({
        "card": cardinality,
        "labels": matching.labels,
        "on": matching.on,
        "include": matching.include,
        "fillValues": {"lhs": matching.fill.left, "rhs": matching.fill.right},
    })
}

fn call(call: &Call) -> Json {
    let types: Vec<&str> = call.function.arguments.iter().map(|argument| argument.name()).collect();
    json!({
        "type": "call",
        "func": {
            "name": call.function.name,
            "argTypes": types,
            "variadic": call.function.variadic,
            "returnType": call.function.returns.name(),
        },
        "args": call.arguments.iter().map(syntax_tree).collect::<Vec<_>>(),
    })
}

fn vector_selector(selector: &Selector) -> Json {
    let (offset, offset_expr) = length(selector.offset.as_ref());
    let (timestamp, start_or_end) = at(selector.at);
    json!({
        "type": "vectorSelector",
        "name": selector.name.as_deref().unwrap_or_default(),
        "offset": offset,
        "offsetExpr": offset_expr,
        "matchers": matchers(&selector.matchers),
        "timestamp": timestamp,
        "startOrEnd": start_or_end,
        "anchored": selector.extension == Some(Extension::Anchored),
        "smoothed": selector.extension == Some(Extension::Smoothed),
    })
}

fn matrix_selector(range: &RangeSelector) -> Json {
    let mut tree = vector_selector(&range.selector);
    let (range, range_expr) = length(Some(&range.range));
    if let Json::Object(members) = &mut tree {
        members.insert("type".to_owned(), "matrixSelector".into());
        members.insert("range".to_owned(), range.into());
        members.insert("rangeExpr".to_owned(), range_expr);
    }
    tree
}

fn subquery(subquery: &Subquery) -> Json {
    let (range, range_expr) = length(Some(&subquery.range));
    let (offset, offset_expr) = length(subquery.offset.as_ref());
    let (step, step_expr) = length(subquery.step.as_ref());
    let (timestamp, start_or_end) = at(subquery.at);
    json!({
        "type": "subquery",
        "expr": syntax_tree(&subquery.inner),
        "range": range,
        "rangeExpr": range_expr,
        "offset": offset,
        "offsetExpr": offset_expr,
        "step": step,
        "stepExpr": step_expr,
        "timestamp": timestamp,
        "startOrEnd": start_or_end,
    })
}

/// Milliseconds, and the expression where it is computed.
fn length(length: Option<&Length>) -> (i64, Json) {
    match length {
        None => (0, Json::Null),
        Some(Length::Fixed(millis)) => (*millis, Json::Null),
        Some(Length::Computed(expr)) => (0, duration(expr)),
    }
}

fn duration(expr: &DurationExpr) -> Json {
    match expr {
        DurationExpr::Number { seconds, is_duration, .. } => {
            json!({"type": "numberLiteral", "val": plain_text(*seconds), "duration": is_duration})
        }
        DurationExpr::Step(_) => duration_of("step", Json::Null, Json::Null),
        DurationExpr::Range(_) => duration_of("range", Json::Null, Json::Null),
        DurationExpr::Unary { is_negative, inner, .. } => duration_of(sign(*is_negative), Json::Null, duration(inner)),
        DurationExpr::Binary { operator, left, right, .. } => {
            duration_of(operator.text(), duration(left), duration(right))
        }
        DurationExpr::Paren(inner, _) => {
            let mut tree = duration(inner);
            if let Some(wrapped) = tree.get_mut("wrapped") {
                *wrapped = true.into();
            }
            tree
        }
    }
}

fn duration_of(operator: &str, left: Json, right: Json) -> Json {
    json!({"type": "durationExpr", "op": operator, "lhs": left, "rhs": right, "wrapped": false})
}

/// The instant in milliseconds, or the word for it.
fn at(at: Option<At>) -> (Json, Json) {
    match at {
        None => (Json::Null, Json::Null),
        Some(At::Time(millis)) => (millis.into(), Json::Null),
        Some(At::Start) => (Json::Null, "start".into()),
        Some(At::End) => (Json::Null, "end".into()),
    }
}

fn matchers(matchers: &[Matcher]) -> Json {
    let matcher = |matcher: &Matcher| json!({"name": matcher.name(), "value": matcher.value(), "type": matcher.operator().text()});
    matchers.iter().map(matcher).collect()
}

fn sign(is_negative: bool) -> &'static str {
    if is_negative { "-" } else { "+" }
}
