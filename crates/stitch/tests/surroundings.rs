//! What is known from outside a trace, in its story.

use model::{SpanId, TimeRange, UnixNanos};
use stitch::{
    AddressBook, Holder, Mark, ONE_TRACE_SKEW_NS_MIN, Offsets, RemarkReason, RepairKind, ShiftSource, Source,
    SpanInput, SpanKind, Story, Surroundings, Trace, UsualCallers, stitch, stitch_within,
};

const MILLI: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

/// `web` on node a calls `pay` on node b at `at`, whose clock is ahead by `ahead`; the ids are from `id` on.
fn call(id: u64, at: i64, ahead: i64) -> [SpanInput<'static>; 2] {
    [
        SpanInput {
            start: UnixNanos::new(at),
            duration_ns: 10 * MILLI,
            kind: SpanKind::Client,
            service: "web",
            host: "node-a",
            name: "POST /pay",
            ..SpanInput::bare(span_id(id))
        },
        SpanInput {
            parent_span_id: Some(span_id(id)),
            start: UnixNanos::new(at + ahead + 300_000 + at % 11 * 1_000),
            duration_ns: 9 * MILLI,
            kind: SpanKind::Server,
            service: "pay",
            host: "node-b",
            name: "POST /pay",
            ..SpanInput::bare(span_id(id + 1))
        },
    ]
}

/// A minute of calls.
fn learnt(ahead: i64) -> Offsets {
    let mut offsets = Offsets::new();
    for number in 0..60 {
        let at = number * (SECOND + 7);
        offsets.learn(&call(1, at, ahead), UnixNanos::new(at));
    }
    offsets
}

