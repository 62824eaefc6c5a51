//! What holds of any evaluation: limits, interruption, and that a range is what its instants are.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use promql::{
    EvaluateError, Expr, Histogram, HistogramParts, Limits, Outcome, Points, Question, STALE, Series, Steps, Value,
    evaluate, is_absent, parse_labels,
};
use promqltest::MemorySource;
use proptest::prelude::*;

/// Milliseconds from one sample to the next.
const INTERVAL: i64 = 15_000;

/// A series with one value each interval.
fn series(labels: &str, values: &[f64]) -> Series {
    let floats = Points {
        times: (0..values.len() as i64).map(|number| number * INTERVAL).collect(),
        starts: Vec::new(),
        values: values.to_vec(),
    };
    Series { labels: parse_labels(labels).expect("labels of a test"), floats, histograms: Points::new() }
}

/// `count` series of the metric `m_total` with so many samples each.
fn counters(count: usize, samples: usize) -> MemorySource {
    let mut source = MemorySource::new(1);
    for number in 0..count {
        let values: Vec<f64> = (0..samples).map(|sample| sample as f64).collect();
        source.add(series(&format!("m_total{{n=\"{number}\"}}"), &values)).expect("samples are in order");
    }
    source
}

fn ask(source: &MemorySource, text: &str, steps: Steps, limits: Limits) -> Result<Outcome, EvaluateError> {
    let expr = Expr::parse(text).expect("an expression of a test");
    let interrupt = &AtomicBool::new(false);
    let question = Question { expr: &expr, text, steps, lookback: 300_000, subquery_step: 60_000, limits, interrupt };
    evaluate(&question, source)
}

fn steps(count: i64) -> Steps {
    Steps::range(0, (count - 1) * INTERVAL, INTERVAL).expect("there are steps")
}

#[test]
fn series_are_let_go_one_by_one() {
    let limits = Limits { samples_max: 150, ..Limits::default() };
    // 1 000 samples are read, a hundred at a time.
    let outcome = ask(&counters(10, 100), "sum(rate(m_total[5m]))", steps(100), limits).expect("it is within limits");
    assert_eq!(outcome.samples, 1000);
}

#[test]
fn limits_are_errors_of_their_own() {
    let check = |text: &str, limits: Limits, message: &str| {
        let error = ask(&counters(10, 100), text, steps(100), limits).expect_err("a limit is reached");
        assert_eq!(error.to_string(), message, "{text}");
    };
    let samples = Limits { samples_max: 99, ..Limits::default() };
    let of_samples = "query processing would load too many samples into memory in query execution";
    check("sum(rate(m_total[5m]))", samples, of_samples);
    check("m_total", samples, of_samples);
    check("sum_over_time(vector(1)[1h:1s])", samples, of_samples);
    let values = Limits { values_max: 999, ..Limits::default() };
    let of_values = "the question would hold more than 999 values at once: use a longer step, a shorter range, or \
                     aggregate";
    check("m_total", values, of_values);
    check("m_total + 1", values, of_values);
    check("sort(m_total)", values, of_values);
    check("sum_over_time(vector(1)[100d:1ms])", values, of_values);
}

#[test]
fn samples_of_an_answer_stay_counted() {
    let check = |text: &str, samples_max: usize, is_answered: bool| {
        let limits = Limits { samples_max, ..Limits::default() };
        let found = ask(&counters(10, 100), text, Steps::instant(99 * INTERVAL), limits);
        assert_eq!(found.is_ok(), is_answered, "{text} with {samples_max}: {found:?}");
    };
    // Ten series of a hundred samples each, of which none may be let go before the answer is done.
    check("m_total[1h]", 1000, true);
    check("m_total[1h]", 999, false);
    check("m_total[25m:15s]", 1000, true);
    check("m_total[25m:15s]", 999, false);
}

#[test]
fn numbers_of_each_step_are_counted_while_they_are_held() {
    let check = |text: &str, values_max: usize, is_answered: bool| {
        let limits = Limits { values_max, ..Limits::default() };
        let found = ask(&counters(1, 1), text, Steps::instant(3_600_000), limits);
        let is_refused = matches!(found, Err(EvaluateError::TooManyValues { .. }));
        assert_eq!((found.is_ok(), is_refused), (is_answered, !is_answered), "{text} with {values_max}: {found:?}");
    };
    // Of 3 600 steps. What is on the left waits for what is on the right.
    let to_the_right = "count_over_time(vector(time() + (time() + (time() + time())))[1h:1s])";
    check(to_the_right, 4 * 3600, true);
    check(to_the_right, 4 * 3600 - 1, false);
    let to_the_left = "count_over_time(vector(time() + time() + time() + time())[1h:1s])";
    check(to_the_left, 2 * 3600, true);
    check(to_the_left, 2 * 3600 - 1, false);
    let bounded = "count_over_time(clamp(vector(1), scalar(m_total), 2)[1h:1s])";
    check(bounded, 4 * 3600, true);
    check(bounded, 2 * 3600, false);
    // The column that series pass through, and the answer.
    check("count_over_time(m_total[1h:1s])", 3601, true);
    check("count_over_time(m_total[1h:1s])", 3600, false);
}

