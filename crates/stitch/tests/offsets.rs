//! Calls in, offsets of clocks out.

use model::UnixNanos;
use stitch::{Exchange, HOST_BYTES_MAX, OFFSET_WINDOW_NANOS, OFFSET_WINDOWS_MAX, Offset, OffsetWindow, Offsets};

const MICRO: i64 = 1_000;
const MILLI: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

/// 2026-11-24T06:00:00Z, the start of a window.
const START: i64 = 1_795_500_000 * SECOND;

/// A call of 10 ms that begins at `at` by the client's clock. The way there and the way back take from 0.1 ms up, and
/// the server's clock is ahead by `ahead`.
fn call<'a>(client_host: &'a str, server_host: &'a str, at: i64, ahead: i64) -> Exchange<'a> {
    // Different from call to call, and never both long.
    let (there, back) = (100 * MICRO + at % 7 * 50 * MICRO, 100 * MICRO + at % 5 * 60 * MICRO);
    Exchange {
        client_host,
        server_host,
        client_start: UnixNanos::new(at),
        client_end: UnixNanos::new(at + 10 * MILLI),
        server_start: UnixNanos::new(at + there + ahead),
        server_end: UnixNanos::new(at + 10 * MILLI - back + ahead),
        at: UnixNanos::new(at),
    }
}

/// `count` calls from a to b, one each second and a bit, of which `ahead` says by its number how far b is ahead.
fn offsets(count: i64, ahead: impl Fn(i64) -> i64) -> Offsets {
    let mut offsets = Offsets::new();
    for number in 0..count {
        offsets.add(&call("a", "b", START + number * (SECOND + 1), ahead(number)));
    }
    offsets
}

/// That the offset of b at a second is `expected` within its error, and the error at most `error_max`.
#[track_caller]
fn check(offsets: &Offsets, second: i64, expected: i64, error_max: i64) {
    let at = UnixNanos::new(START + second * SECOND);
    let offset = offsets.between("a", "b", at).expect("there are calls enough");
    let Offset { estimate_ns, error_ns, .. } = offset;
    assert!((estimate_ns - expected).abs() <= error_ns, "{estimate_ns} ± {error_ns} is not {expected}");
    assert!(error_ns <= error_max, "{error_ns} is more than {error_max}");
    let back = offsets.between("b", "a", at).expect("what is known of b is known of a");
    assert_eq!((back.estimate_ns, back.error_ns, &*back.from), (-estimate_ns, error_ns, "b"));
}

#[test]
fn the_quickest_ways_of_many_calls_bound_the_offset() {
    check(&offsets(600, |_| -750 * MILLI), 300, -750 * MILLI, 400 * MICRO);
    check(&offsets(600, |_| 0), 300, 0, 400 * MICRO);
    check(&offsets(600, |_| 7_200 * SECOND), 300, 7_200 * SECOND, 400 * MICRO);
}

#[test]
fn a_few_calls_say_something_and_fewer_nothing() {
    check(&offsets(5, |_| 40 * MILLI), 2, 40 * MILLI, MILLI);
    assert_eq!(offsets(4, |_| 40 * MILLI).between("a", "b", UnixNanos::new(START)), None);
    assert_eq!(offsets(9, |_| 0).between("a", "c", UnixNanos::new(START)), None);
}

#[test]
fn no_single_absurd_call_fixes_the_offset() {
    for absurd in [-3_600 * SECOND, -20 * MILLI, 20 * MILLI, 3_600 * SECOND] {
        check(&offsets(300, |number| if number == 150 { absurd } else { 5 * MILLI }), 150, 5 * MILLI, 500 * MICRO);
    }
}

#[test]
fn calls_of_which_a_tenth_lies_differently_each_time_are_believed_as_to_the_rest() {
    let ahead = |number: i64| if number % 10 == 3 { number * MILLI } else { 2 * MILLI };
    check(&offsets(600, ahead), 300, 2 * MILLI, MILLI);
}

#[test]
fn a_drifting_clock_is_followed() {
    for second in [10, 1_000, 1_799, 3_590] {
        let ahead = |number: i64| 30 * MILLI + number * 40 * MICRO;
        check(&offsets(3_600, ahead), second, 30 * MILLI + second * 40 * MICRO, MILLI);
    }
}

#[test]
fn a_clock_that_was_set_is_off_before_and_right_after() {
    let offsets = offsets(600, |number| if number < 320 { 750 * MILLI } else { 0 });
    check(&offsets, 200, 750 * MILLI, MILLI);
    check(&offsets, 500, 0, MILLI);
}

#[test]
fn calls_that_agree_on_nothing_say_nothing() {
    let offsets = offsets(300, |number| number * number % 977 * 40 * MILLI);
    assert_eq!(offsets.between("a", "b", UnixNanos::new(START + 150 * SECOND)), None);
}

#[test]
fn where_most_servers_outlast_their_clients_nothing_is_said() {
    let mut offsets = offsets(60, |_| 15 * MILLI);
    for number in 0..60 {
        let made = call("a", "b", START + number * SECOND, 0);
        offsets.add(&Exchange { server_end: UnixNanos::new(made.client_end.get() + 10 * SECOND), ..made });
    }
    assert_eq!(offsets.between("a", "b", UnixNanos::new(START + 30 * SECOND)), None);
}

#[test]
fn an_offset_is_of_its_hour() {
    let offsets = offsets(600, |_| 40 * MILLI);
    check(&offsets, -1_800, 40 * MILLI, 300 * MILLI);
    for seconds in [-7_200, 7_200] {
        assert_eq!(offsets.between("a", "b", UnixNanos::new(START + seconds * SECOND)), None);
    }
}

