//! The service graph: the same however spans come, at any past time, and what differs between two times.

use std::time::Duration;

use model::{Selectors, TimeRange, UnixNanos};
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use query::{GraphNode, GraphQuestion, Red, ServiceGraph};

use crate::telemetry::{Sent, at, attribute, failed, span, spans};
use crate::world::{LAYOUTS, World, range, tenant};

/// Kinds of spans by OTLP's numbers.
const SERVER: i32 = 2;
const CLIENT: i32 = 3;
const PRODUCER: i32 = 4;
const CONSUMER: i32 = 5;

const WEB: &str = "service.name=web squad=storefront app=web deployment.environment.name=prod";
const CART: &str = "service.name=cart squad=orders deployment.environment.name=prod";
const MAIL: &str = "service.name=mail deployment.environment.name=prod";

fn of_kind(kind: i32, mut span: Span, attributes: &[(&str, &str)]) -> Span {
    span.kind = kind;
    span.attributes = attributes.iter().map(|(key, value)| attribute(key, *value)).collect();
    span
}

fn sampled(mut span: Span) -> Span {
    span.trace_state = "ot=th:8".to_owned();
    span
}

/// One request for each span.
fn each(from: &str, all: Vec<Span>) -> Vec<Sent> {
    all.into_iter().map(|span| spans(from, vec![span])).collect()
}

fn question(range: TimeRange) -> GraphQuestion {
    GraphQuestion { selectors: None, environment: None, range, now: at(120) }
}

async fn graph(world: &World, question: GraphQuestion) -> ServiceGraph {
    world.engine.service_graph(&tenant(), question).await.unwrap()
}

fn name(node: &GraphNode) -> String {
    match (node.kind.as_str(), node.system.as_str()) {
        ("service", _) => node.name.clone(),
        (kind, "") => format!("{kind}:{}", node.name),
        (kind, system) => format!("{kind}:{system}/{}", node.name),
    }
}

/// Calls, errors, errors begun.
fn numbers(red: &Red) -> String {
    format!("{}/{}/{}", red.calls, red.errors, red.errors_begun)
}

/// Nodes that were asked by nobody known, as `>web 2/1/0`, and edges, as `web>cart 2/1/1 both=2`.
fn lines(graph: &ServiceGraph) -> Vec<String> {
    let entries = graph.nodes.iter().filter(|node| node.entries.seen > 0);
    let entries = entries.map(|node| format!(">{} {}", name(&node.node), numbers(&node.entries)));
    let edges = graph.edges.iter().map(|edge| {
        let sides = ["both", "client", "server"].iter().zip(edge.seen_by).filter(|(_, calls)| *calls > 0);
        let sides: Vec<String> = sides.map(|(side, calls)| format!("{side}={calls}")).collect();
        format!("{}>{} {} {}", name(&edge.caller), name(&edge.callee), numbers(&edge.red), sides.join(" "))
    });
    entries.chain(edges).collect()
}

