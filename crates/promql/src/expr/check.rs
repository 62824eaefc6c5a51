//! What a grammar cannot say: types fit, clauses make sense where they stand, selectors select something.

use super::quote::quote;
use super::{
    Aggregate, AggregateOperator, Binary, Call, Cardinality, Expr, Fill, ParseError, Selector, Span, ValueType,
};
use crate::METRIC_NAME;

/// Checks a tree; `text` is what it was read from. Takes matching away where the sides are not both vectors. Errors:
/// the first that Prometheus would find.
pub(super) fn expr(text: &str, expr: &mut Expr) -> Result<(), ParseError> {
    Check { text }.expr(expr).map(drop)
}

/// Checks a selector that stands alone.
pub(super) fn selector(text: &str, selector: &Selector) -> Result<(), ParseError> {
    Check { text }.selector(selector, Emptiness::Refused)
}

/// Whether a selector may select everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Emptiness {
    Allowed,
    Refused,
}

struct Check<'a> {
    text: &'a str,
}

impl Check<'_> {
    fn fail(&self, span: Span, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text, span, message)
    }

    fn expr(&self, expr: &mut Expr) -> Result<ValueType, ParseError> {
        match expr {
            Expr::Number(_) => Ok(ValueType::Scalar),
            Expr::Text(_) => Ok(ValueType::Text),
            Expr::Selector(selector) => {
                self.selector(selector, Emptiness::Refused)?;
                Ok(ValueType::Vector)
            }
            Expr::Range(range) => {
                self.selector(&range.selector, Emptiness::Refused)?;
                Ok(ValueType::Matrix)
            }
            Expr::Subquery(subquery) => {
                let found = self.expr(&mut subquery.inner)?;
                if found != ValueType::Vector {
                    let found = found.name();
                    let message = format!("subquery is only allowed on instant vector, got {found} instead");
                    return Err(self.fail(subquery.span, message));
                }
                Ok(ValueType::Matrix)
            }
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) => {
                let found = self.expr(&mut unary.inner)?;
                if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                    let found = quote(found.documented());
                    let message = format!(
                        "unary expression only allowed on expressions of type scalar or instant vector, got {found}"
                    );
                    return Err(self.fail(unary.span, message));
                }
                Ok(found)
            }
            Expr::Paren(paren) => self.expr(&mut paren.inner),
        }
    }

    fn selector(&self, selector: &Selector, emptiness: Emptiness) -> Result<(), ParseError> {
        if let Some(name) = &selector.name {
            // The last one is that of the name itself.
            let others = selector.matchers.split_last().map_or(&[][..], |(_, others)| others);
            if let Some(other) = others.iter().find(|matcher| matcher.name() == METRIC_NAME) {
                let message = format!("metric name must not be set twice: {} or {}", quote(name), quote(other.value()));
                return Err(self.fail(selector.span, message));
            }
            return Ok(());
        }
        if emptiness == Emptiness::Refused && selector.matchers.iter().all(|matcher| matcher.matches("")) {
            return Err(self.fail(selector.span, "vector selector must contain at least one non-empty matcher"));
        }
        Ok(())
    }

    fn expect(&self, expr: &mut Expr, wanted: ValueType, place: &str) -> Result<(), ParseError> {
        let found = self.expr(expr)?;
        if found == wanted {
            return Ok(());
        }
        let (wanted, found) = (wanted.documented(), found.documented());
        Err(self.fail(expr.span(), format!("expected type {wanted} in {place}, got {found}")))
    }

    fn aggregate(&self, aggregate: &mut Aggregate) -> Result<ValueType, ParseError> {
        self.expect(&mut aggregate.inner, ValueType::Vector, "aggregation expression")?;
        if let Some(parameter) = &mut aggregate.parameter {
            let wanted = match aggregate.operator {
                AggregateOperator::CountValues => ValueType::Text,
                _ => ValueType::Scalar,
            };
            self.expect(parameter, wanted, "aggregation parameter")?;
        }
        Ok(ValueType::Vector)
    }

    fn call(&self, call: &mut Call) -> Result<ValueType, ParseError> {
        let function = call.function;
        self.count_arguments(call)?;
        if function.name == "info"
            && let Some(labels) = call.arguments.get(1)
        {
            self.info_selector(labels, call.span)?;
        }
        let place = format!("call to function {}", quote(function.name));
        for (at, argument) in call.arguments.iter_mut().enumerate() {
            // A function of any number of arguments takes all further ones like its last.
            let Some(wanted) = function.arguments.get(at).or(function.arguments.last()) else { break };
            if function.name != "info" || at != 1 {
                self.expect(argument, *wanted, &place)?;
            }
        }
        Ok(function.returns)
    }

    fn count_arguments(&self, call: &Call) -> Result<(), ParseError> {
        let (known, found) = (call.function.arguments.len(), call.arguments.len());
        let required = known.saturating_sub(1);
        let (bound, expected) = match call.function.variadic {
            0 if found != known => ("", known),
            0 => return Ok(()),
            _ if found < required => ("at least ", required),
            // Any number.
            -1 => return Ok(()),
            more => match required + usize::from(more.unsigned_abs()) {
                most if found > most => ("at most ", most),
                _ => return Ok(()),
            },
        };
        let name = quote(call.function.name);
        Err(self.fail(call.span, format!("expected {bound}{expected} argument(s) in call to {name}, got {found}")))
    }

    /// The second argument of `info` is written as a selector, but is none: it names labels, and so may be empty.
    fn info_selector(&self, argument: &Expr, call: Span) -> Result<(), ParseError> {
        let found = argument.value_type();
        if found != ValueType::Vector {
            let (wanted, found) = (ValueType::Vector.documented(), found.documented());
            let message = format!("expected type {wanted} in call to function \"info\", got {found}");
            return Err(self.fail(call, message));
        }
        match argument {
            Expr::Selector(selector) if selector.name.is_none() => self.selector(selector, Emptiness::Allowed),
            Expr::Selector(selector) => {
                Err(self.fail(selector.span, "expected label selectors only, got vector selector instead"))
            }
            other => Err(self.fail(other.span(), "expected label selectors only")),
        }
    }

    fn binary(&self, binary: &mut Binary) -> Result<ValueType, ParseError> {
        let left = self.expr(&mut binary.left)?;
        let right = self.expr(&mut binary.right)?;
        let scalars = [left, right].into_iter().filter(|side| *side == ValueType::Scalar).count();
        let operator = binary.operator;
        if binary.returns_bool && !operator.is_comparison() {
            let message = "bool modifier can only be used on comparison operators";
            return Err(self.fail(binary.operator_span, message));
        }
        if operator.is_comparison() && !binary.returns_bool && scalars == 2 {
            let message = "comparisons between scalars must use BOOL modifier";
            return Err(self.fail(binary.operator_span, message));
        }
        self.matched_labels(binary)?;
        for (side, found) in [(&binary.left, left), (&binary.right, right)] {
            if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                let message = "binary expression must contain only scalar and instant vector types";
                return Err(self.fail(side.span(), message));
            }
        }
        let span = Span { start: binary.left.span().start, end: binary.right.span().end };
        if scalars > 0 {
            self.without_matching(binary, span)?;
            binary.matching = None;
        } else {
            self.matching(binary, span)?;
        }
        Ok(if scalars == 2 { ValueType::Scalar } else { ValueType::Vector })
    }

    fn matched_labels(&self, binary: &Binary) -> Result<(), ParseError> {
        let Some(matching) = binary.matching.as_ref().filter(|matching| matching.on) else { return Ok(()) };
        match matching.labels.iter().find(|label| matching.include.contains(label)) {
            Some(label) => {
                let message = format!("label {} must not occur in ON and GROUP clause at once", quote(label));
                Err(self.fail(binary.operator_span, message))
            }
            None => Ok(()),
        }
    }

    /// Where a side is a number, there is nothing to match.
    fn without_matching(&self, binary: &Binary, span: Span) -> Result<(), ParseError> {
        if let Some(matching) = &binary.matching {
            if !matching.labels.is_empty() {
                return Err(self.fail(span, "vector matching only allowed between instant vectors"));
            }
            if matching.fill != Fill::default() {
                return Err(self.fail(span, "filling in missing series only allowed between instant vectors"));
            }
        }
        if binary.operator.is_set() {
            let operator = quote(binary.operator.text());
            let message = format!("set operator {operator} not allowed in binary scalar expression");
            return Err(self.fail(span, message));
        }
        Ok(())
    }

    fn matching(&self, binary: &mut Binary, span: Span) -> Result<(), ParseError> {
        let Some(matching) = binary.matching.as_mut().filter(|_| binary.operator.is_set()) else { return Ok(()) };
        if matching.cardinality != Cardinality::OneToOne {
            let message = format!("no grouping allowed for {} operation", quote(binary.operator.text()));
            return Err(self.fail(span, message));
        }
        if matching.fill != Fill::default() {
            return Err(self.fail(span, "filling in missing series not allowed for set operators"));
        }
        matching.cardinality = Cardinality::ManyToMany;
        Ok(())
    }
}
