//! Runs scripts.

use std::fmt;
use std::sync::Arc;

use promql::{Expr, StepSeries, Steps, Value, ValueType};

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
    let is_scalar = Expr::parse(expr).is_ok_and(|expr| expr.value_type() == ValueType::Scalar);
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
        middle.set_histogram(0, Arc::clone(histogram));
    }
    (!middle.is_empty()).then_some(middle)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use promql::{Annotations, Histogram, Labels, Outcome, Series};

    use super::*;

    /// Says the same whatever it is asked.
    struct Canned {
        series: Vec<StepSeries>,
        annotations: Annotations,
        asked: Cell<usize>,
    }

    impl Subject for Canned {
        fn clear(&mut self) {}

        fn load(&mut self, _: &[Series]) -> Result<(), String> {
            Ok(())
        }

        fn ask(&self, expr: &str, when: When) -> Result<Outcome, String> {
            self.asked.set(self.asked.get() + 1);
            if expr.contains("broken") {
                return Err("it is broken".to_owned());
            }
            let value = match when {
                When::Instant(at) => Value::Vector { at, series: self.series.clone() },
                When::Range { start, end, step } => {
                    let steps = Steps::range(start, end, step).unwrap();
                    let mut series = self.series.clone();
                    series.sort_by(|one, other| one.labels.cmp(&other.labels));
                    for one in &mut series {
                        one.floats = vec![one.floats[0]; steps.count()];
                        one.histograms =
                            one.histograms.first().map_or(vec![], |only| vec![only.clone(); steps.count()]);
                    }
                    Value::Matrix { steps, series }
                }
            };
            Ok(Outcome { value, annotations: self.annotations.clone(), samples: 0 })
        }
    }

    /// The answer is `b` 2, `a` 1, and a histogram `h`, with a warning; an empty expectation is that the case passes.
    fn check(ask: &str, expected: &str) {
        let labels = |name: &str| Labels::new([("name", name)]);
        let float = |name, value| StepSeries { floats: vec![value], ..StepSeries::absent(labels(name), 1) };
        let histogram = Histogram::parse("schema:0 count:3 sum:5 buckets:[1 2]").unwrap();
        let histogram =
            StepSeries { histograms: vec![Some(Arc::new(histogram))], ..StepSeries::absent(labels("h"), 1) };
        let mut subject = Canned {
            series: vec![float("b", 2.0), float("a", 1.0), histogram],
            annotations: Annotations::default(),
            asked: Cell::new(0),
        };
        subject.annotations.warnings.insert("PromQL warning: mind (1:1)".to_owned());
        let report = run(&Script::parse(ask).unwrap(), &mut subject);
        assert_eq!(report.cases, 1, "{ask}");
        let found: Vec<&str> = report.failures.iter().map(|failure| failure.message.as_str()).collect();
        match (expected, &found[..]) {
            ("", []) => {}
            (expected, [found]) if !expected.is_empty() && found.contains(expected) => {}
            _ => panic!("{ask}: {found:#?}"),
        }
    }

    const ALL: &str = r#"
        {name="a"} 1
        {name="b"} 2
        {name="h"} {{schema:0 count:3 sum:5 offset:-1 buckets:[0 1 2 0]}}"#;

    #[test]
    fn a_value_is_compared_series_by_series() {
        check(&format!("eval instant at 1m up{ALL}"), "");
        check(
            &format!("eval instant at 1m up{}", ALL.replace("} 2", "} 2.1")),
            r#"expected 2.1 at instant 0 of {name="b"}"#,
        );
        check(&format!("eval instant at 1m up{}", ALL.replace("[0 1 2 0]", "[0 1 3 0]")), r#"of {name="h"}"#);
        let (floats, _) = ALL.rsplit_once("{name").unwrap();
        check(&format!("eval instant at 1m up{floats}{{name=\"h\"}} 5"), "expected 5 at instant 0");
        check(&format!("eval instant at 1m up{ALL}\n{{name=\"c\"}} 1"), r#"expected {name="c"}, which is not there"#);
        check("eval instant at 1m up\n{name=\"a\"} 1", r#"did not expect {name="b"}"#);
        check("eval instant at 1m up\n1", "expected the scalar 1");
        check("eval instant at 1m up\nexpect string \"1\"", "expected the text");
    }

    #[test]
    fn hints_about_resets_are_compared_if_they_are_there() {
        let hinted = |hint: &str| ALL.replace("{{", &format!("{{{{counter_reset_hint:{hint} "));
        check(&format!("eval instant at 1m up{}", hinted("unknown")), "");
        check(&format!("eval instant at 1m up{}", hinted("gauge")), r#"of {name="h"}"#);
    }

    #[test]
    fn a_range_is_compared_step_by_step() {
        let range = |items: &str| {
            let histogram = "{{schema:0 count:3 sum:5 buckets:[1 2]}}x1";
            format!(
                "eval range from 0 to 1m step 1m up\n{{name=\"a\"}} {items}\n{{name=\"b\"}} 2 2\n{{name=\"h\"}} {histogram}"
            )
        };
        check(&range("1 1"), "");
        check(&range("1 2"), "expected 2 at instant 1");
        check(&range("1"), "expected nothing at instant 1");
        check(&range("1 1 _"), "is expected to have 3 values");
    }

    #[test]
    fn order_counts_where_it_is_expected() {
        let ordered = |names: [&str; 2]| {
            let [one, other] = names.map(|name| ALL.lines().find(|line| line.contains(name)).unwrap());
            let last = ALL.lines().last().unwrap();
            format!("eval instant at 1m up\nexpect ordered\n{one}\n{other}\n{last}")
        };
        check(&ordered(["\"b\"", "\"a\""]), "");
        check(&ordered(["\"a\"", "\"b\""]), "in place 2, not 1");
    }

    #[test]
    fn annotations_and_errors_are_compared() {
        let with = |line: &str| format!("eval instant at 1m up\n{line}{ALL}");
        check(&with("expect warn"), "");
        check(&with("expect warn msg: PromQL warning: mind (1:1)"), "");
        check(&with("expect warn regex: mind\nexpect no_info"), "");
        check(&with("expect warn msg: mind"), "expected warning");
        check(&with("expect no_warn"), "expected no warning");
        check(&with("expect info"), "expected info");
        check(&with("expect fail"), "expected it to fail");
        check("eval instant at 1m broken", "failed: it is broken");
        check("eval instant at 1m broken\nexpect fail msg: it is broken", "");
        check("eval instant at 1m broken\nexpect fail regex: whole", "expected it to fail with");
    }

    #[test]
    fn an_instant_is_asked_at_others_and_in_a_range_too() {
        let mut subject = Canned { series: vec![], annotations: Annotations::default(), asked: Cell::new(0) };
        let mut asked = |ask: &str| {
            run(&Script::parse(ask).unwrap(), &mut subject);
            subject.asked.take()
        };
        assert_eq!(asked("eval instant at 1m up"), 2 * (1 + 5));
        assert_eq!(asked("eval instant at 1m up * time()"), 2);
        assert_eq!(asked("eval instant at 1m up\nexpect ordered"), 1 + 5);
        assert_eq!(asked("eval range from 0 to 1m step 1m up"), 1);
    }
}