async fn check(requests: &[Sent], question: GraphQuestion, expected: &[&str]) {
    for layout in LAYOUTS {
        let world = World::digesting(layout, requests).await;
        assert_eq!(lines(&graph(&world, question.clone()).await), expected, "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_an_edge_whoever_tells_of_it() {
    let web = vec![
        span([1, 1, 0], "GET /", 0, 100),
        of_kind(CLIENT, span([1, 2, 1], "POST", 0, 90), &[("server.address", "cart.shop")]),
        of_kind(CLIENT, span([1, 4, 1], "GET", 1, 10), &[("server.address", "api.bank.example")]),
        of_kind(
            PRODUCER,
            span([1, 5, 1], "send", 2, 1),
            &[("messaging.system", "kafka"), ("messaging.destination.name", "orders")],
        ),
    ];
    let cart = vec![
        span([1, 3, 2], "POST /cart", 0, 80),
        of_kind(CLIENT, span([1, 6, 3], "SELECT", 0, 5), &[("db.system.name", "postgresql"), ("db.namespace", "shop")]),
        // Its caller's span was never sent, and it does not say who that was.
        span([2, 1, 9], "POST /cart", 3, 20),
    ];
    let mail = vec![of_kind(CONSUMER, span([1, 7, 5], "receive", 5, 2), &[("messaging.destination.name", "orders")])];
    let requests = [each(WEB, web), each(CART, cart), each(MAIL, mail)].concat();
    let all = question(range(at(-600), at(600)));
    let expected =
        [">cart 1/0/0", ">web 1/0/0", "cart>database:postgresql/shop 1/0/0 client=1", "web>cart 1/0/0 both=1"];
    let peers = ["web>peer:api.bank.example 1/0/0 client=1"];
    let queues = ["web>queue:kafka/orders 1/0/0 client=1"];
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests).await;
        let found = lines(&graph(&world, all.clone()).await);
        for line in expected.iter().chain(&peers).chain(&queues) {
            assert!(found.iter().any(|found| found == line), "{line} is not in {found:?} {layout:?}");
        }
        let from_queue = found.iter().find(|line| line.contains(">mail ")).unwrap();
        assert!(from_queue.starts_with("queue:") && from_queue.ends_with("server=1"), "{from_queue}");
        assert_eq!(found.len(), expected.len() + 3, "{found:?}");
    }
    let mut prod = all.clone();
    prod.environment = Some("staging".to_owned());
    check(&requests, prod, &[]).await;
    let mut orders = all;
    orders.selectors = Some(Selectors::parse("squad=orders").unwrap());
    check(&requests, orders, &[expected[0], expected[2], expected[3]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_passes_through_services_began_once() {
    let call = |ids, seconds| failed(of_kind(CLIENT, span(ids, "POST", seconds, 50), &[]), "502");
    let requests = [
        spans(WEB, vec![failed(span([1, 1, 0], "GET /", 0, 100), ""), call([1, 2, 1], 0)]),
        spans(CART, vec![failed(span([1, 3, 2], "POST /cart", 0, 80), ""), call([1, 4, 3], 0)]),
        spans(MAIL, vec![failed(span([1, 5, 4], "POST /mail", 0, 60), "no such mailbox")]),
    ];
    let expected = [">web 1/1/0", "cart>mail 1/1/1 both=1", "web>cart 1/1/0 both=1"];
    check(&requests, question(range(at(-60), at(60))), &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sampled_call_counts_for_those_that_were_left_out() {
    let requests = [
        spans(WEB, vec![sampled(span([1, 1, 0], "GET /", 0, 100)), span([2, 1, 0], "GET /", 0, 100)]),
        spans(CART, vec![sampled(failed(span([3, 1, 0], "POST /cart", 0, 80), ""))]),
    ];
    let all = question(range(at(0), at(60)));
    check(&requests, all.clone(), &[">cart 2/2/2", ">web 3/0/0"]).await;
    let world = World::digesting(LAYOUTS[2], &requests).await;
    let graph = graph(&world, all).await;
    let web = graph.nodes.iter().find(|node| node.node.name == "web").unwrap();
    assert_eq!((web.red.seen, web.red.calls_per_second), (2, 0.05));
    let quantiles = web.red.quantiles.unwrap();
    assert!(quantiles.p50_ns.abs_diff(100_000_000) < 2_500_000, "{quantiles:?}");
    assert_eq!((web.red.mean_ns, web.squad.as_deref()), (100_000_000, Some("storefront")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_instant_has_its_own_graph_and_late_spans_land_in_it() {
    let hour = -3_600;
    let requests = [
        spans(WEB, vec![span([1, 1, 0], "GET /", hour, 100), of_kind(CLIENT, span([1, 2, 1], "POST", hour, 90), &[])]),
        spans(WEB, vec![span([2, 1, 0], "GET /", 0, 100)]),
        // What was called an hour ago says so only now.
        spans(CART, vec![span([1, 3, 2], "POST /cart", hour, 80)]),
    ];
    let then = question(range(at(hour - 60), at(hour + 60)));
    check(&requests, then, &[">web 1/0/0", "web>cart 1/0/0 both=1"]).await;
    check(&requests, question(range(at(-60), at(60))), &[">web 1/0/0"]).await;
    check(&requests, question(range(at(-7_200), at(-7_000))), &[]).await;
    // By whom it is owned was said in a row that began an hour before.
    let mut late = question(range(at(-60), at(60)));
    late.selectors = Some(Selectors::parse("app=web").unwrap());
    check(&requests[..2], late, &[">web 1/0/0"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_times_are_held_against_each_other() {
    let call = |trace, seconds, fails: bool| {
        let served = span([trace, 3, 2], "POST /cart", seconds, 80);
        let served = if fails { failed(served, "out of stock") } else { served };
        let client = of_kind(CLIENT, span([trace, 2, 1], "POST", seconds, 90), &[]);
        [spans(WEB, vec![span([trace, 1, 0], "GET /", seconds, 100), client]), spans(CART, vec![served])]
    };
    let mut requests: Vec<Sent> = Vec::new();
    for trace in 1..=20 {
        requests.extend(call(trace, -300, false));
        requests.extend(call(100 + trace, 0, trace <= 10));
    }
    requests.push(spans(MAIL, vec![span([250, 1, 0], "old", -300, 5)]));
    requests.push(spans("service.name=fresh", vec![span([251, 1, 0], "new", 0, 5)]));
    let (before, after) = (range(at(-300), at(-240)), range(at(0), at(60)));
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests).await;
        let found = world.engine.graph_difference(&tenant(), question(after), before).await.unwrap();
        let words: Vec<String> =
            found.nodes.iter().map(|node| format!("{} {}", node.node.name, node.red.word())).collect();
        assert_eq!(words, ["cart changed", "fresh new", "mail gone", "web same"], "{layout:?}");
        let [edge] = &found.edges[..] else { panic!("{:?}", found.edges) };
        assert_eq!((edge.caller.name.as_str(), edge.red.word()), ("web", "changed"));
        let begun = [edge.red.before, edge.red.after].map(|red| red.unwrap().errors_begun);
        assert_eq!((begun, edge.red.after.unwrap().error_share), ([0.0, 10.0], 0.5));
        assert_eq!((found.before, found.after), (before, after));
        assert_eq!(found.coverage.rows_returned, 5);
    }
}

/// Where a span goes: into one of some flushes, or stays in memory.
const FLUSHES: usize = 3;

/// One trace that passes through web, cart, a database and a queue so slowly that callers and callees begin in different
/// minutes. `fails` has a bit for each span.
fn trace(number: u8, start: i64, fails: u8, weight: bool) -> Vec<Sent> {
    let call = [("server.address", "cart.shop")];
    let queue = [("messaging.destination.name", "orders")];
    let made = [
        (WEB, of_kind(SERVER, span([number, 1, 0], "GET /", start, 7), &[])),
        (WEB, of_kind(CLIENT, span([number, 2, 1], "POST", start + 20, 14), &call)),
        (CART, of_kind(SERVER, span([number, 3, 2], "POST /cart", start + 40, 21), &[])),
        (CART, of_kind(CLIENT, span([number, 4, 3], "SELECT", start + 60, 28), &[("db.system", "mysql")])),
        (CART, of_kind(PRODUCER, span([number, 5, 3], "send", start + 80, 35), &queue)),
        (MAIL, of_kind(CONSUMER, span([number, 6, 5], "process", start + 100, 42), &queue)),
        (MAIL, of_kind(1, span([number, 7, 6], "render", start + 120, 49), &[])),
    ];
    let sent = |(place, (from, made)): (usize, (&str, Span))| {
        let made = if weight { sampled(made) } else { made };
        spans(from, vec![if fails >> place & 1 == 1 { failed(made, "") } else { made }])
    };
    made.into_iter().enumerate().map(sent).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_graph_is_the_same_however_spans_come(
        traces in prop::collection::vec((0_i64..200, any::<u8>(), any::<bool>()), 1..4),
        places in prop::collection::vec(0..=FLUSHES, 28),
        lost in prop::collection::vec(prop::bool::weighted(0.1), 28),
    ) {
        let of = |(number, (start, fails, weight)): (u8, &(i64, u8, bool))| trace(number, *start, *fails, *weight);
        let all = (1..).zip(&traces).flat_map(of);
        let arrived = all.zip(places.iter().zip(&lost)).filter(|(_, (_, lost))| !**lost);
        let all: Vec<(usize, Sent)> = arrived.map(|(sent, (place, _))| (*place, sent)).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut groups = vec![Vec::new(); FLUSHES + 1];
            all.iter().for_each(|(place, sent)| groups[*place].push(sent.clone()));
            let live = groups.pop().unwrap();
            let scattered = World::flushed_in(&groups, &live).await;
            let together: Vec<Sent> = all.iter().map(|(_, sent)| sent.clone()).collect();
            let at_once = World::flushed_in(&[], &together).await;
            for (from, to) in [(-60, 600), (0, 60), (60, 120), (120, 300)] {
                let mut question = question(range(at(from), at(to)));
                question.now = at(600);
                let found = graph(&scattered, question.clone()).await;
                let expected = graph(&at_once, question).await;
                assert_eq!(found.nodes, expected.nodes);
                assert_eq!(found.edges, expected.edges);
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_of_a_minute_that_is_not_over_are_by_its_seconds() {
    let requests = [spans(WEB, vec![span([1, 1, 0], "GET /", 0, 100)])];
    let world = World::digesting(LAYOUTS[0], &requests).await;
    let mut now = question(range(at(0), at(10)));
    now.now = at(10);
    let graph = graph(&world, now).await;
    assert_eq!((graph.nodes[0].red.calls_per_second, graph.range), (0.1, range(at(0), at(10))));
    assert_eq!(graph.range.to, UnixNanos::new(at(0).get()).plus(Duration::from_secs(10)));
}
