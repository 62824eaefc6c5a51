//! Many traces of one operation: where their time goes, and in what the slow or failing ones differ.

use proptest::prelude::*;
use stitch::{Comparison, Contrast, OperationTime, TimeProfile, TraceSample, compare_attributes, profile_time};

/// A trace of these times, each as `(operation, self time)`, whose duration is their sum.
fn operations(times: &[(&'static str, u64)]) -> Vec<OperationTime<'static>> {
    let time =
        |&(operation, self_ns)| OperationTime { service: "web", operation, spans: 1, self_ns, failed_self_ns: 0 };
    times.iter().map(time).collect()
}

fn sample<'a>(operations: &'a [OperationTime<'a>]) -> TraceSample<'a> {
    let duration_ns = operations.iter().map(|time| time.self_ns).sum();
    TraceSample { duration_ns, is_error: false, operations, attributes: &[] }
}

/// Operation, self time at p50, self time at p99.
fn times(profile: &TimeProfile<'_>) -> Vec<(String, u64, u64)> {
    profile.operations.iter().map(|time| (time.operation.to_owned(), time.p50_self_ns, time.p99_self_ns)).collect()
}

#[test]
fn slow_traces_show_where_their_time_goes() {
    let usual: Vec<Vec<OperationTime<'_>>> = (0..97).map(|n| operations(&[("page", 100 + n), ("sql", 50)])).collect();
    let slow = operations(&[("page", 100), ("sql", 50), ("lock", 9_000)]);
    let mut samples: Vec<TraceSample<'_>> = usual.iter().map(|times| sample(times)).collect();
    samples.extend([sample(&slow); 3]);
    let profile = profile_time(&samples);
    assert_eq!((profile.p50.traces, profile.p99.traces), (11, 3));
    assert_eq!((profile.p50.duration_ns_min, profile.p50.duration_ns_max), (194, 204));
    assert_eq!((profile.p99.duration_ns_min, profile.p99.duration_ns_max), (9_150, 9_150));
    let expected = [("lock", 0, 9_000), ("page", 149, 100), ("sql", 50, 50)];
    assert_eq!(times(&profile), expected.map(|(name, p50, p99)| (name.to_owned(), p50, p99)));
    assert_eq!((profile.p50.duration_ns_mean, profile.p99.duration_ns_mean), (199, 9_150));
}

#[test]
fn traces_that_take_the_same_time_are_all_typical_and_all_slow() {
    let times_of_one = operations(&[("page", 7)]);
    let profile = profile_time(&[sample(&times_of_one); 5]);
    assert_eq!((profile.p50, profile.p50.traces), (profile.p99, 5));
    assert_eq!(times(&profile), [("page".to_owned(), 7, 7)]);
    assert_eq!((profile.operations[0].p50_share, profile.operations[0].p99_share), (1.0, 1.0));
}

#[test]
fn no_traces_have_no_profile() {
    let profile = profile_time(&[]);
    assert_eq!((profile.p50.traces, profile.p99.traces, profile.operations.len()), (0, 0, 0));
}

#[test]
fn operations_beyond_the_limit_are_counted() {
    let names: Vec<String> = (0..250).map(|number| format!("op{number:03}")).collect();
    let time = |operation| OperationTime { service: "web", operation, spans: 1, self_ns: 1, failed_self_ns: 0 };
    let times: Vec<OperationTime<'_>> = names.iter().map(|name| time(name)).collect();
    let profile = profile_time(&[sample(&times)]);
    assert_eq!((profile.operations.len(), profile.operations_left_out), (200, 50));
    assert_eq!((profile.operations[0].operation, profile.operations[199].operation), ("op000", "op199"));
}

/// Traces with one attribute value each, as `(how many, duration, failed, value)`.
type Group = (usize, u64, bool, &'static str);

fn compare(groups: &[Group], contrast: Contrast) -> Vec<String> {
    let pairs: Vec<[(&str, &str); 2]> = groups.iter().map(|group| [("node", group.3), ("node", group.3)]).collect();
    let mut samples = Vec::new();
    for (&(count, duration_ns, is_error, _), attributes) in groups.iter().zip(&pairs) {
        samples.extend(vec![TraceSample { duration_ns, is_error, operations: &[], attributes }; count]);
    }
    let comparison = compare_attributes(&samples, contrast);
    samples.reverse();
    assert_eq!(comparison, compare_attributes(&samples, contrast), "the order of traces does not matter");
    assert_eq!(comparison.suspects + comparison.others, samples.len());
    write(&comparison)
}

fn write(comparison: &Comparison<'_>) -> Vec<String> {
    let line = |difference: &stitch::AttributeDifference<'_>| {
        let counts = format!("{} of {}", difference.suspects, comparison.suspects);
        let others = format!("{} of {}", difference.others, comparison.others);
        format!("{}={} in {counts}, otherwise {others}", difference.key, difference.value)
    };
    comparison.differences.iter().map(line).collect()
}

#[test]
fn a_node_that_is_slow_is_found() {
    let groups = [(90, 10, false, "n1"), (900, 10, false, "n2"), (10, 10, false, "n3"), (100, 99, false, "n3")];
    assert_eq!(compare(&groups, Contrast::Slow), ["node=n3 in 100 of 100, otherwise 10 of 1000"]);
    assert_eq!(compare(&groups, Contrast::Failed), Vec::<String>::new());
}

#[test]
fn a_rare_coincidence_is_not_a_difference() {
    let groups = [(97, 10, false, "n1"), (1, 10, true, "n2"), (2, 10, true, "n1")];
    assert_eq!(compare(&groups, Contrast::Failed), Vec::<String>::new());
    // What is merely frequent is none either.
    let groups = [(900, 10, false, "n1"), (100, 10, true, "n1")];
    assert_eq!(compare(&groups, Contrast::Failed), Vec::<String>::new());
}

#[test]
fn the_more_certain_difference_is_first() {
    let groups = [(500, 10, false, "a"), (500, 10, false, "b"), (60, 10, true, "c"), (40, 10, true, "d")];
    let expected = ["node=c in 60 of 100, otherwise 0 of 1000", "node=d in 40 of 100, otherwise 0 of 1000"];
    assert_eq!(compare(&groups, Contrast::Failed), expected);
}

#[test]
fn a_contrast_needs_both_sides() {
    assert_eq!(compare(&[(50, 10, true, "a")], Contrast::Failed), Vec::<String>::new());
    assert_eq!(compare(&[(50, 10, true, "a")], Contrast::Slow), Vec::<String>::new());
    assert_eq!(compare(&[], Contrast::Slow), Vec::<String>::new());
}

#[test]
fn a_tenth_at_most_is_slow() {
    let attributes = [("k", "v")];
    let sample = |duration_ns| TraceSample { duration_ns, is_error: false, operations: &[], attributes: &attributes };
    let samples: Vec<TraceSample<'_>> = (1..=100).map(sample).collect();
    assert_eq!(compare_attributes(&samples, Contrast::Slow).suspects, 10);
}

#[test]
fn ids_are_left_out_and_named() {
    let ids: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
    let pairs: Vec<[(&str, &str); 2]> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| [("request.id", &id[..]), ("n", if n < 50 { "x" } else { "y" })])
        .collect();
    let samples: Vec<TraceSample<'_>> = pairs
        .iter()
        .enumerate()
        .map(|(n, pair)| TraceSample { duration_ns: 1, is_error: n < 50, operations: &[], attributes: pair })
        .collect();
    let comparison = compare_attributes(&samples, Contrast::Failed);
    assert_eq!((comparison.keys_of_many_values.as_slice(), comparison.keys_left_out), (&["request.id"][..], false));
    assert_eq!(write(&comparison), ["n=x in 50 of 50, otherwise 0 of 951"]);
}

#[test]
fn keys_beyond_the_limit_are_left_out_whatever_the_order() {
    let keys: Vec<String> = (0..300).map(|number| format!("k{number:03}")).collect();
    let mut pairs: Vec<(&str, &str)> = keys.iter().map(|key| (&key[..], "v")).collect();
    let mut found = Vec::new();
    for _ in 0..2 {
        pairs.reverse();
        let sample = |n| TraceSample {
            duration_ns: 1,
            is_error: n < 100,
            operations: &[],
            attributes: if n < 100 { &pairs[..] } else { &[] },
        };
        let samples: Vec<TraceSample<'_>> = (0..1_000).map(sample).collect();
        let comparison = compare_attributes(&samples, Contrast::Failed);
        assert!(comparison.keys_left_out);
        found.push((write(&comparison), comparison.differences.len(), comparison.differences_left_out));
    }
    assert_eq!(found[0], found[1]);
    assert_eq!((found[0].1, found[0].2), (50, 206));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_operations_of_a_band_have_its_whole_time(traces in proptest::collection::vec([0..50u64, 0..9, 0..400], 1..60)) {
        let traces: Vec<_> =
            traces.into_iter().map(|[a, b, c]| operations(&[("a", a), ("b", b), ("c", c)])).collect();
        let mut samples: Vec<TraceSample<'_>> = traces.iter().map(|times| sample(times)).collect();
        let profile = profile_time(&samples);
        for (band, share) in [
            (profile.p50, profile.operations.iter().map(|time| time.p50_share).sum::<f64>()),
            (profile.p99, profile.operations.iter().map(|time| time.p99_share).sum::<f64>()),
        ] {
            prop_assert!(band.traces > 0);
            prop_assert!((band.duration_ns_min..=band.duration_ns_max).contains(&band.duration_ns_mean));
            prop_assert!((share - 1.0).abs() < 1e-9 || band.duration_ns_max == 0);
        }
        samples.reverse();
        prop_assert_eq!(profile, profile_time(&samples));
    }
}
