//! Each fault, switched through the control port, is seen in what the shop sends.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use axum::http::{Method, StatusCode};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::sink::{Received, Sent, failed, gauge_max, throws};
use super::{Stage, send};
use crate::control;
use crate::fault::Fault;
use crate::queue::ORDERS_MAX;

/// How a fault is brought to light.
#[derive(Clone, Copy)]
enum Visits {
    /// So many orders, however they end.
    Orders(usize),
    /// Orders until one ends with this status, at most [`ORDERS_BEFORE_DESPAIR`].
    Until(StatusCode),
}

/// With an even chance of failing, nobody has that much luck.
const ORDERS_BEFORE_DESPAIR: usize = 500;

/// Switches `fault` on through the control port, visits the shop, and looks for the fault's mark in what it sends.
async fn check(fault: Fault, visits: Visits, seen: impl Fn(&Sent) -> bool) {
    let stage = Stage::set().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let control = tokio::spawn(control::serve(listener, stage.shop.faults().clone(), stop.clone()));

    let path = format!("/faults/{}", fault.name());
    assert_eq!(send(Method::PUT, address, &path, r#"{"on":true}"#).await.0, StatusCode::OK);
    let on: Vec<String> =
        control::ask(address).await.unwrap().into_iter().filter(|shown| shown.on).map(|shown| shown.name).collect();
    assert_eq!(on, [fault.name()]);

    match visits {
        Visits::Orders(orders) => {
            for _ in 0..orders {
                stage.order().await;
            }
        }
        Visits::Until(status) => {
            let mut left = ORDERS_BEFORE_DESPAIR;
            while stage.order().await != status {
                left -= 1;
                assert!(left > 0, "no order ended with {status}");
            }
        }
    }
    stop.cancel();
    control.await.unwrap();
    let sent = stage.strike().await;
    assert!(seen(&sent), "{} left no mark in {} spans", fault.name(), sent.spans.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_payments_take_two_seconds_at_least() {
    check(Fault::PaymentSlow, Visits::Orders(1), |sent| {
        sent.spans.iter().any(|span| {
            span.service() == "payment"
                && span.it.kind() == SpanKind::Server
                && span.it.end_time_unix_nano - span.it.start_time_unix_nano >= 2_000_000_000
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_reservations_throw_and_fail_their_callers() {
    check(Fault::InventoryErrors, Visits::Until(StatusCode::BAD_GATEWAY), |sent| {
        let culprit = |span: &&Received<Span>| {
            span.service() == "inventory" && failed(&span.it) && throws(&span.it, "DeadlockDetected")
        };
        let trace = sent.spans.iter().find(culprit).map(|span| &span.it.trace_id);
        let victims: HashSet<_> = sent
            .spans
            .iter()
            .filter(|span| Some(&span.it.trace_id) == trace && failed(&span.it))
            .map(|span| (span.service(), span.it.kind()))
            .collect();
        victims
            == HashSet::from([
                ("web", SpanKind::Server),
                ("web", SpanKind::Client),
                ("checkout", SpanKind::Server),
                ("checkout", SpanKind::Client),
                ("inventory", SpanKind::Server),
            ])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_deploy_fails_orders_in_a_new_pod_of_a_new_version() {
    check(Fault::BadDeploy, Visits::Until(StatusCode::BAD_GATEWAY), |sent| {
        let checkout = || sent.spans.iter().filter(|span| span.service() == "checkout");
        let good = checkout().filter(|span| span.resource["service.version"] == "1.4.2");
        let bad = || checkout().filter(|span| span.resource["service.version"] == "1.5.0");
        let good_pods: HashSet<_> = good.map(|span| &span.resource["k8s.pod.uid"]).collect();
        bad().any(|span| failed(&span.it) && throws(&span.it, "NullPointerException"))
            && bad().all(|span| !good_pods.contains(&span.resource["k8s.pod.uid"]))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_queue_fills_until_checkout_is_refused() {
    check(Fault::QueueStalled, Visits::Until(StatusCode::BAD_GATEWAY), |sent| {
        let full = i64::try_from(ORDERS_MAX).unwrap();
        let refused = |span: &Received<Span>| span.it.name == "orders publish" && throws(&span.it, "QueueFull");
        let depths = sent.metrics.iter().filter(|metric| metric.it.name == "orders.queue.depth");
        sent.spans.iter().any(refused)
            && depths.filter_map(|metric| gauge_max(&metric.it)).max() == Some(full)
            && sent.spans.iter().all(|span| span.it.name != "orders process")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_spans_leave_orphans() {
    // All of twenty spans are kept once in a million runs.
    check(Fault::LostSpans, Visits::Orders(20), |sent| {
        let known: HashSet<_> = sent.spans.iter().map(|span| &span.it.span_id).collect();
        let orphans: Vec<_> = sent
            .spans
            .iter()
            .filter(|span| !span.it.parent_span_id.is_empty() && !known.contains(&span.it.parent_span_id))
            .collect();
        !orphans.is_empty() && orphans.iter().all(|span| span.service() == "inventory")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skewed_clock_puts_payment_before_its_caller() {
    // One request that takes longer than the skew to arrive would look right; five in a row do not.
    check(Fault::SkewedClock, Visits::Orders(5), |sent| {
        let charges = || sent.spans.iter().filter(|span| span.it.name == "POST /charges").map(|span| &span.it);
        charges().any(|server| {
            charges().any(|client| {
                server.parent_span_id == client.span_id && server.start_time_unix_nano < client.start_time_unix_nano
            })
        })
    })
    .await;
}

#[tokio::test]
async fn an_unknown_fault_is_not_found() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(control::serve(listener, crate::fault::Faults::new(), CancellationToken::new()));
    let (status, body) = send(Method::PUT, address, "/faults/everything", r#"{"on":true}"#).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("payment-slow"), "{body}");
}
