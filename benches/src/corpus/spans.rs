//! Spans: whole traces of one request through the shop, ten spans each.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

use super::attribute::{int, text};
use super::dice::Dice;
use super::fleet::Fleet;
use super::phrase::fill;
use super::{RECORDS_PER_REQUEST, trace_id};

/// Spans of every trace.
pub const SPANS_PER_TRACE: u64 = 10;

/// From one trace to the next: 500 traces a second.
const STEP_NANOS: u64 = 2_000_000;

/// Of a hundred spans, so many failed.
const FAILED_PERCENT: u64 = 3;

const INTERNAL: i32 = 1;
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// One span of a shape: index of the service, index of the parent (its own for the root), kind, name.
type Place = (usize, usize, i32, &'static str);

/// What a request through the shop looks like. Services are numbered as in `fleet.rs`.
const SHAPES: [[Place; SPANS_PER_TRACE as usize]; 3] = [
    [
        (0, 0, SERVER, "POST /api/v1/orders"),
        (0, 0, CLIENT, "POST"),
        (1, 1, SERVER, "POST /api/v1/checkout"),
        (1, 2, INTERNAL, "validate basket"),
        (1, 2, CLIENT, "POST"),
        (2, 4, SERVER, "POST /api/v1/payments"),
        (2, 5, CLIENT, "INSERT payments"),
        (1, 2, CLIENT, "GET"),
        (3, 7, SERVER, "GET /api/v1/stock/{sku}"),
        (3, 8, CLIENT, "SELECT stock"),
    ],
    [
        (0, 0, SERVER, "GET /api/v1/products"),
        (0, 0, CLIENT, "GET"),
        (6, 1, SERVER, "GET /api/v1/search"),
        (6, 2, INTERNAL, "rank candidates"),
        (6, 2, CLIENT, "SELECT products"),
        (0, 0, CLIENT, "GET"),
        (5, 5, SERVER, "GET /api/v1/recommendations"),
        (5, 6, CLIENT, "SELECT views"),
        (5, 6, INTERNAL, "load model"),
        (0, 0, INTERNAL, "render page"),
    ],
    [
        (4, 0, 5, "orders process"),
        (4, 0, CLIENT, "SELECT orders"),
        (4, 0, INTERNAL, "choose carrier"),
        (4, 0, CLIENT, "POST"),
        (3, 3, SERVER, "POST /api/v1/reservations"),
        (3, 4, CLIENT, "UPDATE stock"),
        (7, 5, SERVER, "UPDATE stock"),
        (4, 0, CLIENT, "UPDATE orders"),
        (7, 7, SERVER, "UPDATE orders"),
        (4, 0, 4, "shipments publish"),
    ],
];

pub(crate) fn body(fleet: &Fleet, start: u64, request: u64) -> Vec<u8> {
    let mut by_pod: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    let traces = RECORDS_PER_REQUEST / SPANS_PER_TRACE;
    for number in request * traces..(request + 1) * traces {
        let shape = &SHAPES[Dice::new("shape", number).below(SHAPES.len() as u64) as usize];
        for ((service, ..), span) in shape.iter().zip(trace(shape, start, number)) {
            by_pod.entry(fleet.pod_of(*service, number)).or_default().push(span);
        }
    }
    let resource_spans = by_pod.into_iter().map(|(pod, spans)| {
        let scope = InstrumentationScope {
            name: "opentelemetry.instrumentation.http".to_owned(),
            version: "0.59.0".to_owned(),
            ..InstrumentationScope::default()
        };
        let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
        ResourceSpans { resource: Some(fleet.pods()[pod].resource.clone()), scope_spans, ..ResourceSpans::default() }
    });
    ExportTraceServiceRequest { resource_spans: resource_spans.collect() }.encode_to_vec()
}

fn trace(shape: &[Place], start: u64, number: u64) -> Vec<Span> {
    let mut dice = Dice::new("spans", number);
    let id = trace_id(number);
    let mut spans: Vec<Span> = Vec::with_capacity(shape.len());
    for (place, (_, parent, kind, name)) in shape.iter().enumerate() {
        // A child begins after its parent and is shorter.
        let (parent_span_id, begin, longest) = match spans.get(*parent).filter(|_| place > 0) {
            None => (Vec::new(), start + number * STEP_NANOS, 400_000_000),
            Some(parent) => {
                let length = parent.end_time_unix_nano - parent.start_time_unix_nano;
                (parent.span_id.clone(), parent.start_time_unix_nano + dice.below(length / 4 + 1), length * 3 / 4)
            }
        };
        let mut span = Span {
            trace_id: id.to_vec(),
            span_id: dice.bytes::<8>().to_vec(),
            parent_span_id,
            flags: 0x101,
            name: (*name).to_owned(),
            kind: *kind,
            start_time_unix_nano: begin,
            end_time_unix_nano: begin + longest / 8 + dice.skewed(longest + 1),
            attributes: attributes(*kind, name, &mut dice),
            ..Span::default()
        };
        if dice.happens(FAILED_PERCENT) {
            fail(&mut span, &mut dice);
        }
        spans.push(span);
    }
    spans
}

fn fail(span: &mut Span, dice: &mut Dice) {
    span.status = Some(Status { code: 2, message: fill("timeout after {ms} ms waiting for {word}", dice) });
    span.events.push(Event {
        time_unix_nano: span.end_time_unix_nano,
        name: "exception".to_owned(),
        attributes: vec![
            text("exception.type", fill("com.example.{word}.TimeoutException", dice)),
            text("exception.message", fill("no answer from {word}-{n} within {ms} ms, request {uuid}", dice)),
        ],
        ..Event::default()
    });
}

fn attributes(kind: i32, name: &str, dice: &mut Dice) -> Vec<KeyValue> {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    let mut attributes = vec![text("thread.name", format!("worker-{}", dice.below(16)))];
    match (kind, rest.starts_with('/'), rest) {
        (SERVER, true, route) => attributes.extend([
            text("http.request.method", first),
            text("http.route", route),
            text("url.path", format!("{route}/{}", dice.skewed(10_000))),
            text("url.scheme", "http"),
            int("http.response.status_code", [200, 200, 200, 201, 404][dice.below(5) as usize]),
            text("server.address", fill("{word}.shop.svc.cluster.local", dice)),
            int("server.port", 8080),
            text("client.address", fill("{ip}", dice)),
            text(
                "user_agent.original",
                dice.pick(&["Mozilla/5.0 (X11; Linux x86_64)", "okhttp/4.12.0", "axios/1.7.9"]),
            ),
        ]),
        (CLIENT, _, "") => attributes.extend([
            text("http.request.method", first),
            text("url.full", fill("http://{word}.shop.svc.cluster.local:8080{path}?id={n}", dice)),
            int("http.response.status_code", [200, 200, 200, 201, 404][dice.below(5) as usize]),
            text("server.address", fill("{word}.shop.svc.cluster.local", dice)),
            int("server.port", 8080),
            text("network.peer.address", fill("{ip}", dice)),
        ]),
        (CLIENT | SERVER, _, table) => attributes.extend([
            text("db.system.name", "postgresql"),
            text("db.namespace", "shop"),
            text("db.operation.name", first),
            text("db.collection.name", table),
            text("db.query.text", format!("{first} … {table} WHERE id = $1 AND customer = $2 AND state <> $3")),
            text("server.address", "orders-db.data.svc.cluster.local"),
            int("db.response.returned_rows", dice.skewed(100)),
        ]),
        _ => attributes.extend([
            text("code.function.name", fill("com.example.{word}.{word}Service.{word}", dice)),
            text("enduser.id", fill("{user}", dice)),
            text("shop.order.id", fill("{uuid}", dice)),
            int("shop.items", dice.skewed(40)),
        ]),
    }
    attributes
}