#[test]
fn calls_in_both_directions_speak_of_one_offset() {
    let mut offsets = offsets(100, |_| 40 * MILLI);
    for number in 0..100 {
        offsets.add(&call("b", "a", START + number * (SECOND + 3), -40 * MILLI));
    }
    check(&offsets, 50, 40 * MILLI, 400 * MICRO);
    assert_eq!(offsets.windows().count(), 1);
}

#[test]
fn summaries_merge_in_any_order_into_what_all_calls_would_have_given() {
    let (mut even, mut odd, mut all) = (Offsets::new(), Offsets::new(), Offsets::new());
    for number in 0..900 {
        let call = call("a", "b", START + number * (SECOND + 1), 3 * MILLI);
        if number % 2 == 0 {
            even.add(&call)
        } else {
            odd.add(&call)
        }
        all.add(&call);
    }
    let mut forward = even.clone();
    forward.merge(&odd);
    let mut backward = odd.clone();
    backward.merge(&even);
    for seconds in [0, 400, 899] {
        let at = UnixNanos::new(START + seconds * SECOND);
        assert_eq!(forward.between("a", "b", at), all.between("a", "b", at));
        assert_eq!(backward.between("a", "b", at), all.between("a", "b", at));
    }
}

#[test]
fn what_was_written_window_by_window_is_read_again() {
    let offsets = offsets(900, |_| 3 * MILLI);
    let mut again = Offsets::new();
    for (low, high, start, window) in offsets.windows() {
        let window = OffsetWindow::new(window.calls(), window.refused(), window.kept());
        again.add_window((low, high), start, &window);
    }
    let at = UnixNanos::new(START + 450 * SECOND);
    assert_eq!(again.between("a", "b", at), offsets.between("a", "b", at));
    assert!(again.between("a", "b", at).is_some());
}

#[test]
fn hosts_that_did_not_call_each_other_are_compared_by_way_of_others() {
    let mut offsets = Offsets::new();
    for number in 0..60 {
        let at = START + number * (SECOND + 1);
        offsets.add(&call("a", "m", at, 10 * MILLI));
        offsets.add(&call("m", "z", at, 20 * MILLI));
        offsets.add(&call("z", "y", at, -50 * MILLI));
    }
    let found = offsets.from_host("a", &["y", "z", "unknown"], UnixNanos::new(START + 30 * SECOND));
    let names: Vec<&str> = found.keys().map(|host| &**host).collect();
    assert_eq!(names, ["m", "y", "z"]);
    let offset = &found["y"];
    let via: Vec<&str> = offset.via.iter().map(|host| &**host).collect();
    assert_eq!((&*offset.from, via, &*offset.to), ("a", vec!["m", "z"], "y"));
    assert!((offset.estimate_ns + 20 * MILLI).abs() <= offset.error_ns);
    assert!(offset.error_ns > found["z"].error_ns && found["z"].error_ns > found["m"].error_ns, "errors add up");
    assert!(offset.confidence() < found["m"].confidence());
}

#[test]
fn windows_are_bounded_and_those_are_forgotten_that_nobody_added_to() {
    let mut offsets = Offsets::new();
    let windows = 2 * OFFSET_WINDOWS_MAX as i64;
    for number in 0..windows {
        for _ in 0..5 {
            offsets.add(&call("a", "b", START + number * OFFSET_WINDOW_NANOS, 0));
        }
        offsets.add(&call("busy", "host", START, 0));
    }
    assert!(offsets.windows().count() <= OFFSET_WINDOWS_MAX);
    assert_eq!(offsets.between("a", "b", UnixNanos::new(START)), None);
    assert!(offsets.between("busy", "host", UnixNanos::new(START)).is_none(), "one call, however often, is one");
    assert!(offsets.windows().any(|(low, ..)| low == "busy"));
}

#[test]
fn odd_calls_are_passed_over_and_times_at_the_ends_are_taken() {
    let long = "h".repeat(HOST_BYTES_MAX + 1);
    let mut offsets = Offsets::new();
    for (client, server) in [("", "b"), ("a", ""), ("a", "a"), (&*long, "b")] {
        offsets.add(&call(client, server, START, 0));
    }
    assert_eq!(offsets.windows().count(), 0);
    let ends = [i64::MIN, -1, 0, 1, i64::MAX].map(UnixNanos::new);
    for (client_start, server_start) in ends.into_iter().flat_map(|a| ends.map(|b| (a, b))) {
        for (client_end, server_end) in ends.into_iter().flat_map(|a| ends.map(|b| (a, b))) {
            for at in ends {
                let hosts = call("a", "b", 0, 0);
                offsets.add(&Exchange { client_start, client_end, server_start, server_end, at, ..hosts });
            }
        }
    }
    for at in ends {
        let _ = offsets.between("a", "b", at);
        let _ = offsets.from_host("b", &["a"], at);
    }
}

#[test]
fn the_search_for_a_chain_ends_among_hosts_that_all_call_each_other() {
    let hosts: Vec<String> = (0..80).map(|host| format!("node-{host:02}")).collect();
    let mut offsets = Offsets::new();
    for (low, high) in (0..80).flat_map(|low| (low + 1..80).map(move |high| (low, high))) {
        for number in 0..5 {
            offsets.add(&call(&hosts[low], &hosts[high], START + number * SECOND, 0));
        }
    }
    for number in 0..5 {
        offsets.add(&call("apart", "from all", START + number * SECOND, 0));
    }
    let found = offsets.from_host(&hosts[0], &[&hosts[79], "apart"], UnixNanos::new(START));
    assert!(found.contains_key(&*hosts[79]) && !found.contains_key("apart"));
}
