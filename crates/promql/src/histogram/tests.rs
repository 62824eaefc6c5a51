//! What holds for any histograms, and that no histogram does harm.

use proptest::prelude::*;

use super::*;

/// Whole counts, whose sums are exact, of some buckets around a few powers of two.
fn side() -> impl Strategy<Value = Buckets> {
    prop::collection::btree_map(-20..20i32, 0..1000u32, 0..12).prop_map(|buckets| {
        let (indexes, counts) = buckets.into_iter().map(|(index, count)| (index, f64::from(count))).unzip();
        Buckets::at_indexes(indexes, counts).expect("ascends")
    })
}

fn in_buckets(histogram: &Histogram) -> f64 {
    // A sum of nothing would be -0.
    histogram.buckets().fold(0.0, |sum, bucket| sum + bucket.count)
}

/// A sound exponential histogram: counts add up, and no bucket is within the zero bucket.
fn exponential() -> impl Strategy<Value = Histogram> {
    let thresholds = prop::sample::select(vec![0.0, 0.001, 0.25, 1.0, 1.5, 3.0]);
    (-4..=8i32, thresholds, 0..100u32, side(), side()).prop_map(|(schema, threshold, zero, positive, negative)| {
        let parts = HistogramParts { schema, zero_count: f64::from(zero), positive, negative, ..Default::default() };
        let mut histogram = Histogram::new(parts).expect("is valid");
        let wide = HistogramParts { schema: 8, zero_threshold: threshold, ..Default::default() };
        histogram.add(&Histogram::new(wide).expect("is valid")).expect("is exponential too");
        histogram.count = in_buckets(&histogram);
        histogram.sum = histogram.count * 2.0;
        histogram
    })
}

fn custom() -> impl Strategy<Value = Histogram> {
    prop::collection::btree_set(-5..10i32, 0..8)
        .prop_flat_map(|bounds| {
            let counts = prop::collection::vec(0..1000u64, bounds.len() + 1);
            (Just(bounds), counts)
        })
        .prop_map(|(bounds, counts)| {
            let bounds: Arc<[f64]> = bounds.into_iter().map(f64::from).collect();
            let count = counts.iter().sum();
            let point =
                ExplicitPoint { bounds, counts: &counts, count, sum: 7.0, counter_reset: CounterReset::Unknown };
            Histogram::from_explicit(&point).expect("is valid")
        })
}

fn any_sound() -> impl Strategy<Value = Histogram> {
    prop_oneof![3 => exponential(), 1 => custom()]
}

/// Valid in layout, but with anything in it that a float and an index can be.
fn hostile() -> impl Strategy<Value = Histogram> {
    let index = prop_oneof![Just(i32::MIN + 1), Just(i32::MAX), any::<i32>(), -2000..2000i32];
    let side = prop::collection::btree_map(index, prop::num::f64::ANY, 0..6).prop_map(|buckets| {
        let (indexes, counts) = buckets.into_iter().filter(|(index, _)| *index > i32::MIN).unzip();
        Buckets::at_indexes(indexes, counts).expect("ascends")
    });
    let thresholds = prop_oneof![Just(f64::INFINITY), Just(f64::MIN_POSITIVE), 0.0..10.0];
    let numbers = (prop::num::f64::ANY, prop::num::f64::ANY, prop::num::f64::ANY, thresholds);
    let exponential = (-4..=8i32, numbers, side.clone(), side).prop_map(|(schema, numbers, positive, negative)| {
        let (count, sum, zero_count, zero_threshold) = numbers;
        let parts =
            HistogramParts { schema, count, sum, zero_count, zero_threshold, positive, negative, ..Default::default() };
        Histogram::new(parts).expect("is valid")
    });
    prop_oneof![3 => exponential, 1 => custom()]
}

fn sum(one: &Histogram, other: &Histogram) -> Option<Histogram> {
    let mut sum = one.clone();
    sum.add(other).ok()?;
    sum.compact();
    Some(sum)
}

/// Whether no bucket of one may count what the zero bucket of their sum counts too, as in Prometheus.
fn count_once(one: &Histogram, other: &Histogram) -> bool {
    one.schema() == other.schema() || one.zero_threshold() == other.zero_threshold()
}

