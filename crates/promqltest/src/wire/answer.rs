//! An answer, and how it differs from another.

use std::collections::BTreeMap;

use promql::{Histogram, Labels, Outcome, StepSeries, Value, is_absent};
use serde_json::{Value as Json, json};

/// How far two numbers may be apart, relative to the larger one.
const EPSILON: f64 = 1e-9;

/// What is so small is what rounding left of nothing.
const NOTHING: f64 = 1e-24;

/// What was answered.
#[derive(Debug)]
pub enum Answer {
    /// Why there is none.
    Error(String),
    /// Series, as the HTTP API shows them.
    Value {
        /// Values by labels and time. A scalar has no labels.
        series: BTreeMap<String, BTreeMap<i64, Sample>>,
        /// Warnings and infos, sorted.
        annotations: Vec<String>,
    },
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Sample {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram {
        /// Of all observations.
        count: f64,
        /// Of all observations.
        sum: f64,
        /// Those that are not empty.
        buckets: Vec<Bucket>,
    },
}

/// The rule of the bounds, both bounds, and the count.
pub type Bucket = (u8, f64, f64, f64);

impl Answer {
    /// Whether it tells nothing: an error, or no series.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Error(_) => true,
            Self::Value { series, .. } => series.is_empty(),
        }
    }
}

/// What differs first; `None` where nothing does. Numbers may be apart by a billionth of their size; errors that name one of
/// many series may name another.
pub fn difference(theirs: &Answer, ours: &Answer) -> Option<String> {
    let ((their_series, their_annotations), (our_series, our_annotations)) = match (theirs, ours) {
        (Answer::Error(theirs), Answer::Error(ours)) => {
            // Of many series that are wrong each names another.
            let what = |error: &str| error.split('{').next().unwrap_or_default().to_owned();
            return (what(theirs) != what(ours)).then(|| format!("theirs fails: {theirs}\n  ours fails: {ours}"));
        }
        (Answer::Error(theirs), Answer::Value { .. }) => return Some(format!("only theirs fails: {theirs}")),
        (Answer::Value { .. }, Answer::Error(ours)) => return Some(format!("only ours fails: {ours}")),
        (
            Answer::Value { series: theirs, annotations: their_annotations },
            Answer::Value { series: ours, annotations: our_annotations },
        ) => ((theirs, their_annotations), (ours, our_annotations)),
    };
    if their_annotations != our_annotations {
        return Some(format!("theirs says {their_annotations:?}\n  ours says {our_annotations:?}"));
    }
    if let Some(missing) = their_series.keys().find(|labels| !our_series.contains_key(*labels)) {
        return Some(format!("only theirs has {missing} {:?}", their_series[missing]));
    }
    for (labels, ours) in our_series {
        let Some(theirs) = their_series.get(labels) else { return Some(format!("only ours has {labels} {ours:?}")) };
        let times = theirs.keys().chain(ours.keys());
        for time in times {
            let (theirs, ours) = (theirs.get(time), ours.get(time));
            if !theirs.zip(ours).is_some_and(|(theirs, ours)| theirs.is_near(ours)) {
                return Some(format!("{labels} at {time}: theirs has {theirs:?}\n  ours has {ours:?}"));
            }
        }
    }
    None
}

impl Sample {
    fn is_near(&self, other: &Self) -> bool {
        // Nothing times NaN is NaN: whether such a bucket is there depends on whether an empty one was.
        let filled =
            |buckets: &[Bucket]| buckets.iter().copied().filter(|bucket| !bucket.3.is_nan()).collect::<Vec<_>>();
        match (self, other) {
            (Self::Float(one), Self::Float(other)) => is_near(*one, *other),
            (
                Self::Histogram { count, sum, buckets },
                Self::Histogram { count: other_count, sum: other_sum, buckets: other_buckets },
            ) => {
                let (buckets, other_buckets) = (filled(buckets), filled(other_buckets));
                is_near(*count, *other_count)
                    && is_near(*sum, *other_sum)
                    && buckets.len() == other_buckets.len()
                    && buckets.iter().zip(&other_buckets).all(|(one, other)| {
                        one.0 == other.0
                            && is_near(one.1, other.1)
                            && is_near(one.2, other.2)
                            && is_near(one.3, other.3)
                    })
            }
            _ => false,
        }
    }

