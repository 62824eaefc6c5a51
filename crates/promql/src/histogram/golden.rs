//! What Prometheus' own functions make of histograms, and that it is what ours make.
//!
//! `golden.tsv` holds, a case per line and by tabs: a function, what it is given, and what Prometheus 3.16 answered. Inputs
//! were drawn at random (schemas, thresholds, bounds, hints and counts that make trouble), then by outcome, so that each
//! kind of outcome is there.

use super::*;

/// Checks each line of a function.
#[track_caller]
fn check(function: &str, is_as_expected: impl Fn(&[&str]) -> bool) {
    let lines = include_str!("golden.tsv").lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let cases: Vec<Vec<&str>> = lines.filter(|words| words[0] == function).collect();
    assert!(!cases.is_empty(), "no cases of {function}");
    for words in cases {
        assert!(is_as_expected(&words[1..]), "{words:#?}");
    }
}

fn histogram(text: &str) -> Histogram {
    let inner = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).unwrap_or(text);
    Histogram::parse(inner).expect("is a histogram")
}

fn number(text: &str) -> f64 {
    text.parse().expect("is a number")
}

/// Logarithms differ in their last bits from library to library.
fn is_close(one: f64, other: f64) -> bool {
    one == other || (one.is_nan() && other.is_nan()) || (one - other).abs() <= 1e-12 * one.abs().max(other.abs())
}

fn is_close_to(one: &Histogram, expected: &str) -> bool {
    let (mut one, mut other) = (one.clone(), histogram(expected));
    one.compact();
    other.compact();
    let sides = [(one.positive(), other.positive()), (one.negative(), other.negative())];
    let is_close_side = |(one, other): &(&Buckets, &Buckets)| {
        one.len() == other.len()
            && one.iter().zip(other.iter()).all(|(one, other)| one.0 == other.0 && is_close(one.1, other.1))
    };
    one.schema() == other.schema()
        && one.counter_reset() == other.counter_reset()
        && one.zero_threshold() == other.zero_threshold()
        && one.custom_bounds() == other.custom_bounds()
        && is_close(one.count(), other.count())
        && is_close(one.sum(), other.sum())
        && is_close(one.zero_count(), other.zero_count())
        && sides.iter().all(is_close_side)
}

/// A function that combines two: `a`, `b`, whether resets conflict, whether bounds were reconciled, what comes out; or `err`.
fn check_combined(function: &str, combine: fn(&mut Histogram, &Histogram) -> Result<Combined, IncompatibleBuckets>) {
    check(function, |words| {
        let mut one = histogram(words[0]);
        match combine(&mut one, &histogram(words[1])) {
            Err(IncompatibleBuckets) => words[2] == "err",
            Ok(combined) => {
                combined.conflicting_resets.to_string() == words[2]
                    && combined.bounds_reconciled.to_string() == words[3]
                    && is_close_to(&one, words[4])
            }
        }
    });
}

/// An aggregate of several, by semicolons.
fn check_aggregated(function: &str, aggregate: fn(&[Histogram]) -> Result<Aggregated, IncompatibleBuckets>) {
    check(function, |words| {
        let histograms: Vec<Histogram> = words[0].split(';').map(histogram).collect();
        match aggregate(&histograms) {
            Err(IncompatibleBuckets) => words[1] == "err",
            Ok(aggregated) => {
                aggregated.conflicting_resets.to_string() == words[1]
                    && aggregated.bounds_reconciled.to_string() == words[2]
                    && is_close_to(&aggregated.histogram, words[3])
            }
        }
    });
}

/// A function of one and a number that changes it.
fn check_changed(function: &str, change: fn(&mut Histogram, f64)) {
    check(function, |words| {
        let mut one = histogram(words[0]);
        change(&mut one, number(words[1]));
        is_close_to(&one, words[2])
    });
}

