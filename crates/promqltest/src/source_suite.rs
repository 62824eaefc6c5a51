//! What every `SeriesSource` does, whatever it keeps series in.

use std::sync::Arc;

use promql::{
    Buckets, CounterReset, Histogram, HistogramParts, Labels, MatchOperator, Matcher, Points, STALE, Selection, Series,
    SeriesSource,
};

use crate::MemorySource;

/// Samples of the suite are so far apart, milliseconds.
const STEP: i64 = 15_000;

/// Holds a source to the contract of [`SeriesSource`]: `build` makes one of exactly the series that it is given, of which
/// the first sample is at `from`, unix milliseconds, and the last less than an hour later. Panics with what differs from
/// the contract.
///
/// What a histogram says of counter resets is compared only as to whether it is a gauge: a source may know more or less.
pub fn check_source<S: SeriesSource>(from: i64, build: impl FnOnce(&[Series]) -> S) {
    let series = all(from);
    let mut expected = MemorySource::new(1);
    for one in &series {
        expected.add(one.clone()).expect("the suite's samples are in order");
    }
    let source = build(&series);
    for selection in selections(from) {
        let answer = read(&source, &selection);
        compare(&selection, &read(&expected, &selection), &answer);
        compare(&selection, &answer, &read(&source, &selection));
    }
}

/// All streams at once, each on a thread of its own; by labels.
fn read(source: &impl SeriesSource, selection: &Selection) -> Vec<Series> {
    let streams = source.select(selection).unwrap_or_else(|error| panic!("{selection:?}: {error}"));
    assert!(!streams.is_empty(), "{selection:?}: there is at least one stream");
    let mut series: Vec<Series> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            streams.into_iter().map(|stream| scope.spawn(|| stream.collect::<Result<Vec<Series>, _>>())).collect();
        let read = threads.into_iter().map(|thread| thread.join().expect("a stream does not panic"));
        read.flat_map(|series| series.unwrap_or_else(|error| panic!("{selection:?}: {error}"))).collect()
    });
    series.sort_by(|one, other| one.labels.cmp(&other.labels));
    series
}

fn compare(selection: &Selection, expected: &[Series], found: &[Series]) {
    let labels = |series: &[Series]| series.iter().map(|one| one.labels.clone()).collect::<Vec<_>>();
    assert_eq!(labels(found), labels(expected), "{selection:?}");
    for (found, expected) in found.iter().zip(expected) {
        let place = format!("{selection:?}: {:?}", expected.labels);
        let bits = |points: &Points<f64>| points.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(found.floats.times, expected.floats.times, "{place}");
        assert_eq!(bits(&found.floats), bits(&expected.floats), "{place}");
        assert_eq!(found.histograms.times, expected.histograms.times, "{place}");
        for (found, expected) in found.histograms.values.iter().zip(&expected.histograms.values) {
            let is_gauge = |histogram: &Histogram| histogram.counter_reset() == CounterReset::Gauge;
            assert_eq!(compacted(found), compacted(expected), "{place}");
            assert_eq!(is_gauge(found), is_gauge(expected), "{place}: {expected}");
        }
        if selection.wants_starts {
            assert_eq!(starts(&found.floats), starts(&expected.floats), "{place}");
            assert_eq!(starts(&found.histograms), starts(&expected.histograms), "{place}");
        }
    }
}

/// Empty buckets may be there or not.
fn compacted(histogram: &Histogram) -> Histogram {
    let mut histogram = histogram.clone();
    histogram.compact();
    histogram
}

/// One for each sample.
fn starts<T>(points: &Points<T>) -> Vec<i64> {
    if points.starts.is_empty() { vec![0; points.len()] } else { points.starts.clone() }
}

/// Every kind of series: many of one metric, names and values beyond ASCII, ends, odd floats, both kinds of samples.
fn all(from: i64) -> Vec<Series> {
    let mut series = Vec::new();
    for job in ["api", "worker", "api-2"] {
        for instance in ["0", "1", "10"] {
            let labels = [("__name__", "requests_total"), ("instance", instance), ("job", job)];
            series.push(floats(&labels, from, (0..20).map(f64::from)));
        }
    }
    series.push(floats(&[("__name__", "requests_total")], from, [7.0]));
    series.push(floats(&[("__name__", "requests"), ("job", "api")], from, [1.5, -0.0, f64::NAN, f64::INFINITY, STALE]));
    series.push(floats(&[("__name__", "http.größe"), ("ort/straße", "Zürich\n\"1\"\\")], from, [1e-300, 1e300]));
    series.push(floats(&[("__name__", "late"), ("job", "api")], from + 1_800_000, [1.0, 2.0]));
    let mut started = floats(&[("__name__", "started_total"), ("job", "api")], from, [1.0, 2.0, 0.0, 1.0]);
    started.floats.starts = [-5_000, -5_000, STEP + 1, STEP + 1].map(|start| from + start).to_vec();
    series.push(started);
    let exponential = |count: f64, counter_reset| {
        Arc::new(histogram(HistogramParts {
            counter_reset,
            schema: 3,
            zero_threshold: 0.001,
            zero_count: 1.0,
            count: 3.0 * count + 1.0,
            sum: 12.25,
            positive: Buckets::from_spans(&[(-2, 1), (3, 1)], vec![count, count]).expect("two buckets"),
            negative: Buckets::successive(4, vec![count]).expect("one bucket"),
            ..HistogramParts::default()
        }))
    };
    let counters = [1.0, 2.0, 5.0, 1.0].map(|count| exponential(count, CounterReset::Unknown));
    series.push(histograms(&[("__name__", "latency_seconds"), ("job", "api")], from, counters.to_vec()));
    let gauges = [2.0, 1.0].map(|count| exponential(count, CounterReset::Gauge));
    series.push(histograms(&[("__name__", "depth"), ("job", "api")], from, gauges.to_vec()));
    let custom = histogram(HistogramParts {
        schema: -53,
        count: 6.0,
        sum: 9.0,
        custom_bounds: Arc::from([0.5, 1.0, 5.0]),
        positive: Buckets::successive(0, vec![1.0, 2.0, 0.0, 3.0]).expect("four buckets"),
        ..HistogramParts::default()
    });
    series.push(histograms(&[("__name__", "size_bytes"), ("job", "api")], from, vec![Arc::new(custom)]));
    let mut mixed = floats(&[("__name__", "mixed"), ("job", "api")], from, [1.0, 2.0]);
    mixed.histograms.times = vec![from + 2 * STEP, from + 3 * STEP];
    mixed.histograms.values = vec![exponential(1.0, CounterReset::Unknown), exponential(2.0, CounterReset::Unknown)];
    series.push(mixed);
    series
}

