//! What of a trace goes into the graph of services: traces in, calls out, each trace written down with what is expected.
//!
//! A line of a trace is `ID[<PARENT] KIND SERVICE NAME [error] [took=NS] [weight=N]`, and what it says of the other
//! side: `to=SERVICE`, `db=SYSTEM/NAME`, `queue=SYSTEM/NAME`, `at=ADDRESS`. `-` is an empty service. A line of calls is
//! `CALLER > CALLEE OPERATION SIDES [failed] [begins] [took=NS] [weight=N]`.

use std::collections::BTreeSet;

use model::{SpanId, UnixNanos};
use proptest::prelude::*;
use proptest::sample::select;
use stitch::{Call, Node, Peer, SpanInput, SpanKind, calls};

#[track_caller]
fn check(trace: &str, expected: &str) {
    let spans: Vec<SpanInput<'_>> = lines(trace).zip(0..).map(|(line, order)| parse(line, order)).collect();
    let found: Vec<String> = calls(&spans).iter().map(write).collect();
    assert_eq!(found, lines(expected).collect::<Vec<_>>());
    let backwards: Vec<SpanInput<'_>> = spans.iter().rev().copied().collect();
    let found: Vec<String> = calls(&backwards).iter().map(write).collect();
    assert_eq!(found, lines(expected).collect::<Vec<_>>(), "the other way round");
}

#[test]
fn a_call_is_one_call_by_the_word_of_the_server() {
    check(
        "a server web GET took=100
         b<a client web call took=90
         c<b server cart POST took=70",
        "- > service:web GET server took=100
         service:web > service:cart POST both took=70",
    );
}

#[test]
fn both_sides_of_a_shared_id_are_one_call() {
    check(
        "a server web GET
         b<a client web call
         b<a server cart POST",
        "- > service:web GET server
         service:web > service:cart POST both",
    );
}

#[test]
fn what_sends_no_spans_is_known_by_its_callers() {
    check(
        "a server web GET
         b<a client web SELECT db=postgresql/shop
         c<a client web GET db=redis/ at=cache
         d<a client web PUT to=billing at=10.0.0.1
         e<a client web HEAD at=example.com
         f<a client web PING",
        "- > service:web GET server
         service:web > database:postgresql/shop SELECT client
         service:web > database:redis/cache GET client
         service:web > service:billing PUT client
         service:web > peer:example.com HEAD client",
    );
}

#[test]
fn a_client_above_another_is_not_the_call_itself() {
    check(
        "a server web GET
         b<a client web retrying to=cart
         c<b internal web attempt
         d<c client web call to=cart error
         e<c client web call to=cart
         f<e server cart POST",
        "- > service:web GET server
         service:web > service:cart call client failed begins
         service:web > service:cart POST both",
    );
}

#[test]
fn a_client_with_spans_of_its_own_below_it_is_still_the_call() {
    check(
        "a server web GET
         b<a client web call to=cart
         c<b internal web resolve
         d<b internal web connect",
        "- > service:web GET server
         service:web > service:cart call client",
    );
}

#[test]
fn spans_between_caller_and_server_are_looked_through() {
    check(
        "a server web GET
         b<a internal web work
         c<b client web call
         d<c internal - sidecar
         e<d server cart POST",
        "- > service:web GET server
         service:web > service:cart POST both",
    );
}

#[test]
fn one_client_with_servers_of_several_services_is_a_call_to_each() {
    check(
        "a client web fan
         b<a server cart POST
         c<a server stock PUT",
        "- > service:web fan server
         service:web > service:cart POST both
         service:web > service:stock PUT both",
    );
}

#[test]
fn a_queue_stands_between_those_who_send_and_those_who_take() {
    check(
        "a server web GET
         b<a producer web send queue=kafka/orders
         c<b consumer mail process queue=kafka/orders
         d<b consumer bill process",
        "- > service:web GET server
         service:web > queue:kafka/orders send client
         queue:kafka/orders > service:mail process server
         queue:kafka/orders > service:bill process server",
    );
}

#[test]
fn a_message_in_no_queue_that_has_a_name_is_a_call() {
    check(
        "a producer web send
         b<a consumer mail process",
        "- > service:web send server
         service:web > service:mail process both",
    );
}

#[test]
fn messages_that_are_taken_together_are_one_request() {
    check(
        "a consumer mail receive queue=kafka/orders
         b<a consumer mail process queue=kafka/orders
         c<a consumer mail process
         d<a consumer mail process queue=kafka/returns",
        "queue:kafka/orders > service:mail receive server
         queue:kafka/returns > service:mail process server",
    );
}