/// By how much the server's span is moved, and the reasons for what was left.
#[track_caller]
fn check(ahead_before: i64, spans: &[SpanInput<'_>], moved: Option<i64>, reasons: &[RemarkReason]) {
    let offsets = learnt(ahead_before);
    let surroundings = Surroundings { offsets: Some(&offsets), ..Surroundings::default() };
    let story = stitch_within(Trace::of_spans(spans), &surroundings);
    let row = story.rows.iter().find(|row| row.source == Source::Arrived(1)).expect("the server is shown");
    let found = row.start.get() - spans[1].start.get();
    assert_eq!(row.has(Mark::ClockSkew), moved.is_some());
    match (moved, story.shifts.as_slice()) {
        (None, shifts) => assert_eq!((found, shifts.len(), story.repairs.len()), (0, 0, 0)),
        (Some(expected), [shift]) => {
            assert_eq!((shift.host, shift.reference, shift.shift_ns), ("node-b", "node-a", found));
            assert!((found - expected).abs() <= shift.error_ns.expect("many calls bound it"), "{found}");
            assert_eq!(story.repairs[0].kind, RepairKind::ClockSkew);
            assert!(story.repairs[0].confidence >= 0.9);
        }
        (Some(_), shifts) => panic!("{} hosts were moved", shifts.len()),
    }
    assert_eq!(story.remarks.iter().map(|remark| remark.reason).collect::<Vec<_>>(), reasons);
}

#[test]
fn a_host_is_moved_by_what_many_traces_say() {
    check(-750 * MILLI, &call(1, 30 * SECOND, -750 * MILLI), Some(750 * MILLI), &[]);
    check(750 * MILLI, &call(1, 30 * SECOND, 750 * MILLI), Some(-750 * MILLI), &[]);
}

#[test]
fn clocks_in_step_move_nothing() {
    check(0, &call(1, 30 * SECOND, 0), None, &[]);
}

#[test]
fn a_server_that_nobody_waited_for_is_not_forced_into_its_client() {
    check(0, &call(1, 30 * SECOND, 500 * MILLI), None, &[RemarkReason::NotWaitedFor]);
}

#[test]
fn a_call_that_would_have_begun_before_it_was_made_refutes_what_other_traces_say() {
    let offsets = learnt(0);
    let spans = call(1, 30 * SECOND, -750 * MILLI);
    let story =
        stitch_within(Trace::of_spans(&spans), &Surroundings { offsets: Some(&offsets), ..Surroundings::default() });
    assert_eq!(story.shifts.iter().map(|shift| shift.source).collect::<Vec<_>>(), [ShiftSource::OneTrace]);
    assert!(story.repairs[0].confidence < 0.9);
}

#[test]
fn a_call_that_fits_as_it_is_is_not_moved_by_what_other_traces_say() {
    check(-750 * MILLI, &call(1, 30 * SECOND, 0), None, &[]);
}

#[test]
fn a_message_is_moved_with_its_host_and_stays_after_its_sender() {
    let mut spans = call(1, 30 * SECOND, 5 * SECOND - 750 * MILLI);
    (spans[0].kind, spans[1].kind) = (SpanKind::Producer, SpanKind::Consumer);
    check(-750 * MILLI, &spans, Some(750 * MILLI), &[]);
}

#[test]
fn an_old_trace_is_not_moved_by_the_offset_of_another_day() {
    let spans = call(1, 90_000 * SECOND, 2 * MILLI / 10);
    check(-750 * MILLI, &spans, None, &[]);
}

#[test]
fn spans_at_the_ends_of_time_are_moved_no_further() {
    let mut spans = call(1, 30 * SECOND, 0).to_vec();
    spans.push(SpanInput { parent_span_id: Some(span_id(2)), start: UnixNanos::MAX, host: "node-b", ..spans[1] });
    spans[2].span_id = span_id(9);
    let offsets = learnt(-750 * MILLI);
    let story =
        stitch_within(Trace::of_spans(&spans), &Surroundings { offsets: Some(&offsets), ..Surroundings::default() });
    assert_eq!(story.rows.last().map(|row| (row.start, row.end)), Some((UnixNanos::MAX, UnixNanos::MAX)));
}

/// The server's side of a call to `pay`, whose client did not arrive.
fn orphan(addresses: [&'static str; 2]) -> SpanInput<'static> {
    SpanInput { parent_span_id: Some(span_id(7)), caller_addresses: addresses, ..call(1, 30 * SECOND, 0)[1] }
}

/// Which service the phantom above `spans` is said to be of, and how sure that is, to two decimals.
#[track_caller]
fn check_phantom(spans: &[SpanInput<'_>], expected: (Option<&str>, f64)) {
    let mut addresses = AddressBook::new();
    for (address, service, from, to) in [
        ("10.0.0.1", "web", 0, 60),
        ("10.0.0.1", "batch", 60, 120),
        ("10.0.0.9", "web", 0, 120),
        ("10.0.0.9", "kubelet", 0, 120),
    ] {
        let during = TimeRange { from: UnixNanos::new(from * SECOND), to: UnixNanos::new(to * SECOND) };
        addresses.add(address, Holder { service: service.to_owned(), pod: String::new(), during });
    }
    let mut callers = UsualCallers::new();
    callers.add(("pay", "POST /pay"), "checkout", 98);
    callers.add(("pay", "POST /pay"), "web", 2);
    callers.add(("stock", "GET /stock"), "web", 1);
    callers.add(("stock", "GET /stock"), "checkout", 1);
    let surroundings = Surroundings { addresses: Some(&addresses), callers: Some(&callers), ..Surroundings::default() };
    let story: Story<'_> = stitch_within(Trace::of_spans(spans), &surroundings);
    let found = story.rows.iter().find_map(|row| match row.source {
        Source::Phantom { service } => Some(service),
        Source::Arrived(_) | Source::Logged { .. } => None,
    });
    let confidence = (story.repairs[0].confidence * 100.0).round() / 100.0;
    assert_eq!((found, confidence), (Some(expected.0), expected.1));
}

#[test]
fn a_phantom_belongs_to_whoever_had_the_callers_address_at_that_time() {
    check_phantom(&[orphan(["10.0.0.1", ""])], (Some("web"), 0.95));
    check_phantom(&[orphan(["192.168.0.1", "10.0.0.1"])], (Some("web"), 0.95));
    let later = SpanInput { start: UnixNanos::new(90 * SECOND), ..orphan(["10.0.0.1", ""]) };
    check_phantom(&[later], (Some("batch"), 0.95));
}

#[test]
fn without_an_address_a_phantom_belongs_to_the_usual_caller() {
    check_phantom(&[orphan(["", ""])], (Some("checkout"), 0.95));
    // Several services share that one.
    check_phantom(&[orphan(["10.0.0.9", ""])], (Some("checkout"), 0.95));
    // The address of a message's receiver is the broker's.
    let message = SpanInput { kind: SpanKind::Consumer, ..orphan(["10.0.0.1", ""]) };
    check_phantom(&[message], (Some("checkout"), 0.95));
}

#[test]
fn without_any_evidence_a_phantom_is_unknown() {
    let of_stock = SpanInput { service: "stock", name: "GET /stock", ..orphan(["", ""]) };
    check_phantom(&[of_stock], (None, 0.98));
    let of_another = SpanInput { span_id: span_id(3), ..orphan(["10.0.0.1", ""]) };
    let later = SpanInput { start: UnixNanos::new(90 * SECOND), ..orphan(["10.0.0.1", ""]) };
    // Two that contradict each other; the usual caller of both is left.
    check_phantom(&[of_another, later], (Some("checkout"), 0.95));
}

#[test]
fn a_child_in_its_parents_process_is_better_evidence_than_an_address() {
    let local = SpanInput { span_id: span_id(3), kind: SpanKind::Client, service: "batch", ..orphan(["", ""]) };
    check_phantom(&[orphan(["10.0.0.1", ""]), local], (Some("batch"), 0.9));
}

/// By how much the server of a call is moved, and how many remarks there are, where nothing but the trace tells.
#[track_caller]
fn check_alone(spans: &[SpanInput<'_>], expected: (i64, usize)) {
    let story = stitch(spans);
    let row = story.rows.iter().find(|row| row.source == Source::Arrived(1)).expect("the server is shown");
    assert_eq!((row.start.get() - spans[1].start.get(), story.remarks.len()), expected);
    assert_eq!(story.shift_ns(spans[1].host), expected.0);
}

#[test]
fn what_coarse_clocks_explain_moves_nothing_and_is_not_spoken_of() {
    for ahead in [0, 1, -1, 5, 10, -10] {
        check_alone(&call(1, 0, ahead * MILLI), (0, 0));
    }
    // As it is made, the server has 300 µs from the client's start, and 700 µs to its end.
    let server_early = |by: i64| call(1, 0, -300_000 - by);
    check_alone(&server_early(ONE_TRACE_SKEW_NS_MIN), (0, 0));
    check_alone(&server_early(ONE_TRACE_SKEW_NS_MIN + 1), (ONE_TRACE_SKEW_NS_MIN + 1 + MILLI / 2, 0));
    let unnamed = |by: i64| call(1, 0, -300_000 - by).map(|span| SpanInput { host: "", ..span });
    check_alone(&unnamed(ONE_TRACE_SKEW_NS_MIN), (0, 0));
    check_alone(&unnamed(ONE_TRACE_SKEW_NS_MIN + 1), (0, 1));
}

#[test]
fn calls_that_coarse_clocks_tell_apart_contradict_nothing() {
    let mut spans = call(1, 0, -3 * MILLI).to_vec();
    spans.extend(call(3, SECOND, 3 * MILLI));
    spans[2].parent_span_id = Some(span_id(1));
    spans[0].duration_ns = 2 * SECOND;
    spans[1].duration_ns = 2 * SECOND - MILLI;
    check_alone(&spans, (0, 0));
}
