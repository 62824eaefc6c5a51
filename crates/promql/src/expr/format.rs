//! Expressions as text, over several lines where they are long.

use super::Expr;

/// What is longer, in bytes, is laid out over several lines.
const LINE_BYTES_MAX: usize = 100;

/// An expression as Prometheus' `format_query` lays it out.
pub fn format(expr: &Expr) -> String {
    lines(expr, 0)
}

fn indent(level: usize) -> String {
    "  ".repeat(level)
}

/// Every line begins with the indentation of its level, but for a subquery that fits into one: it has none, as in
/// Prometheus.
fn lines(expr: &Expr, level: usize) -> String {
    let line = expr.to_string();
    let begin = indent(level);
    let fits = line.len() <= LINE_BYTES_MAX;
    let inside = level + 1;
    match expr {
        Expr::Subquery(_) if fits => line,
        Expr::Subquery(subquery) => format!("{}{}", lines(&subquery.inner, level), subquery.suffix()),
        Expr::Unary(unary) => {
            let sign = if unary.is_negative { "-" } else { "+" };
            format!("{begin}{sign}{}", lines(&unary.inner, level).trim())
        }
        Expr::Call(call) if !fits => {
            let arguments: Vec<String> = call.arguments.iter().map(|argument| lines(argument, inside)).collect();
            format!("{begin}{}(\n{}\n{begin})", call.function.name, arguments.join(",\n"))
        }
        Expr::Aggregate(aggregate) if !fits => {
            let parameter = aggregate.parameter.as_ref();
            let parameter = parameter.map_or_else(String::new, |parameter| lines(parameter, inside) + ",\n");
            let inner = lines(&aggregate.inner, inside);
            format!("{begin}{}(\n{parameter}{inner}\n{begin})", aggregate.operation())
        }
        Expr::Binary(binary) if !fits => {
            let (left, right) = (lines(&binary.left, inside), lines(&binary.right, inside));
            format!("{left}\n{begin}{}\n{right}", binary.operation())
        }
        Expr::Paren(paren) if !fits => format!("{begin}(\n{}\n{begin})", lines(&paren.inner, inside)),
        _ => begin + &line,
    }
}
