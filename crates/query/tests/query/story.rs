//! One trace, wherever its pieces lie.

use model::TraceId;
use query::{PlacedSpan, QueryErrorKind, TraceStory, TraceView};

use crate::telemetry::{Sent, at, failed, log, logs, span, spans, trace_id};
use crate::world::{LAYOUTS, Layout, World, tenant};

async fn story(world: &World, trace: u8, view: TraceView) -> TraceStory {
    world.engine.trace(&tenant(), TraceId::from_bytes(&trace_id(trace)).unwrap(), view).await.unwrap()
}

/// The waterfall as lines: depth, span, what stands there.
fn lines(story: &TraceStory) -> Vec<String> {
    let line = |line: &query::StoryLine| match &line.span {
        PlacedSpan::Arrived(span) => format!("{} {} {}", line.depth, line.span_id.as_bytes()[0], span.name),
        PlacedSpan::Logged(service) => format!("{} ({service} logged)", line.depth),
        PlacedSpan::Phantom(_) => format!("{} {} ?", line.depth, line.span_id.as_bytes()[0]),
    };
    story.lines.iter().map(line).collect()
}

async fn check(requests: &[Sent], view: TraceView, expected: &[&str]) {
    for layout in LAYOUTS {
        let world = World::new(layout, requests).await;
        let story = story(&world, 1, view).await;
        assert_eq!(lines(&story), expected, "{layout:?} {view:?}");
        assert!(story.coverage.is_complete());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_from_memory_and_blocks_become_one_waterfall() {
    let requests = [
        spans("service.name=db", vec![span([1, 3, 2], "query", 3, 10)]),
        spans("service.name=other", vec![span([2, 1, 0], "unrelated", 1, 10)]),
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000), span([1, 2, 1], "call", 2, 2_000)]),
        spans("service.name=db", vec![span([1, 4, 2], "again", 3, 20)]),
    ];
    check(&requests, TraceView::Repaired, &["0 1 root", "1 2 call", "2 3 query", "2 4 again"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_copies_the_newest_is_shown_and_raw_shows_all() {
    // The copy received last is the first request, so no order of reading can be mistaken for age.
    let requests = [
        spans("service.name=web", vec![failed(span([1, 1, 0], "newest", 1, 50), "")]).later(9),
        spans("service.name=web", vec![span([1, 1, 0], "oldest", 1, 10)]).later(3),
        spans("service.name=web", vec![span([1, 1, 0], "middle", 1, 30)]).later(6),
    ];
    check(&requests, TraceView::Repaired, &["0 1 newest"]).await;
    check(&requests, TraceView::Raw, &["0 1 oldest", "0 1 middle", "0 1 newest"]).await;
    for layout in LAYOUTS {
        let world = World::new(layout, &requests).await;
        let services = story(&world, 1, TraceView::Repaired).await.services;
        assert_eq!((services[0].span_count, services[0].error_count), (1, 1), "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_hang_below_a_phantom_that_raw_does_not_show() {
    let requests = [
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000)]),
        spans("service.name=db", vec![span([1, 3, 9], "one", 2, 10)]),
        spans("service.name=db", vec![span([1, 4, 9], "two", 3, 10)]),
    ];
    check(&requests, TraceView::Repaired, &["0 1 root", "0 9 ?", "1 3 one", "1 4 two"]).await;
    check(&requests, TraceView::Raw, &["0 1 root", "0 3 one", "0 4 two"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_records_of_the_trace_come_with_it_and_also_alone() {
    let record = |trace, seconds, body: &str| {
        let mut record = log(seconds, 9, body, vec![]);
        record.trace_id = trace_id(trace);
        record
    };
    let requests = [
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000)]),
        logs("service.name=web", vec![record(1, 4, "later"), record(2, 4, "alone")]),
        logs("service.name=mail squad=post", vec![record(1, 2, "earlier"), record(2, 9, "still alone")]),
    ];
    for layout in LAYOUTS {
        let world = World::new(layout, &requests).await;
        let both = story(&world, 1, TraceView::Repaired).await;
        let bodies: Vec<_> = both.logs.iter().map(|log| format!("{:?}", log.record.body)).collect();
        assert_eq!(bodies, ["Text(\"earlier\")", "Text(\"later\")"], "{layout:?}");
        let shares: Vec<_> =
            both.services.iter().map(|share| (share.service.as_str(), share.span_count, share.log_count)).collect();
        assert_eq!(shares, [("web", 1, Some(1)), ("mail", 0, Some(1))], "{layout:?}");
        assert_eq!(both.services[1].squad.as_deref(), Some("post"));

        let alone = story(&world, 2, TraceView::Repaired).await;
        assert_eq!(lines(&alone), ["0 (web logged)", "0 (mail logged)"], "{layout:?}");
        assert_eq!((alone.logs.len(), alone.start), (2, at(4)), "{layout:?}");
        assert_eq!(alone.duration_ns, 5_000_000_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_is_not_there_is_not_found() {
    let world = World::new(Layout::Split, &[spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5)])]).await;
    let absent = TraceId::from_bytes(&trace_id(7)).unwrap();
    let error = world.engine.trace(&tenant(), absent, TraceView::Repaired).await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::NotFound);
    let other = "other".parse().unwrap();
    let present = TraceId::from_bytes(&trace_id(1)).unwrap();
    let error = world.engine.trace(&other, present, TraceView::Repaired).await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::NotFound, "of another tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_longer_than_an_answer_may_be_is_cut_and_said() {
    let record = |n| {
        let mut record = log(n, 9, "x", vec![]);
        record.trace_id = trace_id(1);
        record
    };
    let many = query::TRACE_LOGS_MAX as i64;
    for layout in [Layout::Live, Layout::Blocks] {
        let requests = [logs("service.name=web", (0..many).map(record).collect())];
        let world = World::new(layout, &requests).await;
        let whole = story(&world, 1, TraceView::Repaired).await;
        assert_eq!((whole.logs.len(), whole.coverage.truncated), (many as usize, false), "{layout:?}");
        world.send(&[logs("service.name=web", vec![record(many)])]).await;
        let cut = story(&world, 1, TraceView::Repaired).await;
        assert_eq!((cut.logs.len(), cut.coverage.truncated), (many as usize, true), "{layout:?}");
        assert!(cut.coverage.notes[0].contains("log records"), "{:?}", cut.coverage.notes);
    }
}

