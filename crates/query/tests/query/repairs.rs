//! What was repaired: traces found by it, and how often over time, wherever rows lie and whenever spans come.

use model::TraceId;
use query::{ClocksQuestion, PlacedSpan, RepairsQuestion, TraceQuestion, TraceView};
use stitch::RepairKind;

use crate::telemetry::{Sent, at, attribute, log, logs, span, spans, trace_id};
use crate::traces::question;
use crate::world::{LAYOUTS, Layout, World, range, tenant};

/// Traces by the number of their ids, those found first first.
async fn found(world: &World, question: TraceQuestion) -> Vec<u8> {
    let found = world.engine.traces(&tenant(), question).await.unwrap();
    found.traces.iter().map(|trace| trace.trace_id.as_bytes()[0]).collect()
}

fn of(kind: RepairKind, service: Option<&str>) -> TraceQuestion {
    TraceQuestion { repair: Some(kind), service: service.map(str::to_owned), ..question() }
}

/// Repairs by kind and service: how many in all.
async fn counted(world: &World) -> Vec<String> {
    let question = RepairsQuestion { kind: None, service: None, range: range(at(-60), at(60)), buckets: 12 };
    let history = world.engine.repairs(&tenant(), question).await.unwrap();
    let line = |series: &query::RepairSeries| {
        assert_eq!(series.by_bucket.iter().sum::<u64>(), series.repairs);
        format!("{} {} {}", series.kind, series.service.as_deref().unwrap_or("-"), series.repairs)
    };
    let mut lines: Vec<String> = history.series.iter().map(line).collect();
    lines.sort();
    lines
}

fn internal(
    [trace, id, parent]: [u8; 3],
    name: &str,
    seconds: i64,
    millis: i64,
) -> opentelemetry_proto::tonic::trace::v1::Span {
    opentelemetry_proto::tonic::trace::v1::Span { kind: 1, ..span([trace, id, parent], name, seconds, millis) }
}

