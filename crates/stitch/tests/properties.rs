//! What holds for every trace, however broken: checked on small traces made to collide.

use std::collections::{BTreeMap, BTreeSet};

use model::{SpanId, UnixNanos};
use proptest::prelude::*;
use proptest::sample::select;
use stitch::{
    LogMention, Mark, Offsets, RepairKind, Row, Source, SpanInput, SpanKind, Story, Surroundings, Trace, UsualCallers,
    arrange, is_plain, stitch, stitch_within,
};

/// The two sides of a call are twice as frequent, so that shared ids are.
const KINDS: &[SpanKind] = &[
    SpanKind::Unspecified,
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];
const NANOS: &[i64] = &[i64::MIN, -1, 0, 1, 2, 3, 50, i64::MAX];
const SERVICES: &[&str] = &["", "web", "cart"];
const HOSTS: &[&str] = &["", "node-a", "node-b", "node-c"];
const NAMES: &[&str] = &["GET", "PUT"];

/// A few ids, services and times, so that most traces have duplicates, cycles, orphans and shared ids at once.
fn any_span() -> impl Strategy<Value = SpanInput<'static>> {
    (
        1..10u64,
        proptest::option::weighted(0.8, 1..12u64),
        (select(NANOS), select(NANOS)),
        select(KINDS),
        (select(SERVICES), select(HOSTS), select(NAMES)),
        (any::<bool>(), any::<bool>()),
    )
        .prop_map(|(id, parent, (start, duration_ns), kind, (service, host, name), (is_error, has_links))| {
            SpanInput {
                parent_span_id: parent.map(span_id),
                start: UnixNanos::new(start),
                duration_ns,
                kind,
                service,
                host,
                has_links,
                name,
                is_error,
                ..SpanInput::bare(span_id(id))
            }
        })
}

/// Up to 30 of them, each received at another time.
fn any_trace() -> impl Strategy<Value = Vec<SpanInput<'static>>> {
    proptest::collection::vec(any_span(), 0..30).prop_map(|mut spans| {
        for (order, span) in spans.iter_mut().enumerate() {
            span.received_order = order as u64;
        }
        spans
    })
}

/// A trace with nothing wrong: each span's parent is one of those before it and, if on another host, reaches over it.
fn clean_trace() -> impl Strategy<Value = Vec<SpanInput<'static>>> {
    proptest::collection::vec((any_span(), any::<proptest::sample::Index>(), 0..100i64), 1..30).prop_map(|drafts| {
        let mut spans: Vec<SpanInput<'static>> = Vec::new();
        for (mut span, parent, duration_ns) in drafts {
            span.parent_span_id = span.parent_span_id.filter(|_| !spans.is_empty()).map(|_| parent.get(&spans).span_id);
            span.span_id = span_id(spans.len() as u64 + 1);
            span.duration_ns = duration_ns;
            let parent = spans.iter().find(|parent| Some(parent.span_id) == span.parent_span_id);
            match parent {
                Some(parent) if parent.host != span.host || span.host.is_empty() => {
                    (span.start, span.duration_ns) = (parent.start, parent.duration_ns);
                }
                // A clock that both have shows the child no earlier.
                Some(parent) => span.start = parent.start.max(span.start),
                None => {}
            }
            spans.push(span);
        }
        spans
    })
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

