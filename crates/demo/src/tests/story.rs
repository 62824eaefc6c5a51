//! What a shop without faults tells.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::http::{Method, StatusCode};
use opentelemetry_proto::tonic::logs::v1::SeverityNumber;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::sink::{Received, Sent, attributes, failed};
use super::{Stage, send};

/// The one trace of an order, as service, kind and name, each span indented below its parent.
const ORDER_TRACE: &str = "\
web Server POST /checkout
  web Client POST /checkout
    checkout Server POST /checkout
      checkout Client INSERT orders
        database Server INSERT orders
      checkout Client POST /charges
        payment Server POST /charges
          payment Client INSERT payments
            database Server INSERT payments
      checkout Client POST /reservations
        inventory Server POST /reservations
          inventory Client UPDATE stock
            database Server UPDATE stock
      checkout Internal apply discounts
      checkout Producer orders publish
";

/// What shipping makes of the order: a trace of its own.
const SHIPMENT_TRACE: &str = "\
shipping Consumer orders process
  shipping Client INSERT shipments
    database Server INSERT shipments
";

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_one_trace_through_the_shop_and_a_linked_one_for_its_shipment() {
    let stage = Stage::set().await;
    assert_eq!(stage.order().await, StatusCode::OK);
    let sent = stage.strike().await;

    let traces = traces(&sent);
    let drawings: BTreeSet<String> = traces.values().map(|spans| draw(spans)).collect();
    assert_eq!(drawings, BTreeSet::from([ORDER_TRACE.to_owned(), SHIPMENT_TRACE.to_owned()]));

    let named = |name: &str| &sent.spans.iter().find(|span| span.it.name == name).unwrap().it;
    let (producer, consumer) = (named("orders publish"), named("orders process"));
    assert_eq!(consumer.links.len(), 1);
    assert_eq!(consumer.links[0].trace_id, producer.trace_id);
    assert_eq!(consumer.links[0].span_id, producer.span_id);

    assert!(sent.spans.iter().all(|span| !failed(&span.it)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_sends_all_three_signals_with_its_own_resource() {
    let stage = Stage::set().await;
    assert_eq!(stage.order().await, StatusCode::OK);
    // A recommendation may come from the cache, but the request for it is told of in any case.
    assert_eq!(send(Method::GET, stage.shop.door(), "/?user_id=u-7", "").await.0, StatusCode::OK);
    let sent = stage.strike().await;

    let all = BTreeSet::from(["checkout", "database", "inventory", "payment", "recommendation", "shipping", "web"]);
    assert_eq!(sent.spans.iter().map(Received::service).collect::<BTreeSet<_>>(), all);
    assert_eq!(sent.logs.iter().map(Received::service).collect::<BTreeSet<_>>(), all);
    assert_eq!(sent.metrics.iter().map(Received::service).collect::<BTreeSet<_>>(), all);

    let pods: BTreeSet<&str> = sent.metrics.iter().map(|metric| metric.resource["k8s.pod.name"].as_str()).collect();
    assert_eq!(pods.len(), 9, "{pods:?}");
    for metric in &sent.metrics {
        let resource = &metric.resource;
        assert_eq!(resource["service.namespace"], "shop");
        assert_eq!(resource["deployment.environment.name"], "demo");
        assert_eq!(resource["k8s.pod.label.app"], resource["service.name"]);
        assert!(resource["k8s.pod.name"].starts_with(&resource["k8s.deployment.name"]));
        for key in ["service.version", "service.instance.id", "k8s.node.name", "k8s.pod.label.squad"] {
            assert!(resource.contains_key(key), "{key} is missing of {resource:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_records_carry_the_ids_of_the_span_that_they_were_written_in() {
    let stage = Stage::set().await;
    assert_eq!(stage.order().await, StatusCode::OK);
    let sent = stage.strike().await;

    let spans: BTreeSet<_> = sent.spans.iter().map(|span| (&span.it.trace_id, &span.it.span_id)).collect();
    assert!(sent.logs.iter().all(|log| spans.contains(&(&log.it.trace_id, &log.it.span_id))));
    let severities: BTreeSet<i32> = sent.logs.iter().map(|log| log.it.severity_number).collect();
    assert!(severities.contains(&(SeverityNumber::Info as i32)), "{severities:?}");
    assert!(severities.contains(&(SeverityNumber::Debug as i32)), "{severities:?}");
    let placed = sent.logs.iter().find(|log| attributes(&log.it.attributes).contains_key("order.currency")).unwrap();
    assert_eq!(placed.service(), "checkout");
    // Two teapots and a mug, less a tenth.
    assert_eq!(attributes(&placed.it.attributes)["order.amount"], "110.43");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_of_every_kind_that_the_sdk_makes() {
    let stage = Stage::set().await;
    assert_eq!(stage.order().await, StatusCode::OK);
    let sent = stage.strike().await;

    let kinds: BTreeMap<&str, &str> =
        sent.metrics.iter().map(|metric| (metric.it.name.as_str(), kind(metric.it.data.as_ref().unwrap()))).collect();
    for (name, expected) in [
        ("http.server.request.duration", "histogram"),
        ("http.client.request.duration", "histogram"),
        ("db.client.operation.duration", "histogram"),
        ("http.server.active_requests", "sum"),
        ("orders.placed", "monotonic sum"),
        ("orders.queue.depth", "gauge"),
        ("process.uptime", "gauge"),
        ("payment.amount", "exponential histogram"),
    ] {
        assert_eq!(kinds.get(name), Some(&expected), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_is_refused_and_is_no_error_of_the_shop() {
    let stage = Stage::set().await;
    for (body, status) in [
        (r#"{"user_id":"u-7","items":[]}"#, StatusCode::BAD_REQUEST),
        (r#"{"user_id":"?","items":[{"sku":"mug","quantity":1}]}"#, StatusCode::BAD_REQUEST),
        (r#"{"user_id":"u-7","items":[{"sku":"mug","quantity":0}]}"#, StatusCode::BAD_REQUEST),
        (r#"{"user_id":"u-7","items":[{"sku":"sofa","quantity":1}]}"#, StatusCode::NOT_FOUND),
        (r#"{"user_id":"u-7","items":[{"sku":"mug","quantity":1}],"card":"expired"}"#, StatusCode::PAYMENT_REQUIRED),
    ] {
        assert_eq!(send(Method::POST, stage.shop.door(), "/checkout", body).await.0, status, "{body}");
    }
    let sent = stage.strike().await;
    let servers = sent.spans.iter().filter(|span| span.it.kind() == SpanKind::Server);
    assert!(servers.clone().count() >= 5);
    assert!(servers.clone().all(|span| !failed(&span.it)));
    assert!(sent.logs.iter().any(|log| log.it.severity_number == SeverityNumber::Warn as i32));
}

fn kind(data: &Data) -> &'static str {
    match data {
        Data::Gauge(_) => "gauge",
        Data::Sum(sum) if sum.is_monotonic => "monotonic sum",
        Data::Sum(_) => "sum",
        Data::Histogram(_) => "histogram",
        Data::ExponentialHistogram(_) => "exponential histogram",
        Data::Summary(_) => "summary",
    }
}

fn traces(sent: &Sent) -> HashMap<Vec<u8>, Vec<&Received<Span>>> {
    let mut traces: HashMap<_, Vec<_>> = HashMap::new();
    for span in &sent.spans {
        traces.entry(span.it.trace_id.clone()).or_default().push(span);
    }
    traces
}

/// A trace as an indented list, siblings by name; spans whose parent is missing are left out.
fn draw(spans: &[&Received<Span>]) -> String {
    fn below(parent: &[u8], depth: usize, spans: &[&Received<Span>], drawing: &mut String) {
        let mut children: Vec<_> = spans.iter().filter(|span| span.it.parent_span_id == parent).collect();
        children.sort_by(|a, b| a.it.name.cmp(&b.it.name));
        for span in children {
            let (service, kind, name) = (span.service(), span.it.kind(), &span.it.name);
            drawing.push_str(&format!("{}{service} {kind:?} {name}\n", "  ".repeat(depth)));
            below(&span.it.span_id, depth + 1, spans, drawing);
        }
    }
    let mut drawing = String::new();
    below(&[], 0, spans, &mut drawing);
    drawing
}
