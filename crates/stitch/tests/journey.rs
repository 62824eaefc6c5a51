//! Hops between spans: as lines of what was sent and what is told.

#![allow(clippy::unwrap_used, reason = "all of this is tests, also what stands beside the test functions")]

use model::{SpanId, TraceId, UnixNanos};
use stitch::{Hop, Link, Messaging, SpanKind, SpanRef, Stop, connected, depths, hops};

/// Span `id` of trace `trace`, as `trace.id`.
fn span(text: &str) -> SpanRef {
    let (trace, id) = text.split_once('.').unwrap();
    SpanRef { trace_id: trace_id(trace.parse().unwrap()), span_id: span_id(id.parse().unwrap()) }
}

fn trace_id(number: u8) -> TraceId {
    TraceId::from_bytes(&[number; 16]).unwrap()
}

fn span_id(number: u8) -> SpanId {
    SpanId::from_bytes(&[number; 8]).unwrap()
}

/// `span kind start..end [parent=id] [op=operation] [queue=name] [message=id]`
fn stop(line: &str) -> Stop {
    let mut words = line.split_whitespace();
    let span = span(words.next().unwrap());
    let kind = match words.next().unwrap() {
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        "client" => SpanKind::Client,
        "server" => SpanKind::Server,
        other => panic!("no kind {other}"),
    };
    let (start, end) = words.next().unwrap().split_once("..").unwrap();
    let (start, end): (i64, i64) = (start.parse().unwrap(), end.parse().unwrap());
    let (mut parent_span_id, mut messaging) = (None, Messaging::default());
    for word in words {
        match word.split_once('=').unwrap() {
            ("parent", id) => parent_span_id = Some(span_id(id.parse().unwrap())),
            ("op", operation) => messaging.operation = operation.to_owned(),
            ("queue", name) => (messaging.system, messaging.destination) = ("kafka".to_owned(), name.to_owned()),
            ("message", id) => messaging.message_id = id.to_owned(),
            (other, _) => panic!("no field {other}"),
        }
    }
    let service = format!("s{}", span.trace_id.as_bytes()[0]);
    let start = UnixNanos::new(start);
    Stop { span, parent_span_id, service, kind, start, duration_ns: end - start.get(), messaging }
}

/// `later→earlier`, as links lead.
fn link(text: &str) -> Link {
    let (to, from) = text.split_once('→').unwrap();
    Link { from: span(from), to: span(to) }
}

/// `kind from→to [through=span] [queue=name] [wait=nanoseconds] confidence`
fn line(hop: &Hop) -> String {
    let name = |span: SpanRef| format!("{}.{}", span.trace_id.as_bytes()[0], span.span_id.as_bytes()[0]);
    let mut line = format!("{} {}→{}", hop.kind.as_str(), name(hop.from.span), name(hop.to.span));
    if let Some(through) = &hop.through {
        line += &format!(" through={}", name(through.span));
    }
    if let Some(queue) = &hop.queue {
        line += &format!(" queue={}", queue.destination);
    }
    if let Some(waiting) = hop.waiting_ns {
        line += &format!(" wait={waiting}");
    }
    assert!(!hop.evidence.is_empty() && hop.evidence.iter().all(|fact| !fact.is_empty()));
    assert!((0.0..=1.0).contains(&hop.confidence));
    format!("{line} {:.2}", hop.confidence)
}

#[track_caller]
fn check(stops: &[&str], links: &[&str], expected: &[&str]) {
    let mut stops: Vec<Stop> = stops.iter().map(|line| stop(line)).collect();
    let mut links: Vec<Link> = links.iter().map(|text| link(text)).collect();
    for _ in 0..2 {
        let found: Vec<String> = hops(&stops, &links).iter().map(line).collect();
        assert_eq!(found, expected);
        // The order in which they are given means nothing.
        stops.reverse();
        links.reverse();
    }
}

#[test]
fn a_linked_message_waits_from_the_end_of_the_sender_to_the_start_of_the_consumer() {
    let stops = ["1.1 producer 10..12 queue=orders", "2.1 consumer 50..60 queue=orders"];
    check(&stops, &["2.1→1.1"], &["link 1.1→2.1 queue=orders wait=38 0.97"]);
    check(&stops, &["2.1→1.1", "2.1→1.1"], &["link 1.1→2.1 queue=orders wait=38 0.97"]);
}

