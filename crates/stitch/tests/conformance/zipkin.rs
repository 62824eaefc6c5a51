//! Links between services, as Zipkin's dependency linker has them.
//!
//! A link of Zipkin's is a pair of names with how many calls there were and how many failed. Our calls come to the same
//! when those with a caller are counted by the names of their two nodes: [`Call::is_error`] is Zipkin's error, which counts
//! on each link that an error passes ([`Call::begins_error`] has no counterpart there). What a case calls a remote
//! service is a queue on messaging spans, and a service on others.
//!
//! Where ours knowingly differs (of a case in which the first shows, the runner says so):
//!
//! - A consumer that names no broker is linked to its sender: to the queue that this names, or to its service. With
//!   Zipkin the trail of the message ends there; but who sent it is known.
//! - A span whose parent is missing is not taken for a child of the root: nothing says that it was one. No case has one
//!   below a root.
//! - A span below another service's is an arrival there even if it has no kind and names nobody: somebody must have
//!   asked for its work. Zipkin passes over it. No case has one.
//! - A consumer within a consumer of the same service and queue is the same message. No case has one.

use std::collections::BTreeMap;

use model::SpanId;
use serde_json::Value;
use stitch::{Call, Peer, SpanInput, SpanKind, calls};

use crate::vectors::{Tally, files};

const FOLDER: &str = "zipkin-dependency-links";

/// Calls and errors by caller and callee.
type Links = BTreeMap<(String, String), (u64, u64)>;

#[test]
fn services_are_linked_as_zipkin_links_them() {
    let mut tally = Tally::new(FOLDER);
    for (_, cases) in files(FOLDER) {
        for case in items(&cases) {
            let name = case["name"].as_str().expect("a case has a name");
            let spans: Vec<SpanInput<'_>> = items(&case["spans"]).iter().zip(0..).map(span).collect();
            let mode = case["mode"].as_str().expect("a case has a mode");
            let mut expected = expected(case);
            for ours in linked_to_sender(items(&case["spans"])) {
                println!("{FOLDER}: ours knowingly differs in {name:?}: a consumer is linked to its sender");
                expected.entry(ours).or_default().0 += 1;
            }
            match mode {
                "one trace" => tally.check(name, &links(&calls(&spans)), &expected),
                "same trace put twice" => {
                    tally.check(name, &links(&[calls(&spans), calls(&spans)].concat()), &expected);
                }
                _ if mode.starts_with("each span is its own trace") => {
                    let found: Vec<Links> = spans.chunks(1).map(|span| links(&calls(span))).collect();
                    tally.check(name, &found, &vec![expected; spans.len()]);
                }
                _ => panic!("{mode:?} is not a way in which traces are put"),
            }
        }
    }
    tally.finish();
}

fn links(calls: &[Call<'_>]) -> Links {
    let mut links = Links::new();
    for call in calls {
        let Some(caller) = call.caller else { continue };
        let (calls, errors) = links.entry((caller.name.to_owned(), call.callee.name.to_owned())).or_default();
        *calls += 1;
        *errors += u64::from(call.is_error);
    }
    links
}

fn expected(case: &Value) -> Links {
    let number = |value: &Value| value.as_u64().expect("counts are whole numbers");
    let links = items(&case["expectedLinks"]).iter();
    links
        .map(|link| {
            let names = (text(&link["parent"]).to_owned(), text(&link["child"]).to_owned());
            (names, (number(&link["callCount"]), number(&link["errorCount"])))
        })
        .collect()
}

/// The links that ours has beside Zipkin's: of each consumer that names no broker and has a parent that says who it is.
fn linked_to_sender(spans: &[Value]) -> Vec<(String, String)> {
    let consumers = spans.iter().filter(|span| text(&span["kind"]) == "CONSUMER" && span["remoteService"].is_null());
    let linked = consumers.filter_map(|consumer| {
        let parent = spans.iter().find(|parent| parent["id"] == consumer["parentId"])?;
        let queue = parent["remoteService"].as_str().filter(|_| text(&parent["kind"]) == "PRODUCER");
        let sender = queue.or(parent["localService"].as_str())?;
        Some((sender.to_owned(), consumer["localService"].as_str()?.to_owned()))
    });
    linked.collect()
}

fn span<'v>((span, received_order): (&'v Value, u64)) -> SpanInput<'v> {
    let kind = match text(&span["kind"]) {
        "SERVER" => SpanKind::Server,
        "CLIENT" => SpanKind::Client,
        "PRODUCER" => SpanKind::Producer,
        "CONSUMER" => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    };
    let remote = text(&span["remoteService"]);
    let peer = match kind {
        SpanKind::Producer | SpanKind::Consumer => Peer { queue: remote, ..Peer::NONE },
        _ => Peer { service: remote, ..Peer::NONE },
    };
    SpanInput {
        parent_span_id: span["parentId"].as_str().map(id),
        kind,
        service: text(&span["localService"]),
        peer,
        is_error: span["errorTag"] == true,
        received_order,
        ..SpanInput::bare(id(text(&span["id"])))
    }
}

fn id(digits: &str) -> SpanId {
    let number = u64::from_str_radix(digits, 16).expect("an id is hexadecimal");
    SpanId::from_bytes(&number.to_be_bytes()).expect("an id is not zero")
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