    /// Empty buckets are left out by the API.
    fn of(histogram: &Histogram) -> Self {
        let buckets = histogram.buckets().filter(|bucket| bucket.count != 0.0);
        Self::Histogram {
            count: histogram.count(),
            sum: histogram.sum(),
            buckets: buckets.map(|bucket| (bucket.boundary_rule(), bucket.lower, bucket.upper, bucket.count)).collect(),
        }
    }
}

fn is_near(one: f64, other: f64) -> bool {
    let apart = (one - other).abs();
    one == other
        || (one.is_nan() && other.is_nan())
        || (apart.is_finite() && apart <= NOTHING.max(EPSILON * one.abs().max(other.abs())))
}

impl From<Result<Outcome, String>> for Answer {
    fn from(outcome: Result<Outcome, String>) -> Self {
        let Outcome { value, annotations, .. } = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Self::Error(error),
        };
        let mut series: BTreeMap<String, BTreeMap<i64, Sample>> = BTreeMap::new();
        let mut add = |labels: &Labels, samples: Vec<(i64, Sample)>| {
            series.entry(key_of(labels)).or_default().extend(samples);
        };
        match value {
            Value::Scalar { at, value } => add(&Labels::empty(), vec![(at, Sample::Float(value))]),
            Value::Text { value, .. } => return Self::Error(format!("a text: {value}")),
            Value::Vector { at, series } => series.iter().for_each(|one| add(&one.labels, columns(one, &[at]))),
            Value::Matrix { steps, series } => {
                let times: Vec<i64> = steps.iter().collect();
                series.iter().for_each(|one| add(&one.labels, columns(one, &times)));
            }
            Value::Samples(series) => {
                for one in &series {
                    let floats = one.floats.times.iter().zip(&one.floats.values);
                    let histograms = one.histograms.times.iter().zip(&one.histograms.values);
                    let floats = floats.map(|(time, value)| (*time, Sample::Float(*value)));
                    add(
                        &one.labels,
                        floats.chain(histograms.map(|(time, value)| (*time, Sample::of(value)))).collect(),
                    );
                }
            }
        }
        let annotations = annotations.warnings.into_iter().chain(annotations.infos).collect();
        Self::Value { series, annotations: comparable(annotations) }
    }
}

fn columns(series: &StepSeries, times: &[i64]) -> Vec<(i64, Sample)> {
    let floats = times.iter().zip(&series.floats).filter(|(_, value)| !is_absent(**value));
    let histograms = times.iter().zip(&series.histograms);
    let histograms = histograms.filter_map(|(time, value)| Some((*time, Sample::of(value.as_ref()?))));
    floats.map(|(time, value)| (*time, Sample::Float(*value))).chain(histograms).collect()
}

fn key_of(labels: &Labels) -> String {
    let labels: BTreeMap<&str, &str> = labels.iter().map(|(name, value)| (&**name, &**value)).collect();
    json!(labels).to_string()
}

/// Sorted, and without the number of samples that one of them is about, which Prometheus adds up wrongly.
fn comparable(texts: Vec<String>) -> Vec<String> {
    let without_samples = |text: String| match (text.find(", over "), text.find(" samples from ")) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &text[..from], &text[to..]),
        _ => text,
    };
    let mut texts: Vec<String> = texts.into_iter().map(without_samples).collect();
    texts.sort();
    texts
}

impl From<Json> for Answer {
    /// The body of an answer of the HTTP API.
    fn from(body: Json) -> Self {
        if body["status"] != "success" {
            return Self::Error(body["error"].as_str().unwrap_or_default().to_owned());
        }
        let (mut series, result) = (BTreeMap::new(), &body["data"]["result"]);
        if body["data"]["resultType"] == "scalar" {
            series.insert("{}".to_owned(), BTreeMap::from([(time(result), float(result))]));
        } else {
            for one in result.as_array().into_iter().flatten() {
                let labels: BTreeMap<&String, &Json> = one["metric"].as_object().into_iter().flatten().collect();
                let list = |name: &str| one[name].as_array().cloned().into_iter().flatten();
                let own = |name: &str| one.get(name).cloned().into_iter();
                let floats = own("value").chain(list("values")).map(|sample| (time(&sample), float(&sample)));
                let histograms = own("histogram").chain(list("histograms"));
                let histograms = histograms.map(|sample| (time(&sample), histogram(&sample)));
                series.insert(json!(labels).to_string(), floats.chain(histograms).collect());
            }
        }
        let texts = |name: &str| body[name].as_array().cloned().into_iter().flatten();
        let annotations = texts("warnings").chain(texts("infos"));
        let annotations = annotations.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        Self::Value { series, annotations: comparable(annotations) }
    }
}

