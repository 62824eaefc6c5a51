//! Runs scripts.

use std::fmt;

use promql::{Expr, Steps, StepSeries, Value};

use crate::judge::{judge, judge_annotations, judge_error};
use crate::pinned::{other_instants, pinned};
use crate::{Ask, Command, Script, Subject, When};

/// A range around an instant: a minute before, the instant, a minute after.
const AROUND: i64 = 60_000;

/// What came of a script.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cases there were.
    pub cases: usize,
    /// Those that failed, in order.
    pub failures: Vec<Failure>,
}

/// A case that failed.
#[derive(Debug)]
pub struct Failure {
    /// Where it stands, from 1.
    pub line: usize,
    /// The expression as the script has it; empty for series that could not be loaded.
    pub expr: String,
    /// What was expected, and what came out.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  {}", self.line, self.expr, self.message.trim_end())
    }
}

/// Carries out every command. A case is one `eval`, in all the ways in which it is asked.
pub fn run(script: &Script, subject: &mut dyn Subject) -> Report {
    let mut report = Report::default();
    subject.clear();
    for command in &script.commands {
        match command {
            Command::Clear => subject.clear(),
            Command::Load(load) => {
                if let Err(message) = subject.load(&load.series) {
                    report.failures.push(Failure { line: load.line, expr: String::new(), message });
                }
            }
            Command::Ask(ask) => {
                report.cases += 1;
                if let Err(message) = check(ask, subject) {
                    report.failures.push(Failure { line: ask.line, expr: ask.expr.clone(), message });
                }
            }
        }
    }
    report
}

fn check(ask: &Ask, subject: &dyn Subject) -> Result<(), String> {
    check_once(ask, subject, &ask.expr, ask.when)?;
    let When::Instant(at) = ask.when else { return Ok(()) };
    let Some(pinned) = Expr::parse(&ask.expr).ok().and_then(|expr| pinned(&expr, at)) else { return Ok(()) };
    let pinned = pinned.to_string();
    for instant in other_instants(at) {
        check_once(ask, subject, &pinned, When::Instant(instant))
            .map_err(|error| format!("asked as {pinned} at {instant}: {error}"))?;
    }
    Ok(())
}

fn check_once(ask: &Ask, subject: &dyn Subject, expr: &str, when: When) -> Result<(), String> {
    let outcome = match subject.ask(expr, when) {
        Err(error) => return judge_error(ask.expectation.fails.as_ref(), &error),
        Ok(_) if ask.expectation.fails.is_some() => return Err("expected it to fail, and it did not".to_owned()),
        Ok(outcome) => outcome,
    };
    judge_annotations(ask, &outcome.annotations)?;
    judge(ask, &outcome.value)?;
    match when {
        When::Instant(at) if is_the_same_in_a_range(ask, expr, &outcome.value) => {
            check_around(ask, subject, expr, at).map_err(|error| format!("asked as a range around {at}: {error}"))
        }
        _ => Ok(()),
    }
}

/// Whether it says the same at an instant of a range as at this instant alone.
fn is_the_same_in_a_range(ask: &Ask, expr: &str, value: &Value) -> bool {
    let is_of_steps = matches!(value, Value::Scalar { .. } | Value::Vector { .. });
    let tells_the_range = ["start()", "end()", "range()", "step()"].iter().any(|call| expr.contains(call));
    is_of_steps && !tells_the_range && !ask.expectation.is_ordered
}

fn check_around(ask: &Ask, subject: &dyn Subject, expr: &str, at: i64) -> Result<(), String> {
    let around = When::Range { start: at - AROUND, end: at + AROUND, step: AROUND };
    let is_scalar = Expr::parse(expr).is_ok_and(|expr| expr.value_type() == promql::ValueType::Scalar);
    let Value::Matrix { steps, series } = subject.ask(expr, around)?.value else {
        return Err("a range did not come out as a matrix".to_owned());
    };
    if let Some(pair) = series.windows(2).find(|pair| pair[0].labels > pair[1].labels) {
        return Err(format!("{:?} comes before {:?}", pair[0].labels, pair[1].labels));
    }
    let middle: Vec<StepSeries> = series.iter().filter_map(|series| middle(series, steps)).collect();
    let value = match (is_scalar, &middle[..]) {
        (true, [one]) => Value::Scalar { at, value: one.floats[0] },
        (true, _) => return Err(format!("a scalar came out as {} series", middle.len())),
        (false, _) => Value::Vector { at, series: middle },
    };
    judge(ask, &value)
}

/// Only the second of three steps; `None` where there is nothing.
fn middle(series: &StepSeries, steps: Steps) -> Option<StepSeries> {
    let step = steps.count() / 2;
    let mut middle = StepSeries::absent(series.labels.clone(), 1);
    middle.floats[0] = series.floats[step];
    if let Some(histogram) = series.histogram(step) {
        middle.set_histogram(0, std::sync::Arc::clone(histogram));
    }
    (!middle.is_empty()).then_some(middle)
}