fn histogram(parts: HistogramParts) -> Histogram {
    Histogram::new(parts).expect("the suite's histograms are whole")
}

fn floats(labels: &[(&str, &str)], from: i64, values: impl IntoIterator<Item = f64>) -> Series {
    let values: Vec<f64> = values.into_iter().collect();
    let times = (0..values.len() as i64).map(|at| from + at * STEP).collect();
    let floats = Points { times, starts: Vec::new(), values };
    Series { labels: Labels::new(labels.iter().copied()), floats, histograms: Points::new() }
}

fn histograms(labels: &[(&str, &str)], from: i64, values: Vec<Arc<Histogram>>) -> Series {
    let times = (0..values.len() as i64).map(|at| from + at * STEP).collect();
    let histograms = Points { times, starts: Vec::new(), values };
    Series { labels: Labels::new(labels.iter().copied()), floats: Points::new(), histograms }
}

/// Every kind of matcher over all of the time, and edges of time over all of the series.
fn selections(from: i64) -> Vec<Selection> {
    use MatchOperator::{Equal, NotEqual, NotRegex, Regex};
    let name = |name: &str| ("__name__", Equal, name.to_owned());
    let is = |label: &'static str, operator: MatchOperator, value: &str| (label, operator, value.to_owned());
    let matchers = [
        vec![name("requests_total")],
        vec![name("requests_total"), is("job", Equal, "api")],
        vec![name("requests_total"), is("job", NotEqual, "api")],
        vec![name("requests_total"), is("job", Regex, "api|worker")],
        vec![name("requests_total"), is("job", Regex, "api.*"), is("instance", NotRegex, "1.?")],
        vec![name("requests_total"), is("job", Regex, "pi")],
        vec![name("requests_total"), is("job", NotRegex, "a.*")],
        // A label that is not there is empty.
        vec![name("requests_total"), is("job", Equal, "")],
        vec![name("requests_total"), is("job", NotEqual, "")],
        vec![name("requests_total"), is("job", Regex, "|api")],
        vec![name("requests_total"), is("nowhere", Equal, "")],
        vec![name("requests_total"), is("nowhere", NotRegex, ".+")],
        vec![name("requests_total"), is("nowhere", Equal, "x")],
        // One label twice.
        vec![name("requests_total"), is("job", NotEqual, "api"), is("job", NotEqual, "worker")],
        vec![name("requests_total"), is("job", Equal, "api"), is("job", Equal, "worker")],
        // Names by other means than equality, or not at all.
        vec![is("__name__", Regex, "requests.*")],
        vec![is("__name__", NotEqual, "requests_total"), is("job", Equal, "api")],
        vec![is("job", Regex, ".+")],
        vec![is("instance", Regex, "1|10"), is("job", Equal, "worker")],
        vec![name("nothing_of_this_name")],
        vec![name("http.größe")],
        vec![is("ort/straße", Equal, "Zürich\n\"1\"\\")],
        vec![is("ort/straße", Regex, "Zürich(?s:.)*")],
        vec![name("latency_seconds")],
        vec![name("mixed")],
    ];
    let whole = |matchers: Vec<(&str, MatchOperator, String)>| Selection {
        matchers: matchers
            .into_iter()
            .map(|(label, operator, value)| Matcher::new(label, operator, value).expect("a matcher"))
            .collect(),
        after: from - 1,
        until: from + 3_600_000,
        wants_starts: false,
    };
    let mut selections: Vec<Selection> = matchers.into_iter().map(whole).collect();
    let everything = whole(vec![is("__name__", Regex, ".+")]);
    let edges = [
        (from - 1, from),
        (from, from),
        (from, from + STEP),
        (from + STEP, from + 3 * STEP),
        (from + STEP - 1, from + STEP + 1),
        (from - 7_200_000, from - 3_600_000),
        (from + 7_200_000, from + 10_800_000),
        (from - 3_600_000, from + 7_200_000),
    ];
    for (after, until) in edges {
        selections.push(Selection { after, until, wants_starts: true, ..everything.clone() });
    }
    selections.push(Selection { wants_starts: true, ..everything });
    selections
}
