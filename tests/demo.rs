//! The demo shop: seven services that really call each other, and faults that show.

use std::process::Command;

use serde_json::Value;
use testkit::{Api, Process, TestServer, eventually, nunchi};

const SERVICES: [&str; 7] = ["checkout", "database", "inventory", "payment", "recommendation", "shipping", "web"];

/// A shop that sends to the server, with switches for its faults.
struct Shop {
    process: Process,
    control: String,
}

impl Shop {
    async fn open(server: &TestServer) -> Self {
        // The shop does not say which port it took for its switches, so it is given one that was free just now.
        let control = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let control = control.expect("there are free ports").to_string();
        let mut command = nunchi();
        let endpoint = format!("http://{}", server.otlp_http());
        command.args(["demo", "--first-port", "0", "--rate", "20", "--endpoint", &endpoint, "--control", &control]);
        let mut process = Process::start("the shop", &mut command);
        process.says("that it is open", |line| line.contains("the shop is open").then_some(())).await;
        Self { process, control }
    }

    /// `nunchi demo fault NAME on`
    fn fault(&self, name: &str) {
        let mut command: Command = nunchi();
        let output = command.args(["demo", "--control", &self.control, "fault", name, "on"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains(" on "), "{said} {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The first trace that a search finds, sooner or later.
async fn trace_with(api: &Api, parameters: &[(&str, &str)], wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(&format!("a trace with {parameters:?}"), async || {
        let found = api.ask("/api/v1/traces", parameters).await;
        for trace in found["traces"].as_array().expect("traces are a list") {
            let path = format!("/api/v1/traces/{}", trace["trace_id"].as_str().expect("an id"));
            let trace = api.ask(&path, &[]).await;
            if wanted(&trace) {
                return Some(trace);
            }
        }
        None
    })
    .await
}

/// The first element that is wanted. A list that is left out of an answer is empty.
fn has(list: &Value, mut wanted: impl FnMut(&Value) -> bool) -> Option<&Value> {
    assert!(list.is_array() || list.is_null(), "{list}");
    list.as_array()?.iter().find(|element| wanted(element))
}

/// An order's way from the shop's front through the queue to shipping, found from either end.
async fn an_order_waits_in_the_queue(api: &Api) {
    let shipped = [("service", "shipping"), ("operation", "orders process"), ("limit", "20")];
    let shipped =
        trace_with(api, &shipped, |trace| has(&trace["spans"], |span| span["links"].is_array()).is_some()).await;
    let id = |trace: &Value| trace["trace_id"].as_str().expect("an id").to_owned();
    let journey = eventually("a journey from the front to shipping", async || {
        let journey = api.ask(&format!("/api/v1/journeys/{}", id(&shipped)), &[]).await;
        let of = |name: &str| {
            has(&journey["traces"], |trace| has(&trace["services"], |share| share["service"] == name).is_some())
                .is_some()
        };
        ["web", "checkout", "shipping"].into_iter().all(of).then_some(journey)
    })
    .await;
    let hop = has(&journey["hops"], |hop| hop["queue"]["destination"] == "orders").expect("the order was queued");
    assert_eq!((&hop["from"]["service"], &hop["to"]["service"]), (&"checkout".into(), &"shipping".into()), "{hop}");
    assert_eq!((&hop["kind"], &hop["queue"]["system"]), (&"link".into(), &"in_process".into()), "{hop}");
    assert!(hop["waiting_ns"].as_i64().is_some_and(|waiting| waiting >= 0), "{hop}");
    assert_eq!(journey["traces"].as_array().map(Vec::len), Some(2), "{journey}");
    assert!(journey["missing"].is_null() && journey["not_followed"].is_null(), "{journey}");

    let front = has(&journey["traces"], |trace| trace["depth"] == 0).expect("work began somewhere");
    let same = api.ask(&format!("/api/v1/journeys/{}", id(front)), &[]).await;
    let line = |journey: &Value| (journey["traces"][0]["trace_id"].clone(), journey["traces"][1]["trace_id"].clone());
    assert_eq!(line(&same), line(&journey), "the same traces, from whichever of them");
}

#[tokio::test]
async fn seven_services_are_seen_and_their_faults_show() {
    let server = TestServer::start(&[]).await;
    let mut shop = Shop::open(&server).await;
    let api = server.api();
    let services = eventually("all seven services, by every signal", async || {
        let services = api.ask("/api/v1/services", &[]).await["services"].take();
        let heard = |name: &&str| {
            has(&services, |service| service["service"] == **name).is_some_and(|service| {
                ["spans", "series"].iter().all(|count| service[*count].as_u64().is_some_and(|count| count > 0))
            })
        };
        SERVICES.iter().all(heard).then_some(services)
    })
    .await;
    let squads = services.as_array().unwrap().iter().filter(|service| service["squad"].is_string()).count();
    assert_eq!(squads, SERVICES.len(), "{services}");
    let checkout = has(&services, |service| service["service"] == "checkout").expect("it was heard");
    assert_eq!(checkout["instances"], 2);
    let chosen = api.ask("/api/v1/services", &[("selector", "app in (payment,web)")]).await;
    assert_eq!(chosen["services"].as_array().map(Vec::len), Some(2), "{chosen}");

    let whole = [("service", "payment"), ("limit", "20")];
    trace_with(&api, &whole, |trace| {
        let spans_of = |name: &str| has(&trace["spans"], |span| span["service"] == name).is_some();
        ["web", "checkout", "payment", "database"].into_iter().all(spans_of)
            && trace["repairs"].as_array().is_some_and(Vec::is_empty)
            && !trace["logs"].as_array().is_some_and(Vec::is_empty)
    })
    .await;

    an_order_waits_in_the_queue(&api).await;

    shop.fault("inventory-errors");
    let failing = [("service", "inventory"), ("status", "error"), ("q", "\"exception.type\":*")];
    trace_with(&api, &failing, |trace| {
        let failed = |span: &Value| span["service"] == "inventory" && span["status"]["code"] == "error";
        has(&trace["spans"], |span| {
            failed(span)
                && span["events"].is_array()
                && has(&span["events"], |event| event["name"] == "exception").is_some()
        })
        .is_some()
    })
    .await;

    shop.fault("lost-spans");
    let lossy = [("service", "database"), ("limit", "20")];
    let trace =
        trace_with(&api, &lossy, |trace| has(&trace["repairs"], |repair| repair["kind"] == "missing_parent").is_some())
            .await;
    let phantom = has(&trace["spans"], |span| has(&span["marks"], |mark| mark == "phantom").is_some());
    assert!(phantom.is_some(), "a span stands for the one that did not arrive: {trace}");

    shop.process.terminate();
    assert!(shop.process.ended().await.success(), "{}", shop.process.said());
}

#[tokio::test]
async fn the_graph_shows_where_errors_begin_and_a_new_version_is_a_deploy() {
    let server = TestServer::start(&[]).await;
    let shop = Shop::open(&server).await;
    let api = server.api();
    shop.fault("inventory-errors");
    shop.fault("bad-deploy");
    eventually("errors that begin in inventory and show in web", async || {
        let graph = api.ask("/api/v1/service-graph", &[]).await;
        let number = |service: &str, figure: &str| {
            has(&graph["nodes"], |node| node["name"] == service).and_then(|node| node["red"][figure].as_f64())
        };
        let edge = has(&graph["edges"], |edge| {
            edge["caller"]["name"] == "checkout"
                && edge["callee"]["name"] == "inventory"
                && edge["seen_by"]["both"] != 0
        });
        // Of what is on its way just now the rest is not known yet.
        let is_passed_on =
            number("web", "errors")? > 0.0 && number("web", "errors_begun")? < number("inventory", "errors_begun")?;
        (edge.is_some() && is_passed_on).then_some(())
    })
    .await;
    let passport = eventually("a deploy of checkout", async || {
        let passport = api.ask("/api/v1/services/checkout", &[]).await;
        (!passport["deploys"].as_array().is_none_or(Vec::is_empty)).then_some(passport)
    })
    .await;
    let deploy = &passport["deploys"][0];
    assert_eq!((&deploy["previous"], &deploy["version"]), (&"1.4.2".into(), &"1.5.0".into()), "{passport}");
    assert_eq!(passport["owner"]["source"], "attribute k8s.pod.label.squad");
    assert!(has(&passport["callers"], |caller| caller["name"] == "web").is_some(), "{passport}");
}

/// A trace in which spans of a service were lost has a phantom of that service, with its evidence.
async fn a_lost_span_is_stood_for(api: &Api) {
    let lossy = [("repair", "missing_parent"), ("service", "inventory"), ("limit", "5")];
    let lost = |trace: &Value| {
        has(&trace["repairs"], |repair| {
            let phantom = has(&trace["spans"], |span| {
                span["span_id"] == repair["span_ids"][0] && has(&span["marks"], |mark| mark == "phantom").is_some()
            });
            repair["kind"] == "missing_parent" && phantom.is_some_and(|span| span["service"] == "inventory")
        })
        .cloned()
    };
    let trace = trace_with(api, &lossy, |trace| lost(trace).is_some()).await;
    let repair = lost(&trace).expect("it was wanted");
    assert!(repair["confidence"].as_f64().is_some_and(|sure| sure >= 0.9), "{repair}");
    assert!(has(&repair["evidence"], |fact| fact.as_str().is_some_and(|fact| fact.contains("inventory"))).is_some());
    let raw = api.ask(&format!("/api/v1/traces/{}", trace["trace_id"].as_str().unwrap()), &[("view", "raw")]).await;
    assert_eq!(raw["repairs"].as_array().map(Vec::len), Some(0), "what arrived is untouched: {raw}");

    let counted = [("kind", "missing_parent"), ("service", "inventory")];
    let history = api.ask("/api/v1/repairs", &counted).await;
    assert!(history["series"][0]["repairs"].as_u64().is_some_and(|repairs| repairs > 0), "{history}");
}

/// The clock of payment's node is found to be behind by the calls of many traces, and its spans are moved by that.
async fn a_clock_that_is_behind_is_set_right(api: &Api) {
    const BEHIND_NS: i64 = 750_000_000;
    let skewed = [("repair", "clock_skew"), ("service", "payment"), ("limit", "5")];
    // The more calls there are, the surer it is.
    let is_sure = |repair: &Value| {
        repair["kind"] == "clock_skew" && repair["confidence"].as_f64().is_some_and(|sure| sure >= 0.9)
    };
    let shift = |trace: &Value| {
        has(&trace["repairs"], is_sure)?;
        has(&trace["shifts"], |shift| shift["host"] == "node-c" && shift["source"] == "many_traces").cloned()
    };
    let trace = trace_with(api, &skewed, |trace| shift(trace).is_some()).await;
    let shift = shift(&trace).expect("it was wanted");
    let (moved, error) = (shift["shift_ns"].as_i64().unwrap(), shift["error_ns"].as_i64().unwrap());
    assert!((moved - BEHIND_NS).abs() <= error && error < BEHIND_NS / 10, "{shift}");
    let of_payment = |log: &Value| log["service"] == "payment";
    if let Some(log) = has(&trace["logs"], of_payment) {
        assert!(log["shown_time"].is_string(), "what its node logged is moved with it: {log}");
    }
    eventually("the clock of node-c among those that are apart", async || {
        let clocks = api.ask("/api/v1/clocks", &[("host", "node-c")]).await;
        let is_apart = |pair: &Value| has(&pair["points"], |point| point["is_apart"] == true).is_some();
        has(&clocks["pairs"], is_apart).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn lost_spans_end_as_repairs_that_name_their_cause() {
    let server = TestServer::start(&[]).await;
    let shop = Shop::open(&server).await;
    shop.fault("lost-spans");
    a_lost_span_is_stood_for(&server.api()).await;
}

/// The fault is switched on at once: a clock that is set amid many calls is believed only after as many by its new time,
/// which takes the longer the longer it ran right.
#[tokio::test]
async fn a_skewed_clock_ends_as_a_repair_that_names_its_cause() {
    let server = TestServer::start(&[]).await;
    let shop = Shop::open(&server).await;
    shop.fault("skewed-clock");
    a_clock_that_is_behind_is_set_right(&server.api()).await;
}