proptest! {
    // A failure prints its smallest trace, which then becomes a case in testdata.
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_raw_view_has_every_copy_once_and_nothing_else(spans in any_trace()) {
        let story = arrange(&spans);
        check_shape(&story);
        let mut copies: Vec<usize> = story.rows.iter().filter_map(arrived).collect();
        copies.sort_unstable();
        prop_assert_eq!(copies, (0..spans.len()).collect::<Vec<_>>());
        prop_assert_eq!(story.rows.len(), spans.len());
        prop_assert_eq!(story.repairs, []);
    }

    #[test]
    fn what_is_plainly_clean_needs_no_repair(any in any_trace(), clean in clean_trace()) {
        for spans in [any, clean] {
            let story = stitch(&spans);
            prop_assert!(!is_plain(&spans) || story.repairs.is_empty(), "{:?}", story.repairs);
        }
    }

    #[test]
    fn a_clean_trace_of_one_host_is_plain(mut spans in clean_trace()) {
        spans.iter_mut().for_each(|span| span.host = "a");
        let begins_late = |span: &SpanInput<'_>| {
            let parent = spans.iter().find(|parent| Some(parent.span_id) == span.parent_span_id);
            parent.is_some_and(|parent| span.start < parent.start)
        };
        prop_assert!(is_plain(&spans) || spans.iter().any(begins_late));
    }

    #[test]
    fn the_raw_view_moves_a_copy_only_below_the_span_it_names(spans in any_trace()) {
        let story = arrange(&spans);
        for row in &story.rows {
            let span = &spans[arrived(row).expect("the raw view has no phantoms")];
            prop_assert_eq!((row.span_id, row.start), (span.span_id, span.start));
            match row.parent {
                Some(parent) => prop_assert_eq!(span.parent_span_id, Some(story.rows[parent].span_id)),
                None => prop_assert!(
                    row.has(Mark::Root) || row.has(Mark::Orphan) || row.has(Mark::Cycle), "{:?}", row
                ),
            }
        }
    }

    #[test]
    fn the_stitched_view_has_every_id_once_and_a_shared_id_twice(spans in any_trace()) {
        let story = stitch(&spans);
        check_shape(&story);
        let mut rows_of: BTreeMap<SpanId, usize> = BTreeMap::new();
        for row in &story.rows {
            *rows_of.entry(row.span_id).or_default() += 1;
            prop_assert!(row.start <= row.end);
            prop_assert_eq!(row.has(Mark::Phantom), arrived(row).is_none());
            if let Some(copy) = arrived(row).filter(|_| !row.has(Mark::ClockSkew) && !row.has(Mark::LateRoot)) {
                prop_assert_eq!(row.start, spans[copy].start);
            }
        }
        for (id, rows) in rows_of {
            prop_assert_eq!(rows, if has_two_sides(&spans, id) { 2 } else { 1 });
        }
        let shown: BTreeSet<SpanId> = story.rows.iter().filter_map(arrived).map(|copy| spans[copy].span_id).collect();
        prop_assert_eq!(shown, spans.iter().map(|span| span.span_id).collect());
    }

    #[test]
    fn the_newest_copy_of_every_id_is_shown(spans in any_trace()) {
        let rows: BTreeSet<usize> = stitch(&spans).rows.iter().filter_map(arrived).collect();
        let newest: BTreeMap<SpanId, usize> = (0..spans.len()).map(|copy| (spans[copy].span_id, copy)).collect();
        prop_assert!(newest.values().all(|copy| rows.contains(copy)));
    }

    #[test]
    fn a_phantom_is_what_its_children_name_and_never_what_arrived(spans in any_trace()) {
        let story = stitch(&spans);
        let phantoms: Vec<usize> = (0..story.rows.len()).filter(|&row| story.rows[row].has(Mark::Phantom)).collect();
        for &phantom in &phantoms {
            let row = &story.rows[phantom];
            let children: Vec<&Row<'_>> = story.rows.iter().filter(|row| row.parent == Some(phantom)).collect();
            prop_assert!(spans.iter().all(|span| span.span_id != row.span_id));
            prop_assert_eq!(children.iter().map(|child| child.start).min(), Some(row.start));
            prop_assert_eq!(children.iter().map(|child| child.end).max(), Some(row.end));
            for child in children {
                let span = &spans[arrived(child).expect("phantoms hang on nothing")];
                prop_assert_eq!(span.parent_span_id, Some(row.span_id));
                prop_assert!(child.has(Mark::Orphan));
            }
        }
        let ids: BTreeSet<SpanId> = phantoms.iter().map(|&row| story.rows[row].span_id).collect();
        prop_assert_eq!(ids.len(), phantoms.len(), "one phantom for each absent parent");
    }

    #[test]
    fn every_change_is_in_the_ledger_with_its_evidence(spans in any_trace()) {
        let story = stitch(&spans);
        prop_assert!(story.repairs.is_sorted_by_key(|repair| repair.kind));
        let moved = story.repairs.iter().filter(|repair| repair.kind == RepairKind::ClockSkew).count();
        prop_assert_eq!(moved, story.shifts.len());
        for remark in &story.remarks {
            prop_assert!(!remark.span_ids.is_empty() && !remark.evidence.is_empty());
        }
        for repair in &story.repairs {
            prop_assert!((0.0..=1.0).contains(&repair.confidence));
            prop_assert!(!repair.span_ids.is_empty() && !repair.evidence.is_empty());
        }
        for row in &story.rows {
            for mark in row.marks.iter() {
                let kind = match mark {
                    Mark::Root => continue,
                    Mark::Orphan | Mark::Phantom => "missing_parent",
                    Mark::Duplicate => "duplicate_span",
                    Mark::SharedSpanId => "shared_span_id",
                    Mark::Cycle => "parent_cycle",
                    Mark::NegativeDuration => "negative_duration",
                    Mark::ClockSkew => "clock_skew",
                    Mark::LateRoot => "late_root",
                    Mark::Logged => "log_only_service",
                };
                let mut repairs = story.repairs.iter().filter(|repair| repair.kind.as_str() == kind);
                prop_assert!(repairs.any(|repair| repair.span_ids.contains(&row.span_id)), "{} of {:?}", kind, row);
            }
        }
    }

    #[test]
    fn the_story_does_not_depend_on_the_order_of_the_input(
        (spans, shuffled) in any_trace().prop_flat_map(|spans| (Just(spans.clone()), Just(spans).prop_shuffle()))
    ) {
        for view in [arrange, stitch] {
            prop_assert_eq!(retold(&view(&spans), &spans), retold(&view(&shuffled), &shuffled));
        }
    }

    #[test]
    fn whatever_other_traces_taught_a_span_is_moved_by_what_its_host_is_moved_by(
        spans in any_trace(),
        others in proptest::collection::vec(any_trace(), 0..6)
    ) {
        let mut offsets = Offsets::new();
        let mut callers = UsualCallers::new();
        for other in &others {
            offsets.learn(other, UnixNanos::new(0));
            callers.learn(other);
        }
        let surroundings = Surroundings { offsets: Some(&offsets), callers: Some(&callers), ..Surroundings::default() };
        let story = stitch_within(Trace::of_spans(&spans), &surroundings);
        check_shape(&story);
        for row in &story.rows {
            let Some(copy) = arrived(row) else { continue };
            let shift = story.shifts.iter().find(|shift| shift.host == spans[copy].host);
            let moved = spans[copy].start.get().saturating_add(shift.map_or(0, |shift| shift.shift_ns));
            prop_assert_eq!(row.has(Mark::ClockSkew), shift.is_some());
            prop_assert!(row.start.get() == moved || row.has(Mark::LateRoot));
            prop_assert!(row.start <= row.end);
        }
    }

    #[test]
    fn each_service_that_only_logged_has_one_row_whatever_the_order(
        spans in any_trace(),
        (mentions, shuffled) in any_mentions().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let story = stitch_within(Trace { spans: &spans, mentions: &mentions }, &Surroundings::default());
        let again = stitch_within(Trace { spans: &spans, mentions: &shuffled }, &Surroundings::default());
        prop_assert_eq!(&story, &again);
        check_shape(&story);
        let only_logged = |service: &&str| !service.is_empty() && spans.iter().all(|span| span.service != *service);
        let expected: BTreeSet<&str> = mentions.iter().map(|mention| mention.service).filter(only_logged).collect();
        let rows: Vec<&Row<'_>> = story.rows.iter().filter(|row| row.has(Mark::Logged)).collect();
        let services = rows.iter().map(|row| if let Source::Logged { service } = row.source { service } else { "" });
        prop_assert_eq!(services.collect::<BTreeSet<_>>(), expected);
        let repairs = story.repairs.iter().filter(|repair| repair.kind == RepairKind::LogOnlyService).count();
        prop_assert_eq!(rows.len(), repairs);
        for row in rows {
            prop_assert_eq!(story.rows.iter().filter(|other| other.span_id == row.span_id).count(), 1);
        }
        // Nothing else is told otherwise for it.
        let rest = |story: &Story<'_>| story.rows.iter().filter(|row| !row.has(Mark::Logged)).count();
        prop_assert_eq!(rest(&story), stitch(&spans).rows.len());
    }

    #[test]
    fn a_clean_trace_needs_no_repair(spans in clean_trace()) {
        let story = stitch(&spans);
        check_shape(&story);
        prop_assert_eq!(&story.repairs, &[]);
        prop_assert_eq!(&story, &arrange(&spans));
    }
}

