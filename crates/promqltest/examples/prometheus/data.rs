//! Series of every kind, from a seed.

use std::sync::Arc;

use promql::{Buckets, CounterReset, Histogram, HistogramParts, Labels, Points, STALE, Series};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// From one sample to the next, milliseconds.
const STEP: i64 = 15_000;

/// Upper bounds of classic histograms.
const BOUNDS: [(&str, f64); 5] = [("0.1", 0.1), ("0.5", 0.5), ("1", 1.0), ("5", 5.0), ("+Inf", f64::INFINITY)];

/// Everything there is, from an instant on for so long, by labels; milliseconds.
pub(crate) fn series(from: i64, span: i64, random: &mut StdRng) -> Vec<Series> {
    let times: Vec<i64> = (0..=span / STEP).map(|at| from + at * STEP).collect();
    let mut all = Vec::new();
    for job in ["shop", "till"] {
        for instance in ["a:1", "b:1", "c:1"] {
            let of = [("job", job), ("instance", instance)];
            for code in ["200", "500"] {
                let labels = labels("requests_total", &of, &[("code", code), ("path", "/")]);
                all.push(floats(labels, &times, counter(fork(random)), fork(random)));
            }
            all.push(floats(
                labels("temperature", &of, &[("room", "north hall")]),
                &times,
                gauge(fork(random)),
                fork(random),
            ));
            all.push(floats(labels("memory_bytes", &of, &[]), &times, gauge(fork(random)), fork(random)));
            all.push(started(labels("started_total", &of, &[]), &times, Starts::OfProcess, random));
            all.push(started(labels("delta_total", &of, &[]), &times, Starts::OfSampleBefore, random));
            all.extend(classic(&of, &times, random));
            all.push(histograms(
                labels("size_bytes", &of, &[]),
                &times,
                native(CounterReset::Unknown, fork(random)),
                fork(random),
            ));
            all.push(histograms(
                labels("depth", &of, &[]),
                &times,
                native(CounterReset::Gauge, fork(random)),
                fork(random),
            ));
            all.push(histograms(labels("wait_seconds", &of, &[]), &times, custom(fork(random)), fork(random)));
            all.push(floats(labels("target_info", &of, &[("version", instance)]), &times, || 1.0, fork(random)));
        }
        all.push(mixed(labels("mixed", &[("job", job)], &[]), &times, random));
    }
    all.push(floats(
        labels("http.größe", &[("job", "shop")], &[("ort/straße", "Zürich")]),
        &times,
        gauge(fork(random)),
        fork(random),
    ));
    all.sort_by(|one, other| one.labels.cmp(&other.labels));
    all
}

fn labels(name: &str, of: &[(&str, &str)], own: &[(&str, &str)]) -> Labels {
    Labels::new([("__name__", name)].iter().chain(of).chain(own).copied())
}

/// Numbers of its own, so that one series does not depend on how many the one before took.
fn fork(random: &mut StdRng) -> StdRng {
    StdRng::from_rng(random)
}

/// Climbs, and begins anew now and then.
fn counter(mut random: StdRng) -> impl FnMut() -> f64 {
    let mut value = 0.0;
    move || {
        value = if random.random_bool(0.01) { 0.0 } else { value + f64::from(random.random_range(0..40u32)) };
        value
    }
}

/// Wanders, and is at times no number at all.
fn gauge(mut random: StdRng) -> impl FnMut() -> f64 {
    let mut value = 20.0;
    move || {
        value += random.random_range(-3.0..3.0);
        match random.random_range(0..400) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            _ => value,
        }
    }
}

/// Samples are missing here and there, and now and then the series ends and comes back.
fn is_there(mut random: StdRng) -> impl FnMut() -> Presence {
    let mut away = 0u32;
    move || {
        if away > 0 {
            away -= 1;
            return Presence::Missing;
        }
        match random.random_range(0..200) {
            0..5 => Presence::Missing,
            5 => {
                away = random.random_range(1..60);
                Presence::Ended
            }
            6 => {
                away = random.random_range(1..40);
                Presence::Missing
            }
            _ => Presence::There,
        }
    }
}

enum Presence {
    There,
    Missing,
    Ended,
}

fn floats(labels: Labels, times: &[i64], mut next: impl FnMut() -> f64, random: StdRng) -> Series {
    let mut presence = is_there(random);
    let mut points = Points::new();
    for time in times {
        let value = next();
        match presence() {
            Presence::Missing => continue,
            Presence::Ended => points.values.push(STALE),
            Presence::There => points.values.push(value),
        }
        points.times.push(*time);
    }
    Series { labels, floats: points, histograms: Points::new() }
}

fn histograms(labels: Labels, times: &[i64], mut next: impl FnMut() -> Histogram, random: StdRng) -> Series {
    let mut presence = is_there(random);
    let mut points = Points::new();
    for time in times {
        let value = next();
        match presence() {
            Presence::Missing => continue,
            Presence::Ended => points.values.push(Arc::new(Histogram::stale())),
            Presence::There => points.values.push(Arc::new(value)),
        }
        points.times.push(*time);
    }
    Series { labels, floats: Points::new(), histograms: points }
}

