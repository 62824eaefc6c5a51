//! Services: what was heard from whom.

use model::{Selectors, TimeRange};
use query::{Service, ServicesQuestion};

use crate::telemetry::{Sent, at, failed, gauge, log, logs, span, spans};
use crate::world::{LAYOUTS, World, range, tenant};

const WEB_1: &str = "service.name=web service.namespace=shop k8s.pod.name=web-1 squad=storefront app=web";
const WEB_2: &str = "service.name=web service.namespace=shop k8s.pod.name=web-2 squad=storefront app=web";
const CANARY: &str = "service.name=web service.namespace=shop k8s.pod.name=web-3 app=canary";
const STAGING: &str = "service.name=web deployment.environment.name=staging host.name=h1";

fn requests() -> Vec<Sent> {
    let mut inner = span([1, 2, 1], "inner", 11, 1_000);
    inner.kind = 1;
    vec![
        spans(WEB_1, vec![span([1, 1, 0], "GET", 10, 100), inner]),
        spans(WEB_2, vec![failed(span([2, 1, 0], "GET", 12, 300), "")]),
        spans(CANARY, vec![span([3, 1, 0], "GET", 13, 9_000)]),
        logs(WEB_1, vec![log(14, 9, "fine", vec![]), log(15, 17, "broken", vec![]), log(16, 21, "dead", vec![])]),
        logs(STAGING, vec![log(17, 9, "fine", vec![])]),
        gauge("service.name=sensor", "temp", vec![(18, 1.0, vec![]), (19, 2.0, vec![])]),
    ]
}

async fn check(selector: &str, within: TimeRange, expected: &[&str]) {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let selectors = (!selector.is_empty()).then(|| Selectors::parse(selector).unwrap());
        let found = world.engine.services(&tenant(), ServicesQuestion { selectors, range: within }).await.unwrap();
        let lines: Vec<String> = found.services.iter().map(line).collect();
        assert_eq!(lines, expected, "{layout:?}: {selector:?}");
        assert_eq!(found.coverage.rows_returned, expected.len() as u64);
        assert!(found.coverage.is_complete());
    }
}

fn line(service: &Service) -> String {
    let Service { key, instances, spans, requests, errors, durations, logs, error_logs, series, .. } = service;
    let durations = durations.map_or("-".to_owned(), |(p50, p99)| format!("{}..{}", p50 / 1_000_000, p99 / 1_000_000));
    let place = key.namespace.as_deref().or(key.environment.as_deref()).unwrap_or("-");
    let squad = service.squad.as_deref().unwrap_or("-");
    let seen = (service.last_seen.get() - at(0).get()) / 1_000_000_000;
    format!(
        "{}/{place} {squad} x{instances} {spans} {requests}/{errors} {durations} {logs}/{error_logs} {series} @{seen}",
        key.name
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_signal_counts_towards_its_service() {
    let expected = [
        "sensor/- - x1 0 0/0 - 0/0 1 @18",
        "web/staging - x1 0 0/0 - 1/0 0 @17",
        "web/shop storefront x3 4 3/1 300..9000 3/2 0 @16",
    ];
    check("", TimeRange::ALL, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_and_a_range_hold_for_every_number() {
    check("app=web", TimeRange::ALL, &["web/shop storefront x2 3 2/1 200..300 3/2 0 @16"]).await;
    check("app=canary", TimeRange::ALL, &["web/shop - x1 1 1/0 9000..9000 0/0 0 @13"]).await;
    check("app=nobody", TimeRange::ALL, &[]).await;
    check("", range(at(11), at(13)), &["web/shop storefront x2 2 1/1 300..300 0/0 0 @12"]).await;
    check("", range(at(18), at(20)), &["sensor/- - x1 0 0/0 - 0/0 1 @18"]).await;
}
