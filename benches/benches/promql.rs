//! Evaluating PromQL over series in memory: what a range, a window and a quantile cost without a store below them.

use std::sync::atomic::AtomicBool;

use criterion::{Criterion, criterion_group, criterion_main};
use promql::{
    Expr, Labels, Limits, Points, Question, Selection, Series, SeriesSource, SeriesStream, SourceError, Steps, evaluate,
};

/// Milliseconds from one sample to the next, and from one step to the next.
const INTERVAL: i64 = 15_000;

/// Counters of the metric `m_total`, each in one of the groups of the label `x`.
const COUNTERS: usize = 2_000;
const GROUPS: usize = 20;

/// Classic histograms `h`, and the bounds of each.
const HISTOGRAMS: usize = 500;
const BOUNDS: [&str; 12] = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];

/// Samples of each series: those before the first step fill its window.
const SAMPLES: i64 = 1_100;

/// How many streams a selection comes in: more than threads, so that both end at about the same time.
const STREAMS: usize = 8;

/// Series by metric; what is selected is copied when it is read, by whatever thread reads it.
struct Source {
    counters: Vec<Series>,
    buckets: Vec<Series>,
    one: Vec<Series>,
}

impl Source {
    fn new() -> Self {
        let counter = |number: usize| {
            let labels = [("__name__", "m_total".to_owned()), ("x", (number % GROUPS).to_string())];
            series(Labels::new(labels.into_iter().chain([("n", number.to_string())])), number)
        };
        let bucket = |number: usize| {
            let bound = BOUNDS[number % BOUNDS.len()].to_owned();
            let labels = [("__name__", "h_bucket".to_owned()), ("le", bound)];
            series(Labels::new(labels.into_iter().chain([("n", (number / BOUNDS.len()).to_string())])), number)
        };
        Self {
            counters: (0..COUNTERS).map(counter).collect(),
            buckets: (0..HISTOGRAMS * BOUNDS.len()).map(bucket).collect(),
            one: vec![series(Labels::new([("__name__", "one_total")]), 0)],
        }
    }
}

/// A counter that goes up by a little more at each sample, and seldom begins anew.
fn series(labels: Labels, number: usize) -> Series {
    let times = (0..SAMPLES).map(|sample| sample * INTERVAL + (number % 15) as i64 * 1_000);
    let mut value = 0.0;
    let values = (0..SAMPLES).map(|sample| {
        value = if (sample + number as i64) % 997 == 0 { 0.0 } else { value + ((sample * 13) % 17) as f64 };
        value * (number % BOUNDS.len() + 1) as f64
    });
    let floats = Points { times: times.collect(), starts: Vec::new(), values: values.collect() };
    Series { labels, floats, histograms: Points::new() }
}

impl SeriesSource for Source {
    fn select<'a>(&'a self, selection: &Selection) -> Result<Vec<SeriesStream<'a>>, SourceError> {
        let is_of = |all: &&'a Vec<Series>| selection.matchers.iter().all(|matcher| matches(matcher, &all[0]));
        let all = [&self.counters, &self.buckets, &self.one].into_iter().find(is_of);
        let (after, until) = (selection.after, selection.until);
        let stream = |series: &'a [Series]| -> SeriesStream<'a> {
            Box::new(series.iter().map(move |series| Ok(within(series, after, until))))
        };
        Ok(all.into_iter().flat_map(|all| all.chunks(all.len().div_ceil(STREAMS))).map(stream).collect())
    }
}

fn matches(matcher: &promql::Matcher, series: &Series) -> bool {
    matcher.matches(series.labels.get(matcher.name()).unwrap_or_default())
}

fn within(series: &Series, after: i64, until: i64) -> Series {
    let Points { times, values, .. } = &series.floats;
    let within = times.partition_point(|time| *time <= after)..times.partition_point(|time| *time <= until);
    let floats = Points { times: times[within.clone()].to_vec(), starts: Vec::new(), values: values[within].to_vec() };
    Series { labels: series.labels.clone(), floats, histograms: Points::new() }
}

fn range(count: i64) -> Steps {
    let start = 30 * INTERVAL;
    Steps::range(start, start + (count - 1) * INTERVAL, INTERVAL).expect("there are steps")
}

fn questions(criterion: &mut Criterion) {
    let source = Source::new();
    let mut group = criterion.benchmark_group("promql");
    group.sample_size(20);
    for (name, text, steps) in [
        ("rate_2000_series_1000_steps", "sum by (x) (rate(m_total[5m]))", range(1_000)),
        ("sum_2000_series_1000_steps", "sum by (x) (m_total)", range(1_000)),
        ("sum_over_time_2000_series_1000_steps", "sum by (x) (sum_over_time(m_total[5m]))", range(1_000)),
        ("matched_2000_series_1000_steps", "m_total / m_total", range(1_000)),
        ("quantile_500_histograms_240_steps", "histogram_quantile(0.9, rate(h_bucket[5m]))", range(240)),
        ("rate_one_series_one_instant", "rate(one_total[5m])", Steps::instant(100 * INTERVAL)),
    ] {
        let expr = Expr::parse(text).expect("an expression");
        for threads in [1, 2] {
            let question = Question {
                expr: &expr,
                text,
                steps,
                lookback: 300_000,
                subquery_step: 60_000,
                limits: Limits { threads, ..Limits::default() },
                interrupt: &AtomicBool::new(false),
            };
            group.bench_function(format!("{name}_{threads}_threads"), |bencher| {
                bencher.iter_with_large_drop(|| evaluate(&question, &source).expect("it is within limits"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, questions);
criterion_main!(benches);
