//! Traces as large as one gets, in the shapes that break recursive or quadratic walks.

use model::{SpanId, UnixNanos};
use stitch::{SpanInput, SpanKind, critical_paths, stitch};

const SPANS: i64 = 100_000;

/// Checks the path of a trace of [`SPANS`] spans, of which `shape` says each one's parent, start and end by its
/// number, from 1 on: how many sections it has, and how many spans it goes through.
#[track_caller]
fn check(shape: impl Fn(i64) -> (i64, i64, i64), sections: usize, on_path: usize) {
    let spans: Vec<SpanInput<'static>> = (1..=SPANS)
        .rev()
        .map(|number| {
            let (parent, start, end) = shape(number);
            SpanInput {
                parent_span_id: (parent > 0).then(|| span_id(parent)),
                start: UnixNanos::new(start),
                duration_ns: end - start,
                kind: SpanKind::Internal,
                service: "web",
                name: "work",
                is_error: false,
                ..SpanInput::bare(span_id(number))
            }
        })
        .collect();
    let paths = critical_paths(&stitch(&spans), &spans);
    let found: (usize, usize) =
        (paths.iter().map(|path| path.sections.len()).sum(), paths.iter().map(|path| path.spans.len()).sum());
    assert_eq!(found, (sections, on_path));
}

fn span_id(number: i64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

#[test]
fn a_chain_is_followed_down_and_up() {
    check(|n| (n - 1, n, 3 * SPANS - n), 199_999, 100_000);
}

#[test]
fn a_chain_that_shifts_out_of_its_parents_is_cut() {
    check(|n| (n - 1, n, n + 1_000), 1_000, 1_000);
}

#[test]
fn children_one_after_the_other_are_all_waited_for() {
    check(|n| if n == 1 { (0, 0, 10 * SPANS) } else { (1, 10 * n - 10, 10 * n - 5) }, 199_999, 100_000);
}

#[test]
fn children_that_overlap_a_little_are_all_waited_for() {
    check(|n| if n == 1 { (0, 0, 10 * SPANS) } else { (1, 10 * n - 10, 10 * n + 1) }, 100_000, 100_000);
}

#[test]
fn of_concurrent_children_one_is_waited_for() {
    check(|n| if n == 1 { (0, 0, 10 * SPANS) } else { (1, n, 9 * SPANS + n % 7) }, 3, 2);
}

#[test]
fn a_forest_has_a_path_for_each_span() {
    check(|n| (0, n, n + 1), 100_000, 100_000);
}