#[test]
fn a_sender_that_goes_on_after_its_message_was_taken_is_measured_from_its_start() {
    let stops = ["1.1 producer 10..99", "2.1 consumer 50..60 queue=orders"];
    check(&stops, &["2.1→1.1"], &["link 1.1→2.1 queue=orders wait=40 0.97"]);
}

#[test]
fn a_negative_wait_is_told_and_not_hidden() {
    let stops = ["1.1 producer 100..110 queue=orders", "2.1 consumer 50..60"];
    check(&stops, &["2.1→1.1"], &["link 1.1→2.1 queue=orders wait=-50 0.97"]);
    let stops = stops.map(stop);
    let hop = &hops(&stops, &[link("2.1→1.1")])[0];
    assert!(hop.evidence.iter().any(|fact| fact.contains("clocks")), "{:?}", hop.evidence);
}

#[test]
fn within_a_trace_a_consumer_below_a_producer_is_a_hop() {
    check(
        &["1.1 producer 10..12 queue=orders", "1.2 consumer 20..30 parent=1"],
        &["1.2→1.1"],
        &["parent 1.1→1.2 queue=orders wait=8 0.99"],
    );
    check(&["1.1 server 10..12", "1.2 consumer 20..30 parent=1"], &[], &[]);
    check(&["1.1 producer 10..12", "1.2 server 20..30 parent=1"], &[], &[]);
}

#[test]
fn a_link_of_other_spans_is_a_hop_without_a_queue() {
    check(&["1.1 server 10..12", "2.1 server 20..30"], &["2.1→1.1"], &["link 1.1→2.1 wait=8 0.80"]);
}

#[test]
fn an_end_that_has_not_arrived_is_named_and_nothing_is_measured() {
    check(&["2.1 consumer 20..30 queue=orders"], &["2.1→1.1"], &["link 1.1→2.1 queue=orders 0.97"]);
    check(&["1.1 server 20..30"], &["2.1→1.1"], &["link 1.1→2.1 0.70"]);
    check(&[], &["2.1→1.1"], &["link 1.1→2.1 0.70"]);
}

#[test]
fn the_same_message_at_both_ends_is_a_hop_of_lower_standing() {
    let sender = "1.1 producer 10..12 queue=orders message=m";
    check(&[sender, "2.1 consumer 20..30 queue=orders message=m"], &[], &["message 1.1→2.1 queue=orders wait=8 0.70"]);
    for other in ["queue=orders message=n", "queue=bills message=m", "queue=orders", "message=m"] {
        check(&[sender, &format!("2.1 consumer 20..30 {other}")], &[], &[]);
    }
    // Two senders are not a hop, and neither are two consumers.
    check(&[sender, "2.1 producer 20..30 queue=orders message=m"], &[], &[]);
}

#[test]
fn an_id_that_was_sent_again_is_of_its_last_sender_before_it_was_taken() {
    check(
        &[
            "1.1 producer 10..12 queue=orders message=m",
            "2.1 producer 20..22 queue=orders message=m",
            "3.1 producer 40..42 queue=orders message=m",
            "4.1 consumer 30..35 queue=orders message=m",
        ],
        &[],
        &["message 2.1→4.1 queue=orders wait=8 0.23"],
    );
}

#[test]
fn what_is_told_by_a_link_is_not_told_again_by_its_message() {
    let stops = ["1.1 producer 10..12 queue=orders message=m", "2.1 consumer 20..30 queue=orders message=m"];
    check(&stops, &["2.1→1.1"], &["link 1.1→2.1 queue=orders wait=8 0.97"]);
    check(&stops, &["2.1→9.1"], &["link 9.1→2.1 queue=orders 0.97"]);
}

#[test]
fn a_message_waits_until_it_is_processed_and_what_received_it_stands_between() {
    let sender = "1.1 producer 10..12 queue=orders message=m";
    let receive = "2.1 client 20..21 op=receive queue=orders";
    let process = "2.2 consumer 30..40 parent=1 op=process queue=orders";
    let expected = ["link 1.1→2.2 through=2.1 queue=orders wait=18 0.97"];
    check(&[sender, receive, process], &["2.1→1.1"], &expected);
    check(&[sender, receive, process], &["2.1→1.1", "2.2→1.1"], &expected);
    check(&[sender, receive], &["2.1→1.1"], &["link 1.1→2.1 queue=orders wait=8 0.97"]);
}