proptest! {
    #[test]
    fn addition_does_not_mind_the_order(one in any_sound(), other in any_sound()) {
        prop_assume!(count_once(&one, &other));
        prop_assert_eq!(sum(&one, &other), sum(&other, &one));
    }

    #[test]
    fn addition_loses_no_observation_and_mostly_invents_none(one in any_sound(), other in any_sound()) {
        if let Some(sum) = sum(&one, &other) {
            let expected = in_buckets(&one) + in_buckets(&other);
            prop_assert_eq!(sum.count(), expected);
            if count_once(&one, &other) {
                prop_assert_eq!(in_buckets(&sum), expected);
            } else {
                prop_assert!(in_buckets(&sum) >= expected);
            }
        }
    }

    #[test]
    fn addition_does_not_mind_how_it_is_grouped(a in any_sound(), b in any_sound(), c in any_sound()) {
        let left = sum(&a, &b).and_then(|ab| sum(&ab, &c));
        let right = sum(&b, &c).and_then(|bc| sum(&a, &bc));
        // Only of the same schema, as a coarser one may widen the zero bucket more.
        if a.schema() == b.schema() && b.schema() == c.schema() {
            prop_assert_eq!(left, right);
        } else if let (Some(left), Some(right)) = (left, right) {
            prop_assert_eq!(left.count(), right.count());
        }
    }

    #[test]
    fn what_was_added_can_be_subtracted(one in exponential(), other in exponential()) {
        let mut difference = sum(&one, &other).expect("are of one kind");
        difference.subtract(&other).expect("are of one kind");
        let mut expected = one.clone();
        expected.reduce_resolution(difference.schema()).expect("is coarser");
        prop_assert_eq!(in_buckets(&difference), in_buckets(&expected));
        prop_assert_eq!(difference.sum(), expected.sum());
    }

    #[test]
    fn a_compensated_sum_of_whole_counts_is_the_plain_one(all in prop::collection::vec(exponential(), 1..6)) {
        let mut compensated = HistogramSum::new(&all[0]);
        let mut mean = HistogramMean::new(&all[0]);
        let mut plain = all[0].clone();
        for histogram in &all[1..] {
            compensated.add(histogram).expect("are of one kind");
            mean.add(histogram).expect("are of one kind");
            plain.add(histogram).expect("are of one kind");
        }
        plain.compact();
        prop_assert_eq!(&compensated.finish().histogram, &plain);
        plain.divide(all.len() as f64);
        prop_assert_eq!(mean.finish().histogram, plain);
    }

    #[test]
    fn a_lower_resolution_has_the_same_observations_below_each_bound(one in exponential(), by in 0..12i32) {
        let mut reduced = one.clone();
        reduced.reduce_resolution((one.schema() - by).max(SCHEMA_MIN)).expect("is coarser");
        prop_assert_eq!(in_buckets(&reduced), in_buckets(&one));
        for bucket in reduced.buckets().filter(|bucket| bucket.upper.abs() > reduced.zero_threshold()) {
            let below = |histogram: &Histogram| -> f64 {
                histogram.buckets().filter(|known| known.upper <= bucket.upper).map(|known| known.count).sum()
            };
            prop_assert_eq!(below(&reduced), below(&one));
        }
    }

    #[test]
    fn what_only_grew_was_not_reset(one in any_sound(), more in any_sound()) {
        if let Some(grown) = sum(&one, &more) {
            prop_assert!(!grown.detects_reset(&one));
            prop_assert!(one.count() >= grown.count() || one.detects_reset(&grown));
        }
    }

    #[test]
    fn buckets_ascend_without_overlap(one in any_sound()) {
        let buckets: Vec<Bucket> = one.buckets().collect();
        prop_assert!(buckets.iter().all(|bucket| bucket.lower <= bucket.upper));
        prop_assert!(buckets.windows(2).all(|pair| pair[0].upper <= pair[1].lower));
        let mut backwards: Vec<Bucket> = one.buckets().rev().collect();
        backwards.reverse();
        prop_assert_eq!(buckets, backwards);
    }

    #[test]
    fn what_is_written_can_be_read(one in any_sound(), hint in prop::sample::select(vec![
        CounterReset::Unknown, CounterReset::Reset, CounterReset::NotReset, CounterReset::Gauge,
    ])) {
        let mut one = one;
        one.set_counter_reset(hint);
        one.compact();
        let written = one.to_string();
        let mut read = Histogram::parse(&written[2..written.len() - 2]).expect("was written");
        read.compact();
        prop_assert_eq!(read.counter_reset(), hint);
        prop_assert_eq!(read, one);
    }

    #[test]
    fn quantiles_ascend(one in any_sound(), p in 0.0..=1.0, q in 0.0..=1.0) {
        let (lower, upper) = (one.quantile(f64::min(p, q)).value, one.quantile(f64::max(p, q)).value);
        // They are reckoned from the nearer end, so that two near the middle may differ by rounding.
        prop_assert!(one.count() == 0.0 || lower <= upper + 1e-9 * upper.abs().max(1.0), "{lower} > {upper}");
        prop_assert_eq!(one.quantile(q).note, None);
    }

    #[test]
    fn a_fraction_up_to_a_quantile_is_at_least_it(one in exponential(), q in 0.0..=1.0) {
        // A zero bucket without width is all at once below a value or not.
        let has_jump = one.zero_threshold() == 0.0 && one.zero_count() > 0.0;
        let value = one.quantile(q).value;
        prop_assert!(one.count() == 0.0 || has_jump || one.fraction(f64::NEG_INFINITY, value).value >= q - 1e-9);
    }

    #[test]
    fn what_is_trimmed_on_both_sides_of_a_value_is_all(one in exponential(), bound in -10.0..10.0) {
        let (mut below, mut above) = (one.clone(), one.clone());
        below.trim_above(bound);
        above.trim_below(bound);
        let sum = in_buckets(&below) + in_buckets(&above);
        prop_assert!((sum - in_buckets(&one)).abs() <= 1e-9 * sum, "{sum} of {}", in_buckets(&one));
    }

    #[test]
    fn classic_quantiles_ascend(counts in prop::collection::vec((-5..10i32, -3.0..100.0), 0..10), p in 0.0..=1.0, q in 0.0..=1.0) {
        let mut buckets: Vec<ClassicBucket> =
            counts.iter().map(|(upper, count)| ClassicBucket { upper: f64::from(*upper), count: *count }).collect();
        buckets.push(ClassicBucket { upper: f64::INFINITY, count: 50.0 });
        let mut values = vec![1.0];
        bucket_quantiles(&[f64::min(p, q), f64::max(p, q), -1.0, 2.0, f64::NAN], &mut buckets, &mut values);
        prop_assert_eq!(values.len(), 5);
        prop_assert!(buckets.len() < 2 || values[0].is_nan() || values[0] <= values[1] + 1e-9 * values[1].abs());
        prop_assert_eq!((values[2], values[3]), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn no_histogram_does_harm(one in hostile(), other in hostile(), bound in prop::num::f64::ANY, q in 0.0..=1.0) {
        let mut mean = HistogramMean::new(&one);
        if mean.add(&other).is_ok() {
            mean.finish();
        }
        for mut changed in [sum(&one, &other), Some(one.clone())].into_iter().flatten() {
            changed.detects_reset(&other);
            changed.quantile(q);
            changed.fraction(bound, bound + 1.0);
            changed.stddev();
            changed.validate().ok();
            prop_assert!(changed.samples() > 0);
            changed.trim_above(bound);
            changed.trim_below(bound);
            changed.scale(bound);
            changed.divide(bound);
            changed.reduce_resolution(-4).ok();
        }
        let spans: Vec<(i32, u32)> = one.positive().iter().map(|(index, count)| (index, count as u32)).collect();
        Buckets::from_spans(&spans, one.positive().counts().to_vec()).ok();
    }

    #[test]
    fn no_text_does_harm(text in "([a-z_]{0,20}:?\\[?[-0-9a-zIN.+ ]{0,8}\\]? ?){0,4}") {
        Histogram::parse(&text).ok();
    }
}

#[test]
fn bounds_are_those_of_floats_at_the_ends() {
    use super::bound::exponential_bound;
    let check = |index: i64, schema: i32, bound: f64| assert_eq!(exponential_bound(index, schema), bound);
    for schema in SCHEMA_MIN..=SCHEMA_MAX {
        let last = if schema < 0 { 1024 >> -schema } else { 1024 << schema };
        check(0, schema, 1.0);
        check(last, schema, f64::MAX);
        check(last + 1, schema, f64::INFINITY);
        check(i64::from(i32::MAX), schema, f64::INFINITY);
        check(i64::from(i32::MIN), schema, 0.0);
    }
    check(-1074, 0, f64::from_bits(1));
    check(-1075, 0, 0.0);
    check(-1022, 0, f64::MIN_POSITIVE);
    check(1, 8, 1.002711275050202_6);
    check(-1, 2, 0.840_896_415_253_714_4);
}

#[test]
fn otlp_points_become_histograms() {
    let point = |scale, positive: (i32, &'static [u64])| ExponentialPoint {
        scale,
        count: 9,
        sum: 4.5,
        zero_count: 2,
        zero_threshold: 0.0,
        positive,
        negative: (0, &[]),
        counter_reset: CounterReset::Gauge,
    };
    let check = |scale, positive, written: Result<&str, HistogramError>| {
        let histogram = Histogram::from_exponential(&point(scale, positive)).map(|histogram| histogram.to_string());
        assert_eq!(histogram, written.map(str::to_owned));
    };
    let head = "count:9 sum:4.5 z_bucket:2 z_bucket_w:1e-128 counter_reset_hint:gauge";
    check(0, (0, &[1, 0, 2]), Ok(&format!("{{{{{head} offset:1 buckets:[1 0 2]}}}}")));
    // Indexes -3 to 1 of the bounds below become -2, -1, -1, 0, 0.
    check(9, (-3, &[1, 2, 3, 4, 5]), Ok(&format!("{{{{schema:8 {head} offset:-1 buckets:[1 5 9]}}}}")));
    check(i32::MAX, (i32::MIN, &[1]), Ok(&format!("{{{{schema:8 {head} buckets:[1]}}}}")));
    check(-5, (0, &[]), Err(HistogramError::Scale(-5)));
    check(0, (i32::MAX, &[1]), Err(HistogramError::IndexOutOfRange));
}

#[test]
fn explicit_points_become_histograms_of_custom_bounds() {
    let check = |bounds: &[f64], counts: &[u64], written: Result<&str, HistogramError>| {
        let counter_reset = CounterReset::Unknown;
        let point = ExplicitPoint { bounds: Arc::from(bounds), counts, count: 6, sum: 2.0, counter_reset };
        let histogram = Histogram::from_explicit(&point).map(|histogram| histogram.to_string());
        assert_eq!(histogram, written.map(str::to_owned));
    };
    check(&[1.0, 2.0], &[0, 2, 4], Ok("{{schema:-53 count:6 sum:2 custom_values:[1 2] offset:1 buckets:[2 4]}}"));
    check(&[], &[6], Ok("{{schema:-53 count:6 sum:2 custom_values:[] buckets:[6]}}"));
    check(&[], &[], Ok("{{schema:-53 count:6 sum:2 custom_values:[]}}"));
    check(&[1.0], &[1], Err(HistogramError::BucketsMismatch { needed: 2, have: 1 }));
    check(&[2.0, 1.0], &[1, 2, 3], Err(HistogramError::BoundsUnordered));
    check(&[1.0, f64::NAN], &[1, 2, 3], Err(HistogramError::BoundNan));
    check(&[1.0, f64::INFINITY], &[1, 2, 3], Err(HistogramError::BoundInfinite));
}

#[test]
fn spans_become_buckets() {
    let check = |spans: &[(i32, u32)], counts: &[f64], expected: Result<Vec<(i32, f64)>, HistogramError>| {
        let buckets = Buckets::from_spans(spans, counts.to_vec()).map(|buckets| buckets.iter().collect::<Vec<_>>());
        assert_eq!(buckets, expected);
    };
    check(&[(-2, 2), (1, 1)], &[1.0, 2.0, 3.0], Ok(vec![(-2, 1.0), (-1, 2.0), (1, 3.0)]));
    check(&[(0, u32::MAX)], &[1.0], Err(HistogramError::BucketsMismatch { needed: u64::from(u32::MAX), have: 1 }));
    check(&[(0, 1), (-1, 1)], &[1.0, 2.0], Err(HistogramError::NegativeOffset { number: 2, offset: -1 }));
    check(&[(i32::MAX, 1), (i32::MAX, 1)], &[1.0, 2.0], Err(HistogramError::IndexOutOfRange));
    check(&[(i32::MIN, 1)], &[1.0], Err(HistogramError::IndexOutOfRange));
}

#[test]
fn counts_of_observations_are_not_negative() {
    let check = |text: &str, error: Option<&str>| {
        let validated = Histogram::parse(text).expect("is one").validate();
        assert_eq!(validated.err().map(|error| error.to_string()).as_deref(), error);
    };
    check("count:1 buckets:[1]", None);
    check("count:-1", Some("observation count is -1: histogram's observation count is negative"));
    let kind = "histogram has a bucket whose observation count is negative";
    check("n_buckets:[1 -2]", Some(&format!("negative side: bucket number 2 has observation count of -2: {kind}")));
    check("z_bucket:-3", Some(&format!("zero bucket has observation count of -3: {kind}")));
}

#[test]
fn a_stale_marker_is_known_by_its_sum() {
    assert!(Histogram::stale().is_stale());
    assert!(!Histogram::parse("sum:NaN").expect("is one").is_stale());
}