#[test]
fn a_server_whose_parent_is_missing_is_called_by_whom_it_names() {
    check(
        "a<x server cart POST to=web
         b<x server stock PUT at=stock.example
         c<x internal mail work
         d<c client mail call to=smtp",
        "service:web > service:cart POST server
         - > service:stock PUT server
         service:mail > service:smtp call client",
    );
}

#[test]
fn work_in_another_service_has_arrived_there_even_without_a_server() {
    check(
        "a server web GET
         b<a internal cart work error
         c<a client web call took=50
         d<c client stock SELECT db=mysql/stock took=10",
        "- > service:web GET server
         service:web > service:cart work server failed begins
         service:web > service:stock call both took=50
         service:stock > database:mysql/stock SELECT client took=10",
    );
}

#[test]
fn a_service_that_begins_by_itself_is_an_entry() {
    check("a internal cron nightly error took=-5", "- > service:cron nightly server failed begins");
    check("a client web call at=x", "- > service:web call server\nservice:web > peer:x call client");
    check("a<a server web GET", "- > service:web GET server");
    check("a server - GET", "");
}

#[test]
fn an_error_that_was_passed_on_began_once() {
    check(
        "a server web GET error
         b<a client web call error
         c<b server cart POST error
         d<c internal cart work error
         e<d client cart SELECT db=mysql/shop error",
        "- > service:web GET server failed
         service:web > service:cart POST both failed
         service:cart > database:mysql/shop SELECT client failed begins",
    );
}

#[test]
fn an_error_within_a_service_began_in_the_request_that_it_served() {
    check(
        "a server web GET
         b<a client web call
         c<b server cart POST
         d<c internal cart work error",
        "- > service:web GET server
         service:web > service:cart POST both begins",
    );
}

#[test]
fn a_client_whose_patience_ended_has_the_error_in_its_own_service() {
    check(
        "a server web GET error
         b<a client web call error
         c<b server cart POST",
        "- > service:web GET server failed begins
         service:web > service:cart POST both failed",
    );
}

#[test]
fn a_call_stands_for_as_many_as_its_span_does() {
    check(
        "a client web call weight=2
         b<a server cart POST weight=4",
        "- > service:web call server weight=2
         service:web > service:cart POST both weight=4",
    );
}

#[test]
fn of_copies_the_newest_counts() {
    check(
        "a server web GET took=5
         a server web GET took=9 error",
        "- > service:web GET server failed begins took=9",
    );
}

#[test]
fn a_chain_of_100_000_calls_has_a_call_for_each() {
    let sides = (1..=50_000_u64).flat_map(|number| {
        let service = ["web", "cart"][usize::try_from(number % 2).expect("a bit")];
        let below =
            |id: u64| SpanInput { parent_span_id: (id > 1).then(|| span_id(id - 1)), ..SpanInput::bare(span_id(id)) };
        let server = SpanInput { kind: SpanKind::Server, service, ..below(2 * number - 1) };
        [server, SpanInput { kind: SpanKind::Client, service, is_error: true, ..below(2 * number) }]
    });
    let spans: Vec<SpanInput<'_>> = sides.collect();
    let calls = calls(&spans);
    assert_eq!(calls.len(), 50_000);
    assert_eq!(calls.iter().filter(|call| call.begins_error).count(), 1);
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn parse(line: &str, received_order: u64) -> SpanInput<'_> {
    let words: Vec<&str> = line.split(' ').collect();
    let [id, kind, service, name, said @ ..] = &words[..] else { panic!("{line:?} is not a span") };
    let (id, parent) = id.split_once('<').map_or((*id, None), |(id, parent)| (id, Some(parent)));
    let letter = |id: &str| span_id(u64::from(id.as_bytes()[0]));
    let mut span = SpanInput {
        parent_span_id: parent.map(letter),
        kind: *KINDS.iter().find(|known| known.as_str() == *kind).expect("a kind"),
        service: if *service == "-" { "" } else { service },
        name,
        start: UnixNanos::new(i64::from(id.as_bytes()[0])),
        received_order,
        ..SpanInput::bare(letter(id))
    };
    for word in said {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let (system, name) = value.split_once('/').unwrap_or(("", value));
        match key {
            "error" => span.is_error = true,
            "took" => span.duration_ns = value.parse().expect("a number of nanoseconds"),
            "weight" => span.sampling_weight = value.parse().expect("a number"),
            "to" => span.peer.service = value,
            "at" => span.peer.address = value,
            "db" => (span.peer.database_system, span.peer.database) = (system, name),
            "queue" => (span.peer.queue_system, span.peer.queue) = (system, name),
            _ => panic!("{word:?} says nothing"),
        }
    }
    span
}