#[test]
fn of_a_batch_each_message_goes_where_it_is_processed() {
    let stops = [
        "1.1 producer 10..12 queue=orders message=m",
        "3.1 producer 11..13 queue=orders message=n",
        "2.1 client 20..21 op=receive queue=orders",
        "2.2 consumer 30..40 parent=1 queue=orders message=m",
        "2.3 consumer 40..50 parent=1 queue=orders message=n",
    ];
    let expected =
        ["link 1.1→2.2 through=2.1 queue=orders wait=18 0.97", "link 3.1→2.3 through=2.1 queue=orders wait=27 0.97"];
    check(&stops, &["2.1→1.1", "2.1→3.1"], &expected);
    // Without ids nothing says which is whose.
    let stops = stops.map(|line| line.split(" message").next().unwrap());
    let expected = ["link 1.1→2.1 queue=orders wait=8 0.97", "link 3.1→2.1 queue=orders wait=7 0.97"];
    check(&stops, &["2.1→1.1", "2.1→3.1"], &expected);
}

#[test]
fn a_link_to_itself_and_rings_of_links_end() {
    check(&["1.1 server 10..12"], &["1.1→1.1"], &["link 1.1→1.1 wait=0 0.80"]);
    check(
        &["1.1 server 10..12", "2.1 server 20..30"],
        &["2.1→1.1", "1.1→2.1"],
        &["link 2.1→1.1 wait=-10 0.80", "link 1.1→2.1 wait=8 0.80"],
    );
}

#[track_caller]
fn check_depths(starts: &[i64], links: &[&str], expected: &[u32]) {
    let traces: Vec<_> = (1..).zip(starts).map(|(id, start)| (trace_id(id), UnixNanos::new(*start))).collect();
    let links: Vec<Link> = links.iter().map(|text| link(text)).collect();
    assert_eq!(depths(&traces, &hops(&[], &links)), expected, "{links:?}");
}

#[test]
fn depth_is_the_fewest_hops_from_where_work_began() {
    check_depths(&[], &[], &[]);
    check_depths(&[5], &["1.2→1.1"], &[0]);
    check_depths(&[1, 2, 3], &["2.1→1.1", "3.1→2.1"], &[0, 1, 2]);
    check_depths(&[1, 2, 3], &["2.1→1.1", "3.1→2.1", "3.1→1.1"], &[0, 1, 1]);
    // Two beginnings, and a trace that is not here.
    check_depths(&[1, 2, 3], &["3.1→1.1", "3.1→2.1", "1.1→9.1"], &[0, 0, 1]);
    // A ring begins with the earliest of it.
    check_depths(&[7, 5, 6], &["2.1→1.1", "3.1→2.1", "1.1→3.1"], &[2, 0, 1]);
    check_depths(&[1, 7, 6], &["2.1→3.1", "3.1→2.1"], &[0, 1, 0]);
}

#[test]
fn connected_is_what_hops_lead_to_either_way() {
    let hops = hops(&[], &["2.1→1.1", "3.1→2.1", "4.1→1.1", "6.1→5.1", "1.1→4.1"].map(link));
    let found = |trace| {
        let mut found: Vec<u8> = connected(trace_id(trace), &hops).iter().map(|id| id.as_bytes()[0]).collect();
        found.sort_unstable();
        found
    };
    assert_eq!((found(3), found(6), found(9)), (vec![1, 2, 3, 4], vec![5, 6], vec![9]));
}

#[test]
fn one_message_id_for_everything_costs_no_quadratic_time() {
    let many = |kind: SpanKind, traces: std::ops::Range<u32>| {
        traces.map(move |number| {
            let trace_id = TraceId::from_bytes(&u128::from(number + 1).to_be_bytes()).unwrap();
            let span = SpanRef { trace_id, span_id: span_id(1) };
            Stop { span, kind, start: UnixNanos::new(number.into()), ..stop("1.1 producer 0..0 queue=q message=m") }
        })
    };
    let stops: Vec<Stop> =
        many(SpanKind::Producer, 0..30_000).chain(many(SpanKind::Consumer, 30_000..60_000)).collect();
    let hops = hops(&stops, &[]);
    assert_eq!(hops.len(), 30_000);
    assert!(hops.iter().all(|hop| hop.confidence < 0.1 && hop.from.span == stops[29_999].span));
}