/// Since when samples accumulate.
#[derive(Clone, Copy)]
enum Starts {
    /// Since the last time that the counter began anew.
    OfProcess,
    /// Since the sample before: deltas.
    OfSampleBefore,
}

/// A counter that says since when it counts.
fn started(labels: Labels, times: &[i64], starts: Starts, random: &mut StdRng) -> Series {
    let (mut presence, mut random) = (is_there(fork(random)), fork(random));
    let (mut value, mut start) = (0.0, times[0] - STEP / 2);
    let mut points = Points::new();
    for time in times {
        let is_anew = matches!(starts, Starts::OfSampleBefore) || random.random_bool(0.02);
        if is_anew {
            value = 0.0;
            start = time - if matches!(starts, Starts::OfProcess) { random.random_range(1..STEP) } else { STEP };
        }
        value += f64::from(random.random_range(0..40u32));
        if let Presence::There = presence() {
            points.times.push(*time);
            points.starts.push(start);
            points.values.push(value);
        }
    }
    Series { labels, floats: points, histograms: Points::new() }
}

/// Floats for a while, histograms for a while.
fn mixed(labels: Labels, times: &[i64], random: &mut StdRng) -> Series {
    let (early, late) = times.split_at(times.len() / 2);
    let floats = floats(labels.clone(), early, gauge(fork(random)), fork(random)).floats;
    Series { floats, ..histograms(labels, late, native(CounterReset::Unknown, fork(random)), fork(random)) }
}

/// A classic histogram: its buckets, its count, its sum.
fn classic(of: &[(&str, &str)], times: &[i64], random: &mut StdRng) -> Vec<Series> {
    let mut counts = [0.0; BOUNDS.len()];
    let mut sum = 0.0;
    let mut columns = vec![Vec::new(); BOUNDS.len() + 2];
    for _ in times {
        for _ in 0..random.random_range(0..10) {
            let value: f64 = random.random_range(0.0..8.0);
            sum += value;
            for (count, _) in counts.iter_mut().zip(&BOUNDS).filter(|(_, (_, bound))| value <= *bound) {
                *count += 1.0;
            }
        }
        for (column, value) in columns.iter_mut().zip(counts.into_iter().chain([counts[BOUNDS.len() - 1], sum])) {
            column.push(value);
        }
    }
    let buckets = BOUNDS.iter().map(|(le, _)| labels("latency_seconds_bucket", of, &[("le", le)]));
    let others = ["latency_seconds_count", "latency_seconds_sum"].into_iter().map(|name| labels(name, of, &[]));
    let points = |values| Points { times: times.to_vec(), starts: Vec::new(), values };
    let series = buckets.chain(others).zip(columns);
    series.map(|(labels, values)| Series { labels, floats: points(values), histograms: Points::new() }).collect()
}

/// Exponential buckets that fill; a counter is emptied now and then, and its resolution changes with that.
fn native(counter_reset: CounterReset, mut random: StdRng) -> impl FnMut() -> Histogram {
    let (mut schema, mut zero, mut sum) = (2, 0.0, 0.0);
    let (mut positive, mut negative) = (vec![0.0; 8], vec![0.0; 3]);
    move || {
        if counter_reset == CounterReset::Gauge || random.random_bool(0.01) {
            (zero, sum) = (0.0, 0.0);
            positive.fill(0.0);
            negative.fill(0.0);
            schema = random.random_range(0..4);
        }
        for _ in 0..random.random_range(1..20) {
            let at = random.random_range(0..12usize);
            match at {
                0..8 => positive[at] += 1.0,
                8..11 => negative[at - 8] += 1.0,
                _ => zero += 1.0,
            }
            sum += random.random_range(-1.0..4.0);
        }
        Histogram::new(HistogramParts {
            counter_reset,
            schema,
            zero_threshold: 0.001,
            zero_count: zero,
            count: zero + positive.iter().chain(&negative).sum::<f64>(),
            sum,
            positive: Buckets::from_spans(&[(-2, 5), (3, 3)], positive.clone()).expect("eight buckets"),
            negative: Buckets::successive(1, negative.clone()).expect("three buckets"),
            ..HistogramParts::default()
        })
        .expect("its parts fit")
    }
}

/// Buckets of custom bounds.
fn custom(mut random: StdRng) -> impl FnMut() -> Histogram {
    let (mut counts, mut sum) = (vec![0.0; 4], 0.0);
    move || {
        for _ in 0..random.random_range(1..10) {
            counts[random.random_range(0..4usize)] += 1.0;
            sum += random.random_range(0.0..4.0);
        }
        Histogram::new(HistogramParts {
            schema: -53,
            count: counts.iter().sum(),
            sum,
            custom_bounds: Arc::from([0.5, 1.0, 2.5]),
            positive: Buckets::successive(0, counts.clone()).expect("four buckets"),
            ..HistogramParts::default()
        })
        .expect("its parts fit")
    }
}
