//! Whole expressions over series that have a sample at each step, read by one thread and by several.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use crate::{
    ABSENT, AggregateOperator, Expr, Histogram, Labels, Limits, Points, Question, Selection, Series, SeriesSource,
    SeriesStream, SourceError, StepSeries, Steps, Value, evaluate, is_absent, parse_labels,
};

/// Milliseconds from one step to the next; samples are at the steps.
const STEP: i64 = 60_000;

/// Series in memory, in as many streams as are asked for.
struct Rows {
    series: Vec<Series>,
    streams: usize,
}

impl SeriesSource for Rows {
    fn select<'a>(&'a self, selection: &Selection) -> Result<Vec<SeriesStream<'a>>, SourceError> {
        let matches = |series: &&Series| {
            selection.matchers.iter().all(|one| one.matches(series.labels.get(one.name()).unwrap_or_default()))
        };
        let found: Vec<&Series> = self.series.iter().filter(matches).collect();
        let stream = |number: usize| -> SeriesStream<'a> {
            let own: Vec<Series> = found.iter().skip(number).step_by(self.streams).map(|one| (*one).clone()).collect();
            Box::new(own.into_iter().map(Ok))
        };
        Ok((0..self.streams).map(stream).collect())
    }
}

/// A row: labels, then what there is at each step by spaces: a number, `_`, or a histogram without braces and spaces.
fn series(row: &str) -> Series {
    let (labels, samples) = row.split_once(' ').unwrap_or((row, ""));
    let mut series = Series {
        labels: parse_labels(labels).expect("labels of a test"),
        floats: Points::new(),
        histograms: Points::new(),
    };
    for (number, sample) in samples.split_whitespace().enumerate() {
        let time = number as i64 * STEP;
        if sample == "_" {
            continue;
        }
        if let Ok(value) = sample.parse::<f64>() {
            series.floats.times.push(time);
            series.floats.values.push(value);
            continue;
        }
        let histogram = Histogram::parse(&sample.replace(';', " ")).expect("a histogram of a test");
        series.histograms.times.push(time);
        series.histograms.values.push(Arc::new(histogram));
    }
    series
}

/// What comes of an expression over rows, and its annotations.
fn answer(text: &str, rows: &[Series], steps: usize, streams: usize) -> Result<(Vec<StepSeries>, Vec<String>), String> {
    let source = Rows { series: rows.to_vec(), streams };
    let expr = Expr::parse(text).map_err(|error| error.to_string())?;
    let question = Question {
        expr: &expr,
        text,
        steps: Steps::range(0, (steps as i64 - 1) * STEP, STEP).expect("steps of a test"),
        // Less than a step: what is not there at a step is not there.
        lookback: 1,
        subquery_step: STEP,
        limits: Limits { threads: streams, ..Limits::default() },
        interrupt: &AtomicBool::new(false),
    };
    let outcome = evaluate(&question, &source).map_err(|error| error.to_string())?;
    let Value::Matrix { series, .. } = outcome.value else { return Err("not a matrix".to_owned()) };
    let annotations = outcome.annotations.warnings.into_iter().chain(outcome.annotations.infos).collect();
    Ok((series, annotations))
}

/// As rows are written.
fn row(series: &StepSeries) -> String {
    let mut text = format!("{:?}", series.labels);
    for step in 0..series.floats.len() {
        text.push(' ');
        match series.histogram(step) {
            Some(histogram) => text.push_str(&histogram.to_string()),
            None if is_absent(series.floats[step]) => text.push('_'),
            None => text.push_str(&series.floats[step].to_string()),
        }
    }
    text
}

/// Rows, an expression, and what comes of it with one thread and with three: rows in any order, and annotations.
fn check(rows: &[&str], text: &str, expected: &[&str]) {
    let rows: Vec<Series> = rows.iter().map(|row| series(row)).collect();
    let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
    expected.sort();
    for streams in [1, 3] {
        let mut found = match answer(text, &rows, 3, streams) {
            Ok((series, annotations)) => series.iter().map(row).chain(annotations).collect(),
            Err(error) => vec![error],
        };
        found.sort();
        assert_eq!(found, expected, "{text}, {streams} streams");
    }
}

