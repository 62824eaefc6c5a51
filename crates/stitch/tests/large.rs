//! Traces as large as one gets, in the shapes that break recursive or quadratic stitching.

use model::{SpanId, UnixNanos};
use stitch::{RepairKind, SpanInput, SpanKind, Story, arrange, stitch};

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