fn write(call: &Call<'_>) -> String {
    let node = |node: Node<'_>| match node.system {
        "" => format!("{}:{}", node.kind.as_str(), node.name),
        system => format!("{}:{system}/{}", node.kind.as_str(), node.name),
    };
    let caller = call.caller.map_or_else(|| "-".to_owned(), node);
    let mut text = format!("{caller} > {} {} {}", node(call.callee), call.operation, call.seen_by.as_str());
    text += if call.is_error { " failed" } else { "" };
    text += if call.begins_error { " begins" } else { "" };
    text += &if call.duration_ns == 0 { String::new() } else { format!(" took={}", call.duration_ns) };
    text += &if call.weight == 1.0 { String::new() } else { format!(" weight={}", call.weight) };
    text
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("numbers start at 1")
}

const KINDS: &[SpanKind] = &[
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
    SpanKind::Internal,
    SpanKind::Unspecified,
];
const NAMES: &[&str] = &["", "web", "cart"];

/// A few ids and names, so that most traces have duplicates, cycles, orphans and shared ids at once.
fn any_trace() -> impl Strategy<Value = Vec<SpanInput<'static>>> {
    let span = (
        (1..10u64, proptest::option::weighted(0.8, 1..12u64)),
        select(KINDS),
        (select(NAMES), select(NAMES), select(NAMES), select(NAMES)),
        (0..3i64, -1..3i64, any::<bool>()),
    );
    let span = span.prop_map(|((id, parent), kind, (service, to, queue, address), (start, duration_ns, is_error))| {
        SpanInput {
            parent_span_id: parent.map(span_id),
            kind,
            service,
            peer: Peer { service: to, queue, address, ..Peer::NONE },
            start: UnixNanos::new(start),
            duration_ns,
            is_error,
            ..SpanInput::bare(span_id(id))
        }
    });
    proptest::collection::vec(span, 0..20).prop_map(|mut spans| {
        spans.iter_mut().zip(0..).for_each(|(span, order)| span.received_order = order);
        spans
    })
}

/// Calls in terms of when their spans were received instead of where they stand in the input.
fn retold<'a>(spans: &[SpanInput<'a>]) -> Vec<Call<'a>> {
    let received = |copy: usize| usize::try_from(spans[copy].received_order).expect("a small number");
    let retold = |call: Call<'a>| Call { client: call.client.map(received), server: call.server.map(received), ..call };
    calls(spans).into_iter().map(retold).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_do_not_depend_on_the_order_of_the_input(
        (spans, shuffled) in any_trace().prop_flat_map(|spans| (Just(spans.clone()), Just(spans).prop_shuffle()))
    ) {
        prop_assert_eq!(retold(&spans), retold(&shuffled));
    }

    #[test]
    fn spans_that_arrive_twice_are_counted_once(spans in any_trace()) {
        let twice = [&spans[..], &spans[..]].concat();
        let written = |spans: &[SpanInput<'_>]| calls(spans).iter().map(write).collect::<Vec<_>>();
        prop_assert_eq!(written(&twice), written(&spans));
    }

    #[test]
    fn a_span_is_one_call_into_its_service_and_one_out_of_it_at_most(spans in any_trace()) {
        let calls = calls(&spans);
        let servers: Vec<usize> = calls.iter().filter_map(|call| call.server).collect();
        let clients: Vec<usize> = calls.iter().filter(|call| call.server.is_none()).filter_map(|call| call.client).collect();
        for copies in [servers, clients] {
            let once: BTreeSet<usize> = copies.iter().copied().collect();
            prop_assert_eq!(once.len(), copies.len());
        }
        for call in &calls {
            prop_assert!(call.duration_ns >= 0 && !call.callee.name.is_empty());
            prop_assert!(call.caller.is_none_or(|caller| !caller.name.is_empty()));
        }
    }

    #[test]
    fn where_no_span_failed_no_call_did_and_no_error_began(mut spans in any_trace()) {
        spans.iter_mut().for_each(|span| span.is_error = false);
        prop_assert!(calls(&spans).iter().all(|call| !call.is_error && !call.begins_error));
    }
}