/// Milliseconds of a pair of time and value.
fn time(sample: &Json) -> i64 {
    (sample[0].as_f64().unwrap_or_default() * 1_000.0).round() as i64
}

fn float(sample: &Json) -> Sample {
    Sample::Float(number(&sample[1]))
}

fn histogram(sample: &Json) -> Sample {
    let buckets = sample[1]["buckets"].as_array().into_iter().flatten();
    let bucket = |bucket: &Json| {
        let rule = bucket[0].as_u64().unwrap_or_default() as u8;
        (rule, number(&bucket[1]), number(&bucket[2]), number(&bucket[3]))
    };
    Sample::Histogram {
        count: number(&sample[1]["count"]),
        sum: number(&sample[1]["sum"]),
        buckets: buckets.map(bucket).collect(),
    }
}

/// Numbers are texts there.
fn number(text: &Json) -> f64 {
    let text = text.as_str().unwrap_or_default();
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: &str) -> Answer {
        let result = format!(r#"[{{"metric": {{"a": "b"}}, "value": [1.5, "{value}"]}}]"#);
        body(&format!(r#"{{"status": "success", "data": {{"resultType": "vector", "result": {result}}}}}"#))
    }

    fn body(text: &str) -> Answer {
        serde_json::from_str::<Json>(text).unwrap().into()
    }

    fn check(one: &Answer, other: &Answer, expected: bool) {
        assert_eq!(difference(one, other).is_none(), expected, "{one:?} {other:?}");
        assert_eq!(difference(other, one).is_none(), expected, "{other:?} {one:?}");
    }

    #[test]
    fn values_may_be_apart_by_a_billionth() {
        check(&answer("1"), &answer("1.0000000001"), true);
        check(&answer("1"), &answer("1.00000001"), false);
        check(&answer("NaN"), &answer("NaN"), true);
        check(&answer("NaN"), &answer("1"), false);
        check(&answer("+Inf"), &answer("+Inf"), true);
        check(&answer("+Inf"), &answer("1"), false);
        check(&answer("+Inf"), &answer("-Inf"), false);
    }

    #[test]
    fn series_and_errors_and_annotations_count() {
        let none = body(r#"{"status": "success", "data": {"resultType": "vector", "result": []}}"#);
        let warned = body(
            r#"{"status": "success", "data": {"resultType": "vector", "result": []}, "warnings": ["w, over 3 samples from 1"]}"#,
        );
        let warned_of_more = body(
            r#"{"status": "success", "data": {"resultType": "vector", "result": []}, "infos": ["w, over 4 samples from 1"]}"#,
        );
        let failed = |text: &str| body(&format!(r#"{{"status": "error", "error": "{text}"}}"#));
        check(&none, &answer("1"), false);
        check(&none, &warned, false);
        check(&warned, &warned_of_more, true);
        check(&none, &failed("x"), false);
        check(&failed("found {a=1}"), &failed("found {a=2}"), true);
        check(&failed("x"), &failed("y"), false);
    }

    #[test]
    fn an_answer_of_this_process_is_one_of_a_server() {
        let histogram = Histogram::parse("schema:0 count:3 sum:5 buckets:[1 0 2]").unwrap();
        let series = StepSeries {
            histograms: vec![Some(std::sync::Arc::new(histogram))],
            ..StepSeries::absent(Labels::new([("a", "b")]), 1)
        };
        let value = Value::Vector { at: 1_500, series: vec![series] };
        let ours = Answer::from(Ok(Outcome { value, annotations: promql::Annotations::default(), samples: 1 }));
        let histogram = r#"{"count": "3", "sum": "5", "buckets": [[0, "0.5", "1", "1"], [0, "2", "4", "2"]]}"#;
        let result = format!(r#"[{{"metric": {{"a": "b"}}, "histogram": [1.5, {histogram}]}}]"#);
        let theirs =
            body(&format!(r#"{{"status": "success", "data": {{"resultType": "vector", "result": {result}}}}}"#));
        check(&theirs, &ours, true);
    }
}