/// Up to six log records, of services with and without spans.
fn any_mentions() -> impl Strategy<Value = Vec<LogMention<'static>>> {
    let mention =
        (select(&["", "web", "mail", "bill"][..]), select(HOSTS), proptest::option::of(1..14u64), select(NANOS));
    let mention = mention.prop_map(|(service, host, span, time)| LogMention {
        service,
        host,
        span_id: span.map(span_id),
        time: UnixNanos::new(time),
    });
    proptest::collection::vec(mention, 0..6)
}

/// Parents above their children, depth-first, siblings in order, all within the story's time.
fn check_shape(story: &Story<'_>) {
    let mut open: Vec<usize> = Vec::new();
    let mut previous_sibling: BTreeMap<Option<usize>, (UnixNanos, SpanId)> = BTreeMap::new();
    for (index, row) in story.rows.iter().enumerate() {
        while open.last().is_some_and(|&last| Some(last) != row.parent) {
            open.pop();
        }
        assert_eq!(open.last().copied(), row.parent, "row {index} stands below its parent, among its siblings");
        assert_eq!(row.depth as usize, open.len(), "row {index} is one deeper than its parent");
        let place = (row.start, row.span_id);
        let before = previous_sibling.insert(row.parent, place);
        assert!(before.is_none_or(|before| before <= place), "row {index} comes after its siblings");
        assert!(story.start <= row.start && row.start <= story.end && row.end <= story.end);
        open.push(index);
    }
}

