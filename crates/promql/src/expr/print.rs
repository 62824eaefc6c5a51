//! Expressions as text, in one line.

use std::fmt;

use super::number::{write_duration, write_general, write_number};
use super::quote::quote;
use super::{
    Aggregate, At, Binary, Call, Cardinality, DurationExpr, DurationOperator, Expr, Extension, Fill, Group, Length,
    Number, RangeSelector, Selector, Subquery,
};
use crate::{METRIC_NAME, MatchOperator};

/// As Prometheus prints it: parsed again, it is the same expression.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(&quote(&text.value)),
            Self::Selector(selector) => selector.fmt(f),
            Self::Range(range) => range.fmt(f),
            Self::Subquery(subquery) => write!(f, "{}{}", subquery.inner, subquery.suffix()),
            Self::Call(call) => call.fmt(f),
            Self::Aggregate(aggregate) => aggregate.fmt(f),
            Self::Binary(binary) => write!(f, "{} {} {}", binary.left, binary.operation(), binary.right),
            Self::Unary(unary) => write!(f, "{}{}", if unary.is_negative { "-" } else { "+" }, unary.inner),
            Self::Paren(paren) => write!(f, "({})", paren.inner),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.value, self.is_duration))
    }
}

/// A number, or a length in seconds as such.
fn written(value: f64, is_duration: bool) -> String {
    if is_duration { write_duration((value * 1e9) as i64 / 1_000_000) } else { write_number(value) }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_matchers(f)?;
        write_at(f, self.at)?;
        write_extension(f, self.extension)?;
        write_offset(f, self.offset.as_ref())
    }
}

impl Selector {
    /// What it selects, without the rest.
    fn write_matchers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or_default();
        f.write_str(name)?;
        let mut matchers: Vec<String> = self
            .matchers
            .iter()
            .filter(|matcher| {
                let is_name = (matcher.name(), matcher.operator()) == (METRIC_NAME, MatchOperator::Equal);
                !is_name || matcher.value() != name || name.is_empty()
            })
            .map(ToString::to_string)
            .collect();
        if !matchers.is_empty() {
            matchers.sort_unstable();
            write!(f, "{{{}}}", matchers.join(","))?;
        }
        Ok(())
    }
}

impl fmt::Display for RangeSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selector.write_matchers(f)?;
        write!(f, "[{}]", self.range)?;
        write_extension(f, self.selector.extension)?;
        write_at(f, self.selector.at)?;
        write_offset(f, self.selector.offset.as_ref())
    }
}

impl Subquery {
    /// Brackets and what stands behind them.
    pub(super) fn suffix(&self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            write!(f, "[{}:", self.range)?;
            if let Some(step) = &self.step {
                write!(f, "{step}")?;
            }
            f.write_str("]")?;
            write_at(f, self.at)?;
            write_offset(f, self.offset.as_ref())
        })
    }
}

fn write_at(f: &mut fmt::Formatter<'_>, at: Option<At>) -> fmt::Result {
    match at {
        None => Ok(()),
        Some(At::Time(millis)) => write!(f, " @ {:.3}", millis as f64 / 1000.0),
        Some(At::Start) => f.write_str(" @ start()"),
        Some(At::End) => f.write_str(" @ end()"),
    }
}

fn write_extension(f: &mut fmt::Formatter<'_>, extension: Option<Extension>) -> fmt::Result {
    match extension {
        None => Ok(()),
        Some(Extension::Anchored) => f.write_str(" anchored"),
        Some(Extension::Smoothed) => f.write_str(" smoothed"),
    }
}

fn write_offset(f: &mut fmt::Formatter<'_>, offset: Option<&Length>) -> fmt::Result {
    match offset {
        None => Ok(()),
        Some(offset) => write!(f, " offset {offset}"),
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(millis) => f.write_str(&write_duration(*millis)),
            Self::Computed(duration) => duration.fmt(f),
        }
    }
}

impl fmt::Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { seconds, is_duration, .. } => f.write_str(&written(*seconds, *is_duration)),
            Self::Step(_) => f.write_str("step()"),
            Self::Range(_) => f.write_str("range()"),
            // A plus says nothing, and so is left out.
            Self::Unary { is_negative, inner, .. } => write!(f, "{}{inner}", if *is_negative { "-" } else { "" }),
            Self::Binary { operator, left, right, .. } => match operator {
                DurationOperator::Min | DurationOperator::Max => write!(f, "{}({left}, {right})", operator.text()),
                _ => write!(f, "{left} {} {right}", operator.text()),
            },
            Self::Paren(inner, _) => write!(f, "({inner})"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.name)?;
        for (at, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.operation())?;
        if let Some(parameter) = &self.parameter {
            write!(f, "{parameter}, ")?;
        }
        write!(f, "{})", self.inner)
    }
}

impl Aggregate {
    /// All that stands before the parenthesis.
    pub(super) fn operation(&self) -> String {
        let name = self.operator.name();
        match &self.group {
            Group::By(labels) if labels.is_empty() => name.to_owned(),
            Group::By(labels) => format!("{name} by ({}) ", write_labels(labels)),
            Group::Without(labels) => format!("{name} without ({}) ", write_labels(labels)),
        }
    }
}

impl Binary {
    /// The operator and what stands behind it.
    pub(super) fn operation(&self) -> String {
        let mut out = String::from(self.operator.text());
        if self.returns_bool {
            out.push_str(" bool");
        }
        let Some(matching) = &self.matching else { return out };
        let group = match matching.cardinality {
            Cardinality::ManyToOne => Some("group_left"),
            Cardinality::OneToMany => Some("group_right"),
            Cardinality::OneToOne | Cardinality::ManyToMany => None,
        };
        if !matching.labels.is_empty() || matching.on || group.is_some() {
            let clause = if matching.on { "on" } else { "ignoring" };
            out.push_str(&format!(" {clause} ({})", write_labels(&matching.labels)));
        }
        if let Some(group) = group {
            out.push_str(&format!(" {group} ({})", write_labels(&matching.include)));
        }
        out + &write_fill(matching.fill)
    }
}

fn write_fill(fill: Fill) -> String {
    match (fill.left, fill.right) {
        (Some(left), Some(right)) if left == right => format!(" fill ({})", write_general(left)),
        (left, right) => {
            let side = |name: &str, value: Option<f64>| {
                value.map_or_else(String::new, |value| format!(" {name} ({})", write_general(value)))
            };
            side("fill_left", left) + &side("fill_right", right)
        }
    }
}

fn write_labels(labels: &[String]) -> String {
    labels.iter().map(|label| write_label(label)).collect::<Vec<_>>().join(", ")
}

/// A label's name, in quotes where it could not be read without.
pub(crate) fn write_label(name: &str) -> String {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c == '_' || c.is_ascii_alphabetic());
    if begins && chars.all(|c| c == '_' || c.is_ascii_alphanumeric()) { name.to_owned() } else { quote(name) }
}