#[test]
fn histograms_are_counted_by_what_they_need() {
    let mut source = MemorySource::new(1);
    for number in 0..4 {
        let samples = [(Sample::Histogram(1.0), false); 10];
        let labels = parse_labels(&format!("m{{n=\"{number}\"}}")).expect("labels of a test");
        source.add(Series { labels, ..series_of(&samples) }).expect("samples are in order");
    }
    let steps = Steps::range(1000, 9 * INTERVAL + 1000, INTERVAL).expect("there are steps");
    let check = |text: &str, values: usize| {
        for (values_max, is_answered) in [(values, true), (values - 1, false)] {
            let limits = Limits { values_max, ..Limits::default() };
            let found = ask(&source, text, steps, limits);
            assert_eq!(found.is_ok(), is_answered, "{text} with {values_max}: {found:?}");
        }
    };
    // One without buckets needs eleven, besides the place of each kind of sample at each of ten steps.
    let histogram = Histogram::empty().samples();
    assert_eq!(histogram, 11);
    check("m", 4 * (20 + 10 * histogram));
    check("m + m", 8 * (20 + 10 * histogram));
    // The same at every step.
    check("m @ 1", 4 * (20 + histogram));
    // While it is added up with what rounding loses, and as the answer.
    check("sum(m)", (10 + 10 * 2 * histogram) + (20 + 10 * histogram));
}

#[test]
fn what_a_join_looks_up_is_counted() {
    let mut source = MemorySource::new(1);
    let (present, gone) = ([1.0; 5], [STALE; 5]);
    source.add(series("a{n=\"1\"}", &[1.0; 10])).expect("samples are in order");
    source.add(series("b{n=\"1\",v=\"1\"}", &[present, gone].concat())).expect("samples are in order");
    source.add(series("b{n=\"1\",v=\"2\"}", &[gone, present].concat())).expect("samples are in order");
    source.add(series("c{job=\"1\"}", &[1.0; 10])).expect("samples are in order");
    source.add(series("target_info{job=\"1\",v=\"1\"}", &[1.0; 10])).expect("samples are in order");
    let check = |text: &str, values: usize| {
        for (values_max, is_answered) in [(values, true), (values - 1, false)] {
            let limits = Limits { values_max, ..Limits::default() };
            let found = ask(&source, text, steps(10), limits);
            assert_eq!(found.is_ok(), is_answered, "{text} with {values_max}: {found:?}");
        }
    };
    // Three columns, and which of two series there is at each step.
    check("a + on (n) b", 3 * 10 + 2 * 10);
    // A column, when the info series was heard of, and which counts.
    check("info(c)", 10 + 2 * 10 + 2 * 10);
}

#[test]
fn who_has_gone_gets_no_answer() {
    let expr = Expr::parse("sum(rate(m_total[5m]))").expect("an expression");
    let question = Question {
        expr: &expr,
        text: "",
        steps: steps(100),
        lookback: 300_000,
        subquery_step: 60_000,
        limits: Limits::default(),
        interrupt: &AtomicBool::new(true),
    };
    let error = evaluate(&question, &counters(1, 1)).expect_err("it is interrupted");
    assert!(matches!(error, EvaluateError::Interrupted), "{error}");
}

#[test]
fn only_numbers_and_vectors_have_steps() {
    let check = |text: &str, found: &str| {
        let error = ask(&counters(1, 1), text, steps(2), Limits::default()).expect_err("it has no steps");
        let message = format!("invalid expression type {found:?} for range query, must be Scalar or instant Vector");
        assert_eq!(error.to_string(), message);
    };
    check("m_total[5m]", "range vector");
    check("\"a\"", "string");
}

