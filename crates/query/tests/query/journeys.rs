//! Journeys: followed both ways wherever the pieces lie, and never without an end.

use model::TraceId;
use opentelemetry_proto::tonic::trace::v1::Span;
use query::{JOURNEY_DEPTH_MAX, JOURNEY_LINKS_PER_TRACE_MAX, JOURNEY_TRACES_MAX, Journey, QueryErrorKind, TraceBeyond};

use crate::telemetry::{Sent, at, failed, linked, log, logs, of_message, span, spans, trace_id};
use crate::world::{LAYOUTS, Layout, World, tenant};

/// A server span that is a trace of its own, one second after the one of the trace before.
fn root(trace: u8) -> Span {
    span([trace, 1, 0], "work", trace.into(), 100)
}

fn sent(span: Span) -> Sent {
    spans(&format!("service.name=s{}", span.trace_id[0]), vec![span])
}

fn first_byte(trace_id: TraceId) -> u8 {
    trace_id.as_bytes()[0]
}

async fn journey(world: &World, trace: u8) -> Journey {
    world.engine.journey(&tenant(), TraceId::from_bytes(&trace_id(trace)).unwrap()).await.unwrap()
}

/// `trace@distance/depth` of each trace, by time.
fn traces(journey: &Journey) -> Vec<String> {
    let trace = |trace: &query::JourneyTrace| {
        format!("{}@{}/{}", first_byte(trace.summary.trace_id), trace.distance, trace.depth)
    };
    journey.traces.iter().map(trace).collect()
}

/// `kind from→to wait in ms`, and `?` for an end that is not stored.
fn hops(journey: &Journey) -> Vec<String> {
    let end = |end: &stitch::HopEnd| {
        let (trace, id) = (first_byte(end.span.trace_id), end.span.span_id.as_bytes()[0]);
        format!("{trace}.{id}{}", if end.service.is_none() { "?" } else { "" })
    };
    let wait = |hop: &stitch::Hop| hop.waiting_ns.map_or_else(String::new, |wait| format!(" {}", wait / 1_000_000));
    let hop = |hop: &stitch::Hop| format!("{} {}→{}{}", hop.kind.as_str(), end(&hop.from), end(&hop.to), wait(hop));
    journey.hops.iter().map(hop).collect()
}

fn beyond(traces: &[TraceBeyond]) -> Vec<String> {
    traces.iter().map(|trace| format!("{}@{}", first_byte(trace.trace_id), trace.distance)).collect()
}

/// What the journey of a trace is.
struct Expected<'a> {
    traces: &'a [&'a str],
    hops: &'a [&'a str],
    missing: &'a [&'a str],
}

