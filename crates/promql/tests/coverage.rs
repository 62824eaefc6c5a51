//! Our own cases ask about every function, operator and aggregate at least once.

use std::collections::BTreeSet;
use std::path::Path;

use promql::{AggregateOperator, Call, Expr, Function};
use promqltest::Folder;

/// Operators as they are written.
const OPERATORS: [&str; 18] =
    ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless", "</", ">/"];

#[test]
fn our_own_cases_have_every_word_of_the_language() {
    let folder = Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    let mut asked = BTreeSet::new();
    for (name, script) in folder.scripts() {
        for ask in script.asks() {
            let expr = Expr::parse(&ask.expr).unwrap_or_else(|error| panic!("{name}: {}: {error}", ask.expr));
            collect(&expr, &mut asked);
        }
    }
    let functions = Function::all().iter().map(|function| function.name);
    let aggregates = AggregateOperator::ALL.iter().map(|operator| operator.name());
    let words: Vec<&str> = functions.chain(aggregates).chain(OPERATORS).filter(|word| !asked.contains(word)).collect();
    assert_eq!(words, [""; 0], "no case of ours asks about these");
}

fn collect(expr: &Expr, words: &mut BTreeSet<&'static str>) {
    match expr {
        Expr::Number(_) | Expr::Text(_) | Expr::Selector(_) | Expr::Range(_) => {}
        Expr::Subquery(subquery) => collect(&subquery.inner, words),
        Expr::Call(Call { function, arguments, .. }) => {
            words.insert(function.name);
            arguments.iter().for_each(|argument| collect(argument, words));
        }
        Expr::Aggregate(aggregate) => {
            words.insert(aggregate.operator.name());
            collect(&aggregate.inner, words);
        }
        Expr::Binary(binary) => {
            words.insert(binary.operator.text());
            collect(&binary.left, words);
            collect(&binary.right, words);
        }
        Expr::Unary(unary) => collect(&unary.inner, words),
        Expr::Paren(paren) => collect(&paren.inner, words),
    }
}