#[test]
fn the_deepest_expression_fits_into_a_small_stack() {
    for (open, close) in [("abs(", ")"), ("sum(", ")"), ("-(", ")"), ("max_over_time(", "[5m:1m])")] {
        let depth = (1..).take_while(|depth| Expr::parse(&nested(open, close, *depth)).is_ok()).last();
        let text = nested(open, close, depth.expect("one level is an expression"));
        let evaluated = thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || ask(&counters(1, 10), &text, Steps::instant(0), Limits::default()).is_ok())
            .expect("a thread can be started")
            .join();
        assert!(evaluated.expect("the stack is large enough"), "{open}");
    }
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}m_total{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn times_and_values_at_the_edges_of_what_can_be_counted_are_answered() {
    let source = counters(2, 20);
    let mut asked = 0;
    for inner in
        ["m_total", "m_total smoothed", "day_of_month(vector(1e308))", "year(vector(-Inf))", "hour(vector(NaN))"]
    {
        for modifier in ["", " @ 9223372036854774", " @ -9223372036854774", " offset 290y", " offset -290y"] {
            for text in [
                format!("{inner}{modifier}"),
                format!("timestamp({inner}{modifier})"),
                format!("rate({inner}[290y]{modifier})"),
                format!("increase(m_total[290y] smoothed{modifier})"),
                format!("predict_linear({inner}[5m]{modifier}, 1e300)"),
                format!("max_over_time({inner}[290y:290y]{modifier})"),
                format!("({inner})[1h:1ms]{modifier}"),
            ] {
                let Ok(expr) = Expr::parse(&text) else { continue };
                for at in [i64::MIN, -1, 0, i64::MAX] {
                    let limits = Limits { values_max: 1_000_000, ..Limits::default() };
                    let interrupt = &AtomicBool::new(false);
                    let steps = Steps::instant(at);
                    let (lookback, subquery_step) = (i64::MAX, i64::MAX);
                    let text = &text;
                    let question = Question { expr: &expr, text, steps, lookback, subquery_step, limits, interrupt };
                    // There may be no answer; but there is an end.
                    asked += usize::from(evaluate(&question, &source).is_ok());
                }
            }
        }
    }
    assert!(asked > 100, "only {asked} had an answer");
}

/// Times of samples are not those of steps, and the last step is not the end.
const STEPS: (i64, i64, i64) = (40_000, 700_000, 37_000);

/// Each value of a range is that of the instant.
fn check_instants(source: &MemorySource, text: &str) {
    let (start, end, step) = STEPS;
    let steps = Steps::range(start, end, step).expect("there are steps");
    let range = ask(source, text, steps, Limits::default()).expect("a range is evaluated");
    let Value::Matrix { series: rows, .. } = range.value else { panic!("{text}: not a matrix") };
    for (number, at) in steps.iter().enumerate() {
        let instant = ask(source, text, Steps::instant(at), Limits::default()).expect("an instant is evaluated");
        let Value::Vector { series: expected, .. } = instant.value else { panic!("{text}: not a vector") };
        let found: Vec<_> = rows.iter().filter(|row| row.has(number)).collect();
        assert_eq!(found.len(), expected.len(), "{text} at {at}");
        for (found, expected) in found.into_iter().zip(&expected) {
            assert_eq!(found.labels, expected.labels, "{text} at {at}");
            let (one, other) = (found.floats[number], expected.floats[0]);
            assert!(one == other || (one.is_nan() && other.is_nan()), "{text} at {at}: {one} is not {other}");
            assert_eq!(is_absent(one), is_absent(other), "{text} at {at}");
            assert_eq!(found.histogram(number), expected.histogram(0), "{text} at {at}");
        }
    }
}

/// A sample of a series: none, a float or a histogram, and whether the counter began anew just before it.
#[derive(Clone, Copy, Debug)]
enum Sample {
    Missing,
    Stale,
    Float(f64),
    Histogram(f64),
}

fn samples() -> impl Strategy<Value = Vec<(Sample, bool)>> {
    let value = prop_oneof![4 => (0..50_u8).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    let sample = prop_oneof![
        1 => Just(Sample::Missing),
        1 => Just(Sample::Stale),
        8 => value.prop_map(Sample::Float),
        2 => (0..50_u8).prop_map(|count| Sample::Histogram(f64::from(count))),
    ];
    proptest::collection::vec((sample, proptest::bool::weighted(0.1)), 0..50)
}

fn series_of(samples: &[(Sample, bool)]) -> Series {
    let mut series = series("m_total", &[]);
    let mut start = -INTERVAL;
    for (number, (sample, is_anew)) in samples.iter().enumerate() {
        let time = number as i64 * INTERVAL + 1000;
        if *is_anew {
            start = time - INTERVAL / 2;
        }
        let value = match sample {
            Sample::Missing => continue,
            Sample::Stale => STALE,
            Sample::Float(value) => *value,
            Sample::Histogram(count) => {
                let parts = HistogramParts { count: *count, sum: count * 2.0, ..HistogramParts::default() };
                series.histograms.times.push(time);
                series.histograms.starts.push(start);
                series.histograms.values.push(Arc::new(Histogram::new(parts).expect("a histogram without buckets")));
                continue;
            }
        };
        series.floats.times.push(time);
        series.floats.starts.push(start);
        series.floats.values.push(value);
    }
    series
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_range_is_what_its_instants_are(samples in samples()) {
        let mut source = MemorySource::new(1);
        source.add(series_of(&samples)).expect("samples are in order");
        for text in [
            "m_total",
            "m_total offset -20s",
            "m_total smoothed",
            "timestamp(m_total)",
            "start_timestamp(m_total)",
            "histogram_count(m_total)",
            "rate(m_total[1m])",
            "increase(m_total[45s] offset 1m)",
            "delta(m_total[2m])",
            "rate(m_total[1m] anchored)",
            "increase(m_total[1m] smoothed)",
            "delta(m_total[1m] smoothed)",
            "changes(m_total[1m] anchored)",
            "resets(m_total[3m])",
            "irate(m_total[1m])",
            "idelta(m_total[1m])",
            "sum_over_time(m_total[1m])",
            "last_over_time(m_total[20s])",
            "quantile_over_time(0.3, m_total[2m])",
            "predict_linear(m_total[2m], 60)",
            "max_over_time(rate(m_total[1m])[3m:20s])",
            "sum_over_time(m_total[1m] @ 200) + time()",
            "absent_over_time(m_total[20s])",
        ] {
            check_instants(&source, text);
        }
    }
}
