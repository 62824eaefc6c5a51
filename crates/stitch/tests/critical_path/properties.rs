//! What holds for the path of every trace, however broken: checked on small traces made to collide.

use std::cmp::Reverse;

use model::{SpanId, UnixNanos};
use proptest::prelude::*;
use proptest::sample::select;
use stitch::{CriticalPath, Row, SpanInput, SpanKind, Story, arrange, critical_path, critical_paths, stitch};

const KINDS: &[SpanKind] = &[SpanKind::Internal, SpanKind::Server, SpanKind::Producer, SpanKind::Consumer];
/// A trace's length against which an overlap of 1 can be forgiven, and the ends of time.
const NANOS: &[i64] = &[i64::MIN, -1, 0, 1, 2, 3, 50, 51, 100, 300, 301, 1_000, i64::MAX];

fn any_span() -> impl Strategy<Value = SpanInput<'static>> {
    let times = (select(NANOS), select(NANOS));
    (1..16u64, proptest::option::weighted(0.9, 1..18u64), times, select(KINDS), any::<bool>()).prop_map(
        |(id, parent, (start, duration_ns), kind, is_error)| SpanInput {
            parent_span_id: parent.map(span_id),
            start: UnixNanos::new(start),
            duration_ns,
            kind,
            service: if is_error { "web" } else { "cart" },
            name: "work",
            is_error,
            ..SpanInput::bare(span_id(id))
        },
    )
}

fn any_trace() -> impl Strategy<Value = Vec<SpanInput<'static>>> {
    proptest::collection::vec(any_span(), 0..30).prop_map(|mut spans| {
        for (order, span) in spans.iter_mut().enumerate() {
            span.received_order = order as u64;
        }
        spans
    })
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

/// What must be true of one path.
fn check_path(path: &CriticalPath, story: &Story<'_>) {
    let top = &story.rows[path.top];
    let mut at = top.start;
    for section in &path.sections {
        assert_eq!(section.from, at, "no gap and no overlap");
        assert!(section.from < section.to, "no empty section");
        at = section.to;
        let row = &story.rows[section.row];
        assert!(row.start <= section.from && section.to <= row.end, "a section lies within its span");
        assert!(under(story, section.row, path.top), "a section's span hangs on the top");
    }
    assert_eq!(at, top.end.max(top.start), "the whole of the top's time is covered");
    assert_eq!(path.duration_ns(), at.get().abs_diff(top.start.get()));
    for span in &path.spans {
        let own = path.sections.iter().filter(|section| section.row == span.row);
        assert_eq!(own.map(|section| section.duration_ns()).sum::<u64>(), span.self_ns);
    }
    assert!(path.spans.is_sorted_by(|a, b| a.row < b.row), "each span once, in the order of rows");
    assert!(path.sections.iter().all(|section| path.spans.iter().any(|span| span.row == section.row)));
    assert!(path.sections.is_sorted_by(|a, b| a.row != b.row), "what belongs together is one section");
}

fn under(story: &Story<'_>, row: usize, top: usize) -> bool {
    std::iter::successors(Some(row), |&row| story.rows[row].parent).any(|row| row == top)
}

/// Sections as the module's words define them, latest first, with no thought for speed. `window` is what of the row
/// counts, and its time up to `until` is on the path.
fn walk(story: &Story<'_>, row: usize, window: (i64, i64), until: i64, sections: &mut Vec<(usize, i64, i64)>) {
    let rows = story.rows.iter().enumerate().filter(|(_, child)| child.parent == Some(row));
    let cut = |(child, row): (usize, &Row<'_>)| (child, row.start.get().max(window.0), row.end.get().min(window.1));
    let children: Vec<(usize, i64, i64)> = rows.map(cut).filter(|(_, from, to)| from < to).collect();
    let mut until = until;
    let mut later: Option<(usize, i64, i64)> = None;
    loop {
        let is_before = |&&(_, from, to): &&(usize, i64, i64)| {
            let Some((_, later_from, later_to)) = later else { return from < until };
            if to <= later_from {
                return true;
            }
            let overlap = u128::from(to.abs_diff(later_from)) * 100;
            let inside = |time: i64| usize::from((later_from..=to).contains(&time));
            let events: usize = children.iter().map(|&(_, from, to)| inside(from) + inside(to)).sum();
            from < later_from && to < later_to && overlap < window.1.abs_diff(window.0).into() && events == 2
        };
        let last =
            children.iter().filter(is_before).max_by_key(|(child, from, to)| (to, Reverse(from), Reverse(child)));
        let Some(&(child, from, to)) = last else { break };
        let end = to.min(until);
        sections.extend((end < until).then_some((row, end, until)));
        walk(story, child, (from, to), end, sections);
        (until, later) = (from, Some((child, from, to)));
    }
    sections.extend((window.0 < until).then_some((row, window.0, until)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_path_covers_each_instant_of_its_top_once(spans in any_trace()) {
        for story in [stitch(&spans), arrange(&spans)] {
            let paths = critical_paths(&story, &spans);
            prop_assert_eq!(paths.len(), story.rows.iter().filter(|row| row.parent.is_none()).count());
            for path in &paths {
                check_path(path, &story);
            }
            for top in 0..story.rows.len() {
                check_path(&critical_path(&story, &spans, top).expect("there is such a row"), &story);
            }
        }
    }

    #[test]
    fn the_path_does_not_depend_on_the_order_of_spans(spans in any_trace(), order in any::<prop::sample::Index>()) {
        let mut turned = spans.clone();
        turned.rotate_left(if spans.is_empty() { 0 } else { order.index(spans.len()) });
        turned.reverse();
        let of = |spans: &[SpanInput<'static>]| critical_paths(&stitch(spans), spans);
        prop_assert_eq!(of(&spans), of(&turned));
    }

    #[test]
    fn the_path_is_the_one_that_a_plain_walk_finds(spans in any_trace()) {
        // All of them waited for: who is waited for does not show in a story.
        let spans: Vec<_> = spans.into_iter().map(|span| SpanInput { kind: SpanKind::Internal, ..span }).collect();
        let story = stitch(&spans);
        for path in critical_paths(&story, &spans) {
            let top = &story.rows[path.top];
            let mut expected = Vec::new();
            walk(&story, path.top, (top.start.get(), top.end.get()), top.end.get(), &mut expected);
            expected.reverse();
            let found = path.sections.iter().map(|section| (section.row, section.from.get(), section.to.get()));
            prop_assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn operations_have_the_whole_of_a_path(spans in any_trace()) {
        let story = stitch(&spans);
        for path in critical_paths(&story, &spans) {
            let times = path.by_operation(&story, &spans);
            prop_assert_eq!(times.iter().map(|time| time.self_ns).sum::<u64>(), path.duration_ns());
            prop_assert_eq!(times.iter().map(|time| time.spans).sum::<usize>(), path.spans.len());
            prop_assert!(times.iter().all(|time| time.failed_self_ns <= time.self_ns));
        }
    }
}