fn classic(text: &str) -> Vec<ClassicBucket> {
    let pairs = text.split(';').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once(',').expect("is a pair"));
    pairs.map(|(upper, count)| ClassicBucket { upper: number(upper), count: number(count) }).collect()
}

#[test]
fn sums_and_differences_are_those_of_prometheus() {
    check_combined("add", Histogram::add);
    check_combined("sub", Histogram::subtract);
}

#[test]
fn aggregates_are_those_of_prometheus() {
    check_aggregated("sum", |histograms| {
        let mut sum = HistogramSum::new(&histograms[0]);
        histograms[1..].iter().try_for_each(|histogram| sum.add(histogram))?;
        Ok(sum.finish())
    });
    check_aggregated("avg", |histograms| {
        let mut mean = HistogramMean::new(&histograms[0]);
        histograms[1..].iter().try_for_each(|histogram| mean.add(histogram))?;
        Ok(mean.finish())
    });
}

#[test]
fn scaled_and_trimmed_histograms_are_those_of_prometheus() {
    check_changed("mul", Histogram::scale);
    check_changed("div", Histogram::divide);
    check_changed("below", Histogram::trim_above);
    check_changed("above", Histogram::trim_below);
    check("reduce", |words| {
        let mut one = histogram(words[0]);
        one.reduce_resolution(words[1].parse().expect("is a schema")).expect("is coarser");
        is_close_to(&one, words[2])
    });
}

#[test]
fn resets_are_detected_where_prometheus_does() {
    check("reset", |words| histogram(words[0]).detects_reset(&histogram(words[1])).to_string() == words[2]);
    check("eq", |words| (histogram(words[0]) == histogram(words[1])).to_string() == words[2]);
}

#[test]
fn numbers_from_native_histograms_are_those_of_prometheus() {
    check("quantile", |words| {
        let quantile = histogram(words[0]).quantile(number(words[1]));
        let note = match quantile.note {
            None => "none",
            Some(QuantileNote::Nan) => "nan",
            Some(QuantileNote::Skewed) => "skewed",
        };
        is_close(quantile.value, number(words[2])) && note == words[3]
    });
    check("fraction", |words| {
        let fraction = histogram(words[0]).fraction(number(words[1]), number(words[2]));
        is_close(fraction.value, number(words[3])) && fraction.excludes_nan.to_string() == words[4]
    });
    check("stdvar", |words| is_close(histogram(words[0]).stdvar(), number(words[1])));
    check("stddev", |words| is_close(histogram(words[0]).stddev(), number(words[1])));
    check("size", |words| histogram(words[0]).samples().to_string() == words[1]);
}

#[test]
fn histograms_are_written_as_prometheus_does() {
    check("display", |words| histogram(words[0]).to_string() == words[1]);
    check("buckets", |words| {
        let bucket = |text: &str| {
            let words: Vec<&str> = text.split(',').collect();
            Bucket {
                lower: number(words[0]),
                upper: number(words[1]),
                lower_inclusive: words[2] == "true",
                upper_inclusive: words[3] == "true",
                count: number(words[4]),
            }
        };
        let expected: Vec<Bucket> = words[1].split(';').filter(|text| !text.is_empty()).map(bucket).collect();
        histogram(words[0]).buckets().collect::<Vec<_>>() == expected
    });
}

#[test]
fn numbers_from_classic_buckets_are_those_of_prometheus() {
    check("cq", |words| {
        let quantile = bucket_quantile(number(words[1]), &mut classic(words[0]));
        let is_as_expected = |forced: ForcedMonotonicity| {
            is_close(forced.bound_min, number(words[4]))
                && is_close(forced.bound_max, number(words[5]))
                && is_close(forced.difference_max, number(words[6]))
        };
        is_close(quantile.value, number(words[2]))
            && quantile.forced.is_some().to_string() == words[3]
            && quantile.forced.is_none_or(is_as_expected)
    });
    check("cf", |words| {
        is_close(bucket_fraction(number(words[1]), number(words[2]), &mut classic(words[0])), number(words[3]))
    });
}