/// Trace 1 lost a span of `cart`, trace 2 has one span twice, trace 3 is clean.
fn requests() -> Vec<Sent> {
    vec![
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000), span([2, 1, 0], "root", 2, 100)]),
        spans("service.name=cart", vec![internal([1, 3, 2], "price", 2, 10), internal([1, 4, 2], "stock", 3, 10)]),
        spans("service.name=web", vec![span([2, 1, 0], "root", 2, 100)]).later(5),
        spans("service.name=db", vec![span([3, 1, 0], "nightly", 7, 100)]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_found_by_what_was_repaired_in_them() {
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests()).await;
        assert_eq!(found(&world, of(RepairKind::MissingParent, None)).await, [1], "{layout:?}");
        assert_eq!(found(&world, of(RepairKind::MissingParent, Some("cart"))).await, [1], "{layout:?}");
        assert_eq!(found(&world, of(RepairKind::MissingParent, Some("web"))).await, [0u8; 0], "{layout:?}");
        assert_eq!(found(&world, of(RepairKind::DuplicateSpan, Some("web"))).await, [2], "{layout:?}");
        assert_eq!(found(&world, of(RepairKind::ParentCycle, None)).await, [0u8; 0], "{layout:?}");
        // What else is asked must hold of a span of the trace.
        let price = TraceQuestion { operation: Some("price".to_owned()), ..of(RepairKind::MissingParent, None) };
        assert_eq!(found(&world, price.clone()).await, [1], "{layout:?}");
        let of_other = TraceQuestion { repair: Some(RepairKind::DuplicateSpan), ..price };
        assert_eq!(found(&world, of_other).await, [0u8; 0], "{layout:?}");
        let earlier = TraceQuestion { range: range(at(-10), at(1)), ..of(RepairKind::MissingParent, None) };
        assert_eq!(found(&world, earlier).await, [0u8; 0], "{layout:?}");
        assert_eq!(counted(&world).await, ["duplicate_span web 1", "missing_parent cart 1"], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_comes_late_takes_the_repair_back() {
    let late = [spans("service.name=cart", vec![internal([1, 2, 1], "cart", 2, 2_000)]).later(40)];
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests()).await;
        world.send(&late).await;
        for _ in 0..2 {
            assert_eq!(found(&world, of(RepairKind::MissingParent, None)).await, [0u8; 0], "{layout:?}");
            assert_eq!(counted(&world).await, ["duplicate_span web 1"], "{layout:?}");
            world.store.flush().await.unwrap();
        }
        let left = world.lines("SELECT kind, sum(weight) FROM repairs GROUP BY kind HAVING sum(weight) <> 0").await;
        assert_eq!(left, ["duplicate_span,1"], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_only_logged_is_found_until_its_spans_come() {
    let mut record = log(2, 9, "charged", vec![]);
    record.trace_id = trace_id(1);
    record.span_id = vec![2; 8];
    let requests = [
        logs("service.name=payment", vec![record]),
        spans("service.name=web", vec![span([1, 1, 0], "root", 1, 5_000)]),
    ];
    for layout in [Layout::Live, Layout::Blocks] {
        let world = World::digesting(layout, &requests).await;
        assert_eq!(found(&world, of(RepairKind::LogOnlyService, Some("payment"))).await, [1], "{layout:?}");
        assert_eq!(found(&world, of(RepairKind::LogOnlyService, Some("db"))).await, [0u8; 0], "{layout:?}");
        world.send(&[spans("service.name=payment", vec![span([1, 2, 1], "charge", 2, 100)])]).await;
        for _ in 0..2 {
            assert_eq!(found(&world, of(RepairKind::LogOnlyService, None)).await, [0u8; 0], "{layout:?}");
            assert_eq!(counted(&world).await, [""; 0], "{layout:?}");
            world.store.flush().await.unwrap();
        }
    }
}

/// Calls from a web on `a` to a cart on `b`, whose clock is three seconds behind: one a second.
fn calls_between_clocks() -> Vec<Sent> {
    let client = |n: u8| {
        let mut call = span([n, 2, 1], "GET /cart", i64::from(n), 400);
        call.kind = 3;
        vec![span([n, 1, 0], "GET /", i64::from(n), 500), call]
    };
    let server = |n: u8| {
        let mut served = span([n, 3, 2], "GET /cart", i64::from(n) - 3, 300);
        // No two calls take the same time on their way.
        let on_the_way = 50_000_000 + u64::from(n) * 100_000;
        served.start_time_unix_nano += on_the_way;
        served.end_time_unix_nano += on_the_way;
        served
    };
    vec![
        spans("service.name=web k8s.node.name=a", (1..=30).flat_map(client).collect()),
        spans("service.name=cart k8s.node.name=b", (1..=30).map(server).collect()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_are_told_apart_by_all_traces_and_each_is_corrected() {
    for layout in [Layout::Live, Layout::Blocks] {
        let world = World::digesting(layout, &calls_between_clocks()).await;
        let question = ClocksQuestion { host: Some("b".to_owned()), range: range(at(-60), at(60)) };
        let clocks = world.engine.clocks(&tenant(), question).await.unwrap();
        let [pair] = &clocks.pairs[..] else { panic!("{layout:?}: {clocks:?}") };
        assert_eq!((pair.host.as_str(), pair.other_host.as_str()), ("a", "b"));
        let point = pair.points[pair.points.len() - 1];
        assert!(point.is_apart && (point.offset_ns + 3_000_000_000).abs() <= point.error_ns, "{layout:?}: {point:?}");
        assert!(point.error_ns <= 60_000_000, "{layout:?}: {point:?}");

        let limited = TraceQuestion { limit: 3, ..of(RepairKind::ClockSkew, Some("cart")) };
        assert_eq!(found(&world, limited).await, [30, 29, 28], "{layout:?}");
        assert_eq!(counted(&world).await, ["clock_skew cart 30"], "{layout:?}");
        let question = RepairsQuestion {
            kind: Some(RepairKind::ClockSkew),
            service: None,
            range: range(at(-60), at(60)),
            buckets: 1,
        };
        let history = world.engine.repairs(&tenant(), question).await.unwrap();
        assert_eq!(history.series[0].hosts, Some(("b".to_owned(), "a".to_owned())));
        let shift = history.series[0].shift_ns_mean.unwrap();
        assert!((shift - 3_000_000_000).abs() < 60_000_000, "{layout:?}: {shift}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_repairs_has_buckets_and_a_range() {
    let world = World::digesting(Layout::Live, &requests()).await;
    for (buckets, range) in [(0, range(at(0), at(1))), (501, range(at(0), at(1))), (1, range(at(1), at(1)))] {
        let question = RepairsQuestion { kind: None, service: None, range, buckets };
        world.engine.repairs(&tenant(), question).await.unwrap_err();
    }
}

/// The service of the phantom in a trace.
async fn phantom_of(world: &World, trace: u8) -> Option<String> {
    let id = TraceId::from_bytes(&trace_id(trace)).unwrap();
    let story = world.engine.trace(&tenant(), id, TraceView::Repaired).await.unwrap();
    story.lines.into_iter().find_map(|line| match line.span {
        PlacedSpan::Phantom(service) => service,
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_caller_is_named_by_its_address_or_by_who_usually_calls() {
    let client = |trace: u8| {
        let mut call = span([trace, 2, 1], "GET /stock", 1, 400);
        call.kind = 3;
        vec![span([trace, 1, 0], "GET /", 1, 500), call]
    };
    let from = |address: &str| {
        let mut served = span([100, 3, 9], "POST /nightly", 2, 100);
        served.attributes = vec![attribute("network.peer.address", address)];
        served
    };
    let requests = [
        spans("service.name=web k8s.pod.ip=10.0.0.7 k8s.pod.name=web-1", (1..=30).flat_map(client).collect()),
        spans("service.name=stock", (1..=30).map(|trace| span([trace, 3, 2], "GET /stock", 1, 300)).collect()),
        // Nobody was seen to call this operation, so that only the address tells.
        spans("service.name=stock", vec![from("10.0.0.7")]),
        // Of this one the address says nothing.
        spans("service.name=stock", vec![span([101, 3, 9], "GET /stock", 2, 100)]),
        spans("service.name=stock", vec![span([102, 3, 9], "GET /other", 2, 100)]),
    ];
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests).await;
        assert_eq!(phantom_of(&world, 100).await.as_deref(), Some("web"), "by address, {layout:?}");
        assert_eq!(phantom_of(&world, 101).await.as_deref(), Some("web"), "by usual caller, {layout:?}");
        assert_eq!(phantom_of(&world, 102).await, None, "{layout:?}");
    }
}