/// The critical path as `id self-time-in-milliseconds`.
fn path(story: &TraceStory) -> Vec<String> {
    let spans = story.critical_path.iter().flat_map(|path| &path.spans);
    spans.map(|span| format!("{} {}", story.lines[span.row].span_id.as_bytes()[0], span.self_ns / 1_000_000)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_tree_has_a_critical_path_and_what_arrived_has_none() {
    let requests = [
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000), span([1, 2, 1], "call", 2, 3_000)]),
        spans("service.name=db", vec![span([1, 3, 9], "of an absent parent", 0, 10)]),
        spans("service.name=db", vec![span([2, 3, 9], "alone", 0, 10)]),
    ];
    for layout in LAYOUTS {
        let world = World::new(layout, &requests).await;
        // The phantom begins earlier, but nobody knows that it is the top of anything.
        let repaired = story(&world, 1, TraceView::Repaired).await;
        assert_eq!(path(&repaired), ["1 2000", "2 3000"], "{layout:?}");
        assert_eq!(repaired.critical_path.unwrap().duration_ns(), 5_000_000_000);
        assert_eq!(story(&world, 1, TraceView::Raw).await.critical_path, None, "{layout:?}");
        assert_eq!(path(&story(&world, 2, TraceView::Repaired).await), ["9 0", "3 10"], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_ten_thousand_is_ordinary() {
    const LENGTH: u64 = 10_000;
    let link = |number: u64| {
        let mut link = span([1, 1, 0], "call", 1, 1_000);
        link.span_id = (number + 1).to_be_bytes().to_vec();
        link.parent_span_id = if number == 0 { Vec::new() } else { number.to_be_bytes().to_vec() };
        link
    };
    let world = World::new(Layout::Blocks, &[spans("service.name=web", (0..LENGTH).map(link).collect())]).await;
    let told = story(&world, 1, TraceView::Repaired).await;
    let depths: Vec<u64> = told.lines.iter().map(|line| u64::from(line.depth)).collect();
    assert_eq!(depths, (0..LENGTH).collect::<Vec<_>>());
    assert_eq!(told.critical_path.unwrap().spans.len() as u64, LENGTH);
    assert_eq!(nearby_pods(&world).await, 1);
}

async fn nearby_pods(world: &World) -> usize {
    world.engine.nearby(&tenant(), TraceId::from_bytes(&trace_id(1)).unwrap()).await.unwrap().pods.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_one_trace_shows_to_be_off_is_moved_and_said() {
    let client = |id: u8, seconds| {
        let mut client = span([1, id, 1], "call", seconds, 100);
        client.kind = 3;
        client
    };
    let requests = [
        spans("service.name=web host.name=a", vec![span([1, 1, 0], "root", 1, 9_000), client(2, 2), client(3, 4)]),
        spans("service.name=db host.name=b", vec![span([1, 4, 2], "query", 3, 50), span([1, 5, 3], "query", 5, 50)]),
    ];
    let world = World::new(Layout::Split, &requests).await;
    let repaired = story(&world, 1, TraceView::Repaired).await;
    assert_eq!((repaired.repairs.len(), repaired.shifts.len(), repaired.remarks.len()), (1, 1, 0), "{repaired:?}");
    let shift = &repaired.shifts[0];
    assert_eq!((shift.host.as_str(), shift.reference.as_str(), shift.shift_ns), ("b", "a", -975_000_000));
    assert_eq!(story(&world, 1, TraceView::Raw).await.shifts, []);
}