const REQUESTS: [&str; 4] = [
    r#"m{job="a",i="1"} 1 2 _"#,
    r#"m{job="a",i="2"} 3 NaN _"#,
    r#"m{job="b",i="1"} 5 -1 7"#,
    r#"m{job="b",i="2"} 7 _ 1"#,
];

#[test]
fn aggregates_make_a_column_per_group() {
    let check = |text: &str, expected: &[&str]| check(&REQUESTS, text, expected);
    check("sum(m)", &["{} 16 NaN 8"]);
    check("sum by (job) (m)", &[r#"{job="a"} 4 NaN _"#, r#"{job="b"} 12 -1 8"#]);
    check("avg without (i) (m)", &[r#"{job="a"} 2 NaN _"#, r#"{job="b"} 6 -1 4"#]);
    check("count by (i) (m)", &[r#"{i="1"} 2 2 1"#, r#"{i="2"} 2 1 1"#]);
    check("group by (nothing) (m)", &["{} 1 1 1"]);
    check("min(m)", &["{} 1 -1 1"]);
    check("max by (job) (m)", &[r#"{job="a"} 3 2 _"#, r#"{job="b"} 7 -1 7"#]);
    check("stdvar by (job) (m)", &[r#"{job="a"} 1 NaN _"#, r#"{job="b"} 1 0 9"#]);
    check("stddev by (job) (m)", &[r#"{job="a"} 1 NaN _"#, r#"{job="b"} 1 0 3"#]);
    check("quantile(0.5, m)", &["{} 4 -1 4"]);
    check("sum(nothing)", &[]);
    check(
        r#"count_values("v", m)"#,
        &[
            r#"{v="-1"} _ 1 _"#,
            r#"{v="1"} 1 _ 1"#,
            r#"{v="2"} _ 1 _"#,
            r#"{v="3"} 1 _ _"#,
            r#"{v="5"} 1 _ _"#,
            r#"{v="7"} 1 _ 1"#,
            r#"{v="NaN"} _ 1 _"#,
        ],
    );
    check(r#"count_values by (job) ("job", m > 6)"#, &[r#"{job="7"} 1 _ 1"#]);
}

#[test]
fn a_few_series_are_chosen_anew_at_each_step() {
    let check = |text: &str, expected: &[&str]| check(&REQUESTS, text, expected);
    let named = |labels: &str, values: &str| format!(r#"{{__name__="m", {labels}}} {values}"#);
    check(
        "topk(1, m)",
        &[
            &named(r#"i="1", job="a""#, "_ 2 _"),
            &named(r#"i="1", job="b""#, "_ _ 7"),
            &named(r#"i="2", job="b""#, "7 _ _"),
        ],
    );
    check(
        "bottomk by (job) (1, m)",
        &[
            &named(r#"i="1", job="a""#, "1 2 _"),
            &named(r#"i="1", job="b""#, "5 -1 _"),
            &named(r#"i="2", job="b""#, "_ _ 1"),
        ],
    );
    check("count(limitk by (job) (1, m))", &["{} 2 2 1"]);
    check("count(limit_ratio(0.5, m) or limit_ratio(-0.5, m))", &["{} 4 3 2"]);
    check("limit_ratio(0.5, m) and limit_ratio(-0.5, m)", &[]);
    check("topk(0.5, m)", &[]);
}

#[test]
fn parameters_that_an_aggregate_cannot_take_are_told() {
    let check = |text: &str, expected: &[&str]| check(&["m 1 2 3"], text, expected);
    check("topk(NaN, m)", &["Parameter value is NaN"]);
    check("limitk(1e30, m)", &["Scalar value 1e+30 overflows int64"]);
    check("bottomk(-1e30 + 1e31 * (time() > bool 60), m)", &["Scalar value -1e+30 underflows int64"]);
    check("limit_ratio(NaN, m)", &["Ratio value is NaN"]);
    check(
        "count(limit_ratio(2, m))",
        &["{} 1 1 1", "PromQL warning: ratio value should be between -1 and 1, got 2, capping to 1 (1:19)"],
    );
    check(
        "quantile(-1, m)",
        &["{} -inf -inf -inf", "PromQL warning: quantile value should be between 0 and 1, got -1 (1:10)"],
    );
    check(r#"count_values("", m)"#, &[r#"invalid label name """#]);
}

const MIXED: [&str; 3] = [
    r#"m{i="1"} 1 count:2;sum:3;buckets:[2] count:2;sum:3;buckets:[2]"#,
    r#"m{i="2"} 5 count:1;sum:1;buckets:[1] 7"#,
    r#"m{i="3"} _ schema:-53;count:1;sum:1;custom_values:[1];buckets:[1] _"#,
];

#[test]
fn floats_and_histograms_do_not_mix() {
    check(
        &MIXED[..2],
        "sum(m)",
        &[
            "{} 6 {{count:3 sum:4 buckets:[3]}} _",
            "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)",
        ],
    );
    check(
        &MIXED[..2],
        "avg(m)",
        &[
            "{} 3 {{count:1.5 sum:2 buckets:[1.5]}} _",
            "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)",
        ],
    );
    check(&MIXED[..2], "count(m)", &["{} 2 2 2"]);
    check(&MIXED[..2], "max((m))", &["{} 5 _ 7", "PromQL info: ignored histogram in max aggregation (1:6)"]);
    check(
        &MIXED[..2],
        "topk(1, m)",
        &[r#"{__name__="m", i="2"} 5 _ 7"#, "PromQL info: ignored histogram in topk aggregation (1:1)"],
    );
    check(
        &MIXED[1..],
        "sum(m)",
        &[
            "{} 5 _ 7",
            "PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name \
         \"m\" (1:5)",
        ],
    );
    check(
        &MIXED[..2],
        r#"m{i="1"} + on () m{i="2"}"#,
        &[
            "{} 6 {{count:3 sum:4 buckets:[3]}} _",
            "PromQL info: incompatible sample types encountered for binary operator \"+\": histogram + float (1:1)",
        ],
    );
    check(&MIXED[..1], "m * 2", &[r#"{i="1"} 2 {{count:4 sum:6 buckets:[4]}} {{count:4 sum:6 buckets:[4]}}"#]);
    check(
        &MIXED[..1],
        "m > 0",
        &[
            r#"{__name__="m", i="1"} 1 _ _"#,
            "PromQL info: incompatible sample types encountered for binary operator \">\": histogram > float (1:1)",
        ],
    );
}

#[test]
fn a_mean_of_floats_whose_sum_is_infinite_is_finite() {
    check(
        &["m{i=\"1\"} 1e308 Inf 1", "m{i=\"2\"} 1e308 1 -Inf", "m{i=\"3\"} 1e308 1 Inf"],
        "avg(m) / 1e308",
        &["{} 1 inf NaN"],
    );
}

const SIDES: [&str; 5] = [
    r#"a{job="x",i="1"} 1 2 3"#,
    r#"a{job="x",i="2"} 4 _ 6"#,
    r#"b{job="x",c="red"} 10 20 _"#,
    r#"b{job="x",c="blue"} _ _ 30"#,
    r#"b{job="y",c="blue"} 1 1 1"#,
];

#[test]
fn two_vectors_are_matched_step_by_step() {
    let check = |text: &str, expected: &[&str]| check(&SIDES, text, expected);
    check("a * on (job) group_left b", &[r#"{i="1", job="x"} 10 40 90"#, r#"{i="2", job="x"} 40 _ 180"#]);
    check(
        "b - on (job) group_right (c) a",
        &[
            r#"{c="red", i="1", job="x"} 9 18 _"#,
            r#"{c="blue", i="1", job="x"} _ _ 27"#,
            r#"{c="red", i="2", job="x"} 6 _ _"#,
            r#"{c="blue", i="2", job="x"} _ _ 24"#,
        ],
    );
    check(
        "a * on (job) group_left (c) b",
        &[
            r#"{c="red", i="1", job="x"} 10 40 _"#,
            r#"{c="blue", i="1", job="x"} _ _ 90"#,
            r#"{c="red", i="2", job="x"} 40 _ _"#,
            r#"{c="blue", i="2", job="x"} _ _ 180"#,
        ],
    );
    check(r#"a{i="1"} < on (job) b"#, &[r#"{job="x"} 1 2 3"#]);
    check(r#"a{i="1"} > bool on (job) b"#, &[r#"{job="x"} 0 0 0"#]);
    check(r#"a{i="1"} * ignoring (i, c) b"#, &[r#"{job="x"} 10 40 90"#]);
    check("a < 3", &[r#"{__name__="a", i="1", job="x"} 1 2 _"#]);
    check("3 > a", &[r#"{__name__="a", i="1", job="x"} 1 2 _"#]);
    check("2 ^ a", &[r#"{i="1", job="x"} 2 4 8"#, r#"{i="2", job="x"} 16 _ 64"#]);
}

#[test]
fn what_has_no_match_can_be_filled_in() {
    let check = |text: &str, expected: &[&str]| check(&SIDES, text, expected);
    check(r#"a{i="2"} + on (job) fill (100) b"#, &[r#"{job="x"} 14 120 36"#, r#"{job="y"} 101 101 101"#]);
    check(r#"a{i="2"} + on (job) fill_left (100) b"#, &[r#"{job="x"} 14 120 36"#, r#"{job="y"} 101 101 101"#]);
    check(r#"a + on (job, i) fill_right (1) b"#, &[r#"{i="1", job="x"} 2 3 4"#, r#"{i="2", job="x"} 5 _ 7"#]);
    check(r#"b{c="red"} - on (job) group_right fill_right (0) a{job="z"}"#, &[r#"{job="x"} 10 20 _"#]);
}

#[test]
fn more_matches_than_there_may_be_are_an_error() {
    let check = |text: &str, expected: &str| check(&SIDES, text, &[expected]);
    check(
        r#"b{job="x"} + on (job) a"#,
        r#"found duplicate series for the match group {job="x"} on the right hand-side of the operation: [{__name__="a", i="1", job="x"}, {__name__="a", i="2", job="x"}];many-to-many matching not allowed: matching labels must be unique on one side"#,
    );
    check(
        "a * on (job) group_right b",
        r#"found duplicate series for the match group {job="x"} on the left hand-side of the operation: [{__name__="a", i="1", job="x"}, {__name__="a", i="2", job="x"}];many-to-many matching not allowed: matching labels must be unique on one side"#,
    );
    let several = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)";
    check("a + on (job) b", several);
    check("a < on (job) b", several);
    let same = "multiple matches for labels: grouping labels must ensure unique matches";
    check("a + on (job) group_left (i) b", same);
    check("a > on (job) group_left (i) b", same);
    // The first step at which anything is wrong is told.
    let rows = ["a{i=\"1\"} 1 _ 1", "a{i=\"2\"} 1 1 _", "b{i=\"1\"} 1 1 _", "b{i=\"2\"} _ 1 _"];
    self::check(&rows, "a + on () b", &[several]);
}

#[test]
fn sets_are_of_steps() {
    let check = |text: &str, expected: &[&str]| check(&SIDES, text, expected);
    check(
        r#"a and on (job) b{c="blue"}"#,
        &[r#"{__name__="a", i="1", job="x"} _ _ 3"#, r#"{__name__="a", i="2", job="x"} _ _ 6"#],
    );
    check(
        r#"a unless on (job) b{c="blue"}"#,
        &[r#"{__name__="a", i="1", job="x"} 1 2 _"#, r#"{__name__="a", i="2", job="x"} 4 _ _"#],
    );
    check(
        r#"b{c="red"} or on (job) b"#,
        &[
            r#"{__name__="b", c="red", job="x"} 10 20 _"#,
            r#"{__name__="b", c="blue", job="x"} _ _ 30"#,
            r#"{__name__="b", c="blue", job="y"} 1 1 1"#,
        ],
    );
    check("a and nothing", &[]);
    check(r#"a{i="2"} unless nothing"#, &[r#"{__name__="a", i="2", job="x"} 4 _ 6"#]);
}

#[test]
fn labels_are_made_of_labels() {
    let check = |text: &str, expected: &[&str]| check(&SIDES[3..], text, expected);
    check(
        r#"label_replace(b, "d", "$1-$0", "job", "(.)")"#,
        &[
            r#"{__name__="b", c="blue", d="x-x", job="x"} _ _ 30"#,
            r#"{__name__="b", c="blue", d="y-y", job="y"} 1 1 1"#,
        ],
    );
    check(r#"label_join(b, "job", "/", "c", "none")"#, &["vector cannot contain metrics with the same labelset"]);
    check(r#"label_replace(b, "job", "z", "job", ".*")"#, &["vector cannot contain metrics with the same labelset"]);
    check(r#"label_replace(b, "", "", "job", "")"#, &["invalid destination label name in label_replace(): "]);
    check(r#"label_replace(b, "d", "", "job", "(")"#, &["invalid regular expression in label_replace(): ("]);
}

#[test]
fn absence_is_told_with_the_labels_that_were_wanted() {
    let check = |text: &str, expected: &[&str]| check(&SIDES, text, expected);
    check(r#"absent(a{i="2"})"#, &[r#"{i="2"} _ 1 _"#]);
    check(r#"absent(nothing{x="1", y=~"2", z="3", z="4"})"#, &[r#"{x="1"} 1 1 1"#]);
    check("absent(sum(nothing))", &["{} 1 1 1"]);
    check("absent(a)", &[]);
    check(r#"vector(scalar(a{i="2"}))"#, &["{} 4 NaN 6"]);
    check("vector(scalar(a))", &["{} NaN 2 NaN"]);
}

#[test]
fn info_labels_are_those_of_the_same_job_and_instance() {
    let rows = [
        r#"m{job="j",instance="i"} 1 2 3"#,
        r#"m{job="j",instance="other"} 1 2 3"#,
        r#"target_info{job="j",instance="i",version="1"} 1 _ _"#,
        r#"target_info{job="j",instance="i",version="2"} _ 1 _"#,
        r#"build_info{job="j",instance="i",by="me"} 1 1 1"#,
    ];
    check(
        &rows,
        "info(m)",
        &[
            r#"{__name__="m", instance="i", job="j", version="1"} 1 _ _"#,
            r#"{__name__="m", instance="i", job="j", version="2"} _ 2 _"#,
            r#"{__name__="m", instance="i", job="j"} _ _ 3"#,
            r#"{__name__="m", instance="other", job="j"} 1 2 3"#,
        ],
    );
    check(
        &rows,
        r#"info(m, {version=~".+"})"#,
        &[
            r#"{__name__="m", instance="i", job="j", version="1"} 1 _ _"#,
            r#"{__name__="m", instance="i", job="j", version="2"} _ 2 _"#,
        ],
    );
    check(
        &rows,
        r#"info(m{instance="i"}, {__name__="build_info"})"#,
        &[r#"{__name__="m", by="me", instance="i", job="j"} 1 2 3"#],
    );
}

proptest! {
    /// How series are spread over threads changes nothing.
    #[test]
    fn threads_do_not_change_an_aggregate(
        values in prop::collection::vec(prop::collection::vec(prop_oneof![
            Just(ABSENT), Just(f64::NAN), Just(f64::INFINITY), Just(1e308), -1e3..1e3
        ], 3), 1..8),
        operator in prop::sample::select(&AggregateOperator::ALL[..]),
    ) {
        let row = |(number, values): (usize, &Vec<f64>)| {
            let labels = Labels::new([("__name__", "m".to_owned()), ("i", number.to_string()), ("g", (number % 2).to_string())]);
            let mut floats = Points::new();
            for (step, value) in values.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                floats.times.push(step as i64 * STEP);
                floats.values.push(*value);
            }
            Series { labels, floats, histograms: Points::new() }
        };
        let rows: Vec<Series> = values.iter().enumerate().map(row).filter(|row| !row.floats.is_empty()).collect();
        let parameter = match operator {
            AggregateOperator::TopK | AggregateOperator::BottomK | AggregateOperator::LimitK => "2, ",
            AggregateOperator::Quantile | AggregateOperator::LimitRatio => "0.3, ",
            AggregateOperator::CountValues => "\"v\", ",
            _ => "",
        };
        let text = format!("{} by (g) ({parameter}m)", operator.name());
        let all = |streams: usize| {
            let (mut series, _) = answer(&text, &rows, 3, streams).expect("an aggregate of floats");
            series.sort_by(|one, other| one.labels.cmp(&other.labels));
            series
        };
        let (one, three) = (all(1), all(3));
        prop_assert_eq!(one.len(), three.len());
        for (one, three) in one.iter().zip(&three) {
            prop_assert_eq!(&one.labels, &three.labels);
            for (left, right) in one.floats.iter().zip(&three.floats) {
                let is_near = (left - right).abs() <= 1e-9 * left.abs().max(right.abs()) || left == right;
                prop_assert!(is_near || left.is_nan() && right.is_nan() && is_absent(*left) == is_absent(*right),
                    "{} {left} {right}", text);
            }
        }
    }
}
