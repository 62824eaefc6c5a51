//! Traces as large as one gets, in the shapes that break recursive or quadratic stitching.

use model::{SpanId, UnixNanos};
use stitch::{
    LogMention, Offsets, RepairKind, SpanInput, SpanKind, Story, Surroundings, Trace, arrange, stitch, stitch_within,
};

const SPANS: u64 = 100_000;

/// A trace of [`SPANS`] spans, of which `shape` says each one's id and parent by its number, from 1 on.
fn trace(shape: impl Fn(u64) -> (u64, Option<u64>)) -> Vec<SpanInput<'static>> {
    // Against the order of the tree, so that no walk is short by luck.
    (1..=SPANS)
        .rev()
        .map(|number| {
            let (id, parent) = shape(number);
            SpanInput {
                parent_span_id: parent.map(span_id),
                start: UnixNanos::new(number as i64),
                duration_ns: 1_000,
                kind: SpanKind::Internal,
                service: "web",
                name: "work",
                received_order: number,
                ..SpanInput::bare(span_id(id))
            }
        })
        .collect()
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

/// What a large trace comes to: rows, deepest row, and how many repairs there are of each kind.
#[track_caller]
fn check(shape: impl Fn(u64) -> (u64, Option<u64>), rows: usize, depth: u32, repairs: &[(RepairKind, usize)]) {
    let spans = trace(shape);
    let story = stitch(&spans);
    assert_eq!((story.rows.len(), deepest(&story)), (rows, depth));
    let mut found: Vec<(RepairKind, usize)> = Vec::new();
    for kinds in story.repairs.chunk_by(|a, b| a.kind == b.kind) {
        found.push((kinds[0].kind, kinds.len()));
    }
    assert_eq!(found, repairs);
    assert_eq!(arrange(&spans).rows.len(), spans.len());
}

fn deepest(story: &Story<'_>) -> u32 {
    story.rows.iter().map(|row| row.depth).max().unwrap_or_default()
}

#[test]
fn a_chain_is_as_deep_as_it_is_long() {
    check(|n| (n, (n > 1).then(|| n - 1)), 100_000, 99_999, &[]);
}

#[test]
fn a_flat_trace_has_all_spans_below_one_root() {
    check(|n| (n, (n > 1).then_some(1)), 100_000, 1, &[]);
}

#[test]
fn a_ring_of_all_spans_is_cut_once() {
    check(|n| (n, Some(n % SPANS + 1)), 100_000, 99_999, &[(RepairKind::ParentCycle, 1)]);
}

#[test]
fn every_span_its_own_parent_is_a_ring_each() {
    check(|n| (n, Some(n)), 100_000, 0, &[(RepairKind::ParentCycle, 100_000)]);
}

#[test]
fn all_orphans_of_one_parent_share_one_phantom() {
    check(|n| (n, Some(SPANS + 1)), 100_001, 1, &[(RepairKind::MissingParent, 1)]);
}

#[test]
fn all_orphans_of_different_parents_have_a_phantom_each() {
    check(|n| (n, Some(SPANS + n)), 200_000, 1, &[(RepairKind::MissingParent, 100_000)]);
}

#[test]
fn one_id_a_hundred_thousand_times_is_one_span() {
    check(|_| (1, None), 1, 0, &[(RepairKind::DuplicateSpan, 1)]);
}

#[test]
fn one_id_a_thousand_times_among_others_is_one_span() {
    check(|n| (n.max(1_000), None), 99_001, 0, &[(RepairKind::DuplicateSpan, 1)]);
}

/// A trace over a hundred thousand hosts of which each calls the next, by clocks that are all off, and a table of what
/// other traces say.
#[test]
fn every_span_on_a_host_of_its_own_is_stitched() {
    let hosts: Vec<String> = (0..SPANS).map(|number| format!("node-{number}")).collect();
    for parent in [|number: u64| number - 1, |_: u64| 1] {
        let mut spans = trace(|number| (number, (number > 1).then(|| parent(number))));
        for (span, host) in spans.iter_mut().zip(&hosts) {
            span.host = host;
            span.start = UnixNanos::new(span.start.get().wrapping_mul(0x9e37_79b9_7f4a_7c15u64.cast_signed()));
        }
        let mut offsets = Offsets::new();
        offsets.learn(&spans, UnixNanos::new(0));
        let story = stitch_within(
            Trace::of_spans(&spans),
            &Surroundings { offsets: Some(&offsets), ..Surroundings::default() },
        );
        assert_eq!(story.rows.len(), spans.len());
    }
}

#[test]
fn a_hundred_thousand_services_that_only_logged_have_a_row_each() {
    let spans = trace(|number| (number, (number > 1).then(|| number - 1)));
    let services: Vec<String> = (0..SPANS).map(|number| format!("service-{number}")).collect();
    let mention = |(service, number)| LogMention {
        service,
        host: "",
        span_id: Some(span_id(number % 3 * SPANS + 1)),
        time: UnixNanos::new(0),
    };
    let mentions: Vec<LogMention<'_>> = services.iter().map(String::as_str).zip(0_u64..).map(mention).collect();
    let story = stitch_within(Trace { spans: &spans, mentions: &mentions }, &Surroundings::default());
    assert_eq!((story.rows.len(), story.repairs.len()), (spans.len() + services.len(), services.len()));
}

#[test]
fn two_hosts_with_fifty_thousand_calls_between_them_are_stitched() {
    let mut spans = trace(|number| (number, (number > 1).then(|| number - 1)));
    for (span, number) in spans.iter_mut().zip(0..) {
        span.host = if number % 2 == 0 { "node-a" } else { "node-b" };
        span.kind = if number % 2 == 0 { SpanKind::Client } else { SpanKind::Server };
        span.duration_ns = [0, -1, i64::MAX, i64::MIN, 5][number % 5];
        span.start = UnixNanos::new([0, 1_000_000_000, i64::MAX, i64::MIN, -1][number % 7 % 5]);
    }
    let mut offsets = Offsets::new();
    offsets.learn(&spans, UnixNanos::new(0));
    let story =
        stitch_within(Trace::of_spans(&spans), &Surroundings { offsets: Some(&offsets), ..Surroundings::default() });
    assert_eq!(story.rows.len(), spans.len());
}