async fn check(requests: &[Sent], trace: u8, expected: Expected<'_>) {
    for layout in LAYOUTS {
        let world = World::new(layout, requests).await;
        let found = journey(&world, trace).await;
        assert_eq!(traces(&found), expected.traces, "{layout:?}");
        assert_eq!(hops(&found), expected.hops, "{layout:?}");
        assert_eq!(beyond(&found.missing), expected.missing, "{layout:?}");
        assert!(found.not_followed.is_empty() && found.coverage.is_complete(), "{layout:?} {:?}", found.coverage);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_followed_both_ways_from_any_trace() {
    let requests = [sent(linked(root(3), &[[2, 1]])), sent(root(1)), sent(root(9)), sent(linked(root(2), &[[1, 1]]))];
    let hops = ["link 1.1→2.1 900", "link 2.1→3.1 900"];
    let expected = |traces| Expected { traces, hops: &hops, missing: &[] };
    check(&requests, 1, expected(&["1@0/0", "2@1/1", "3@2/2"])).await;
    check(&requests, 2, expected(&["1@1/0", "2@0/1", "3@1/2"])).await;
    check(&requests, 3, expected(&["1@2/0", "2@1/1", "3@0/2"])).await;
    check(&requests, 9, Expected { traces: &["9@0/0"], hops: &[], missing: &[] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_knows_no_time_range() {
    let later = linked(span([2, 1, 0], "work", 86_400, 100), &[[1, 1]]);
    let earlier = span([1, 1, 0], "work", -86_400, 100);
    let expected = Expected { traces: &["1@1/0", "2@0/1"], hops: &["link 1.1→2.1 172799900"], missing: &[] };
    check(&[sent(later), sent(earlier)], 2, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trace_of_it_has_a_line() {
    let consumer = of_message(linked(root(2), &[[1, 1]]), 5, "");
    let requests = [
        spans("service.name=web squad=front", vec![of_message(root(1), 4, "")]),
        spans("service.name=ship", vec![consumer, failed(span([2, 3, 7], "pack", 2, 50), "")]),
    ];
    for layout in LAYOUTS {
        let found = journey(&World::new(layout, &requests).await, 1).await;
        assert_eq!((found.start, found.duration_ns), (at(1), 1_100_000_000), "{layout:?}");
        let [first, second] = &found.traces[..] else { panic!("{layout:?} {found:?}") };
        assert_eq!(first.summary.root, Some(("web".to_owned(), "work".to_owned())), "{layout:?}");
        assert_eq!(first.summary.services[0].squad.as_deref(), Some("front"));
        let counts = |trace: &query::JourneyTrace| (trace.summary.span_count, trace.summary.error_count);
        assert_eq!([counts(first), counts(second)], [(1, 0), (2, 1)]);
        assert_eq!((first.repair_count, second.repair_count), (0, 1), "the parent of a span is missing");
        let queue = found.hops[0].queue.as_ref().unwrap();
        assert_eq!((queue.system.as_str(), queue.destination.as_str()), ("kafka", "orders"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_links_is_found_at_its_other_side() {
    let requests = [
        sent(of_message(root(1), 4, "m \"1\" \\")),
        sent(of_message(root(2), 5, "m \"1\" \\")),
        sent(of_message(root(3), 5, "another")),
        // It sent a message of that id when the other had been taken.
        sent(of_message(root(4), 4, "m \"1\" \\")),
        sent(root(5)),
    ];
    let expected = |traces| Expected { traces, hops: &["message 1.1→2.1 900"], missing: &[] };
    check(&requests, 1, expected(&["1@0/0", "2@1/1"])).await;
    check(&requests, 2, expected(&["1@1/0", "2@0/1"])).await;
    let found = journey(&World::new(Layout::Split, &requests).await, 2).await;
    assert!(found.hops[0].confidence < 0.5, "two may have sent it: {:?}", found.hops[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn producer_and_consumer_of_one_trace_are_a_hop() {
    let sender = of_message(root(1), 4, "");
    let taker = of_message(span([1, 2, 1], "process", 2, 100), 5, "");
    let expected = Expected { traces: &["1@0/0"], hops: &["parent 1.1→1.2 900"], missing: &[] };
    check(&[sent(sender), sent(taker)], 1, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_self_links_and_links_without_ids_end() {
    let requests = [
        sent(linked(root(1), &[[3, 1], [1, 1], [0, 1], [2, 0], [0, 0]])),
        sent(linked(root(2), &[[1, 1], [1, 1]])),
        sent(linked(root(3), &[[2, 1], [1, 1]])),
    ];
    let hops = ["link 1.1→1.1 -100", "link 3.1→1.1 -2000", "link 1.1→2.1 900", "link 1.1→3.1 1900", "link 2.1→3.1 900"];
    for layout in LAYOUTS {
        let found = journey(&World::new(layout, &requests).await, 1).await;
        assert_eq!(traces(&found), ["1@0/0", "2@1/1", "3@1/1"], "{layout:?}");
        assert_eq!(found.hops.len(), hops.len(), "{layout:?} {:?}", self::hops(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_that_links_lead_to_and_that_are_not_stored_are_named() {
    let requests = [sent(linked(root(2), &[[1, 1]])), sent(linked(root(3), &[[1, 1], [8, 1]]))];
    // Two that link to one trace belong together, also where that one is not stored.
    let expected = Expected {
        traces: &["2@0/0", "3@2/0"],
        hops: &["link 1.1?→2.1", "link 1.1?→3.1", "link 8.1?→3.1"],
        missing: &["1@1", "8@3"],
    };
    check(&requests, 2, expected).await;
    let world = World::new(Layout::Split, &requests).await;
    let error = world.engine.journey(&tenant(), TraceId::from_bytes(&trace_id(1)).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::NotFound);
    let other = "other".parse().unwrap();
    let error = world.engine.journey(&other, TraceId::from_bytes(&trace_id(2)).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::NotFound, "of another tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_of_log_records_alone_is_part_of_it() {
    let mut record = log(1, 9, "taken", vec![]);
    record.trace_id = trace_id(1);
    let requests = [logs("service.name=mail", vec![record]), sent(linked(root(2), &[[1, 1]]))];
    let expected = Expected { traces: &["1@0/0", "2@1/1"], hops: &["link 1.1?→2.1"], missing: &[] };
    check(&requests, 1, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_followed_so_far_and_says_where_it_goes_on() {
    let chain: Vec<Sent> =
        (1..=40).map(|trace| sent(if trace == 1 { root(1) } else { linked(root(trace), &[[trace - 1, 1]]) })).collect();
    for layout in [Layout::Live, Layout::Blocks] {
        let world = World::new(layout, &chain).await;
        let found = journey(&world, 1).await;
        assert_eq!(found.traces.len(), JOURNEY_DEPTH_MAX as usize + 1, "{layout:?}");
        assert_eq!(beyond(&found.not_followed), ["18@17"], "{layout:?}");
        assert!(found.coverage.truncated && found.coverage.notes[0].contains("not followed"), "{:?}", found.coverage);
        let middle = journey(&world, 17).await;
        assert_eq!((middle.traces.len(), beyond(&middle.not_followed)), (33, vec!["34@17".to_owned()]), "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_many_traces_is_cut_and_the_rest_is_named() {
    let all: Vec<[u8; 2]> = (2..=201).map(|trace| [trace, 1]).collect();
    let mut requests: Vec<Sent> = vec![spans("service.name=batch", vec![linked(root(1), &all)])];
    requests.push(spans("service.name=web", (2..=201).map(root).collect()));
    for layout in [Layout::Live, Layout::Blocks] {
        let found = journey(&World::new(layout, &requests).await, 1).await;
        assert_eq!(found.traces.len(), JOURNEY_TRACES_MAX, "{layout:?}");
        assert_eq!(found.not_followed.len(), 201 - JOURNEY_TRACES_MAX, "{layout:?}");
        assert_eq!(found.hops.len(), 200, "{layout:?}: links are told, followed or not");
        assert!(found.coverage.truncated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_that_only_name_a_message_are_not_said_to_be_where_it_goes_on() {
    let takers = (2..=71).map(|trace| sent(of_message(root(trace), 5, "m")));
    let requests: Vec<Sent> = std::iter::once(sent(of_message(root(1), 4, "m"))).chain(takers).collect();
    for layout in [Layout::Live, Layout::Blocks] {
        let found = journey(&World::new(layout, &requests).await, 1).await;
        assert!(found.not_followed.is_empty(), "{layout:?} {:?}", found.not_followed);
        let is_told = found.coverage.notes.iter().any(|note| note.contains("may go on in 1 traces"));
        assert!(is_told && found.coverage.truncated, "{layout:?} {:?}", found.coverage);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_links_on_one_span_to_nowhere_are_cut() {
    let mut one = root(1);
    for number in 0..10_000u128 {
        let mut link = linked(root(1), &[[7, 1]]).links.remove(0);
        link.trace_id = (number << 8 | 7).to_be_bytes().to_vec();
        one.links.push(link);
    }
    let requests = [sent(one)];
    for layout in [Layout::Live, Layout::Blocks] {
        let found = journey(&World::new(layout, &requests).await, 1).await;
        assert_eq!((found.traces.len(), found.hops.len()), (1, JOURNEY_LINKS_PER_TRACE_MAX), "{layout:?}");
        let named = found.missing.len() + found.not_followed.len();
        assert_eq!(named, JOURNEY_LINKS_PER_TRACE_MAX, "{layout:?}");
        assert!(found.coverage.notes.iter().any(|note| note.contains("more than 1000 links")), "{:?}", found.coverage);
    }
}