/// Whether the newest copy is one side of a call and another service sent the other side.
fn has_two_sides(spans: &[SpanInput<'_>], id: SpanId) -> bool {
    let copies = || spans.iter().filter(|span| span.span_id == id);
    let Some(newest) = copies().next_back() else { return false };
    let other_kinds: &[SpanKind] = match newest.kind {
        SpanKind::Client | SpanKind::Producer => &[SpanKind::Server],
        SpanKind::Server => &[SpanKind::Client, SpanKind::Producer],
        _ => return false,
    };
    copies().any(|copy| other_kinds.contains(&copy.kind) && copy.service != newest.service)
}

/// A story in terms of when its spans were received instead of where they stand in the input.
fn retold(story: &Story<'_>, spans: &[SpanInput<'_>]) -> String {
    let mut text = format!("{:?} {:?} {:?}\n", story.start, story.end, story.repairs);
    for row in &story.rows {
        let received = arrived(row).map(|copy| spans[copy].received_order);
        let service = if let Source::Phantom { service } = row.source { service } else { None };
        text += &format!(
            "{:?} {received:?} {service:?} {:?} {} {:?} {:?} {:?}\n",
            row.span_id, row.parent, row.depth, row.start, row.end, row.marks
        );
    }
    text
}

fn arrived(row: &Row<'_>) -> Option<usize> {
    match row.source {
        Source::Arrived(copy) => Some(copy),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    }
}
