//! The passport of a service: facts, versions, deploys, operations, neighbours, as of a time.

use std::time::Duration;

use query::{Fact, FactSource, OperationChange, Passport, PassportQuestion, QueryErrorKind, StatedFacts};

use crate::telemetry::{Sent, at, failed, log, logs, span, spans};
use crate::world::{LAYOUTS, World, range, tenant};

const HOUR: i64 = 3_600;

const PAY_1: &str = "service.name=pay service.version=1.0 service.namespace=shop deployment.environment.name=prod \
                     k8s.pod.name=pay-1 k8s.node.name=n1 squad=money vcs.repository.url.full=https://example.org/pay";
const PAY_2: &str = "service.name=pay service.version=1.1 service.namespace=shop deployment.environment.name=prod \
                     k8s.pod.name=pay-2 k8s.node.name=n2 k8s.pod.annotation.a8r.io/runbook=https://example.org/new";
const PAY_3: &str = "service.name=pay service.version=1.0 service.namespace=shop deployment.environment.name=prod \
                     k8s.pod.name=pay-3 k8s.node.name=n1";
const STAGING: &str = "service.name=pay service.version=2.0 deployment.environment.name=staging";

/// 1.0 runs for hours, then 1.1 beside it for a while, then 1.0 again in another pod.
fn requests() -> Vec<Sent> {
    let call = |number, operation: &str, seconds| span([number, 1, 0], operation, seconds, 20);
    vec![
        spans(PAY_1, vec![call(1, "charge", -5 * HOUR), call(2, "old", -5 * HOUR)]),
        spans(PAY_1, vec![call(8, "charge", -2 * HOUR - 1_800), call(3, "charge", -2 * HOUR)]),
        spans(PAY_2, vec![call(4, "charge", -2 * HOUR - 60)]),
        logs(STAGING, vec![log(-2 * HOUR, 9, "hello", vec![])]),
        spans(PAY_2, vec![failed(call(5, "charge", -600), "no"), call(6, "refund", -600)]),
        spans(PAY_3, vec![call(7, "charge", -60)]),
    ]
}

fn question(back: i64, as_of: i64) -> PassportQuestion {
    PassportQuestion {
        service: "pay".to_owned(),
        environment: None,
        range: range(at(as_of - back), at(as_of)),
        window: Duration::from_secs(300),
        now: at(60),
        stated: None,
    }
}

async fn passport(world: &World, question: PassportQuestion) -> Passport {
    world.engine.passport(&tenant(), question).await.unwrap()
}

fn told(fact: Option<&Fact>) -> (&str, &str) {
    match fact {
        None => ("", ""),
        Some(Fact { value, source: FactSource::ServicesFile }) => (value, "services file"),
        Some(Fact { value, source: FactSource::Attribute(key) }) => (value, key),
    }
}

/// `previous>version@second`, the last first.
fn deploys(passport: &Passport) -> Vec<String> {
    let second = |time: model::UnixNanos| (time.get() - at(0).get()) / 1_000_000_000;
    passport.deploys.iter().map(|of| format!("{}>{}@{}", of.previous, of.version, second(of.at))).collect()
}

fn operations(passport: &Passport) -> Vec<(&str, f64, f64, Option<OperationChange>)> {
    let of =
        |operation: &'_ query::OperationCalls| (operation.calls.all.calls, operation.calls.now.calls, operation.change);
    let named = passport.operations.iter().map(|operation| (operation.operation.as_str(), of(operation)));
    named.map(|(name, (all, now, change))| (name, all, now, change)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_pods_and_deploys_are_those_that_were_seen() {
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests()).await;
        let found = passport(&world, question(24 * HOUR, 0)).await;
        let versions: Vec<_> = found.versions.iter().map(|of| (of.version.as_str(), of.instances)).collect();
        assert_eq!(versions, [("1.0", 2), ("1.1", 1), ("2.0", 1)], "{layout:?}");
        assert_eq!((found.versions[0].seen.since, found.versions[0].seen.last), (at(-5 * HOUR), at(-60)));
        // The version in staging is no deploy: nothing ran there before.
        assert_eq!(deploys(&found), ["1.1>1.0@-60", "1.0>1.1@-7260"], "{layout:?}");
        assert_eq!(found.deploys[0].environment.as_deref(), Some("prod"));
        let pods: Vec<_> = found.instances.iter().map(|of| (of.name.as_str(), of.node.as_deref())).collect();
        assert_eq!(pods, [("pay-3", Some("n1")), ("pay-2", Some("n2")), ("pay-1", Some("n1"))], "{layout:?}");
        let nodes: Vec<_> = found.nodes.iter().map(|of| (of.name.as_str(), of.instances)).collect();
        assert_eq!(nodes, [("n1", 2), ("n2", 1)]);
        let places: Vec<_> =
            found.places.iter().map(|of| (of.namespace.as_deref(), of.environment.as_deref())).collect();
        assert_eq!(places, [(Some("shop"), Some("prod")), (None, Some("staging"))]);
        assert!(found.coverage.is_complete(), "{:?}", found.coverage);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_as_of_a_time() {
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests()).await;
        let then = passport(&world, question(24 * HOUR, -HOUR)).await;
        assert_eq!(deploys(&then), ["1.0>1.1@-7260"], "{layout:?}");
        assert_eq!(told(then.runbook.as_ref()), ("https://example.org/new", "k8s.pod.annotation.a8r.io/runbook"));
        assert_eq!(then.calls.all.errors, 0.0);
        // What was there before the time that is looked back on is not new in it.
        let short = passport(&world, question(30 * 60, -HOUR - 40 * 60)).await;
        assert_eq!(deploys(&short), ["1.0>1.1@-7260"]);
        let later = passport(&world, question(30 * 60, -HOUR - 30 * 60)).await;
        assert!(later.deploys.is_empty(), "{layout:?}: {:?}", later.deploys);
        let long_ago = world.engine.passport(&tenant(), question(HOUR, -10 * HOUR)).await.unwrap_err();
        assert_eq!(long_ago.kind(), QueryErrorKind::NotFound);
        assert!(long_ago.hint().contains("/api/v1/services"), "{}", long_ago.hint());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_new_or_gone() {
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests()).await;
        let found = passport(&world, question(24 * HOUR, 0)).await;
        let expected = [
            ("charge", 6.0, 1.0, None),
            ("old", 1.0, 0.0, Some(OperationChange::Gone)),
            ("refund", 1.0, 0.0, Some(OperationChange::New)),
        ];
        assert_eq!(operations(&found), expected, "{layout:?}");
        assert_eq!((found.calls.all.calls, found.calls.all.errors_begun, found.entries.all.calls), (8.0, 1.0, 8.0));
        assert_eq!(found.calls.now.calls_per_second, 1.0 / 300.0);
        // To a service that is itself new, nothing is.
        let young = passport(&world, question(24 * HOUR, -4 * HOUR - 30 * 60)).await;
        assert!(young.operations.iter().all(|operation| operation.change.is_none()), "{:?}", young.operations);
        let mut staging = question(24 * HOUR, 0);
        staging.environment = Some("staging".to_owned());
        let staging = passport(&world, staging).await;
        assert_eq!((staging.operations.len(), staging.versions.len()), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_file_is_believed_first() {
    let world = World::digesting(LAYOUTS[0], &requests()).await;
    let mut asked = question(24 * HOUR, 0);
    let stated = StatedFacts {
        owner: Some("treasury".to_owned()),
        labels: [("tier".to_owned(), "1".to_owned())].into(),
        ..StatedFacts::default()
    };
    asked.stated = Some(stated.clone());
    let found = passport(&world, asked.clone()).await;
    assert_eq!(told(found.owner.as_ref()), ("treasury", "services file"));
    assert_eq!(told(found.repository.as_ref()), ("https://example.org/pay", "vcs.repository.url.full"));
    assert_eq!((told(found.contact.as_ref()), found.labels), (("", ""), stated.labels));
    // A service that only the file knows has a passport, too.
    asked.service = "planned".to_owned();
    let planned = passport(&world, asked.clone()).await;
    assert_eq!((told(planned.owner.as_ref()), planned.places.len()), (("treasury", "services file"), 0));
    asked.stated = None;
    assert_eq!(world.engine.passport(&tenant(), asked).await.unwrap_err().kind(), QueryErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_and_callees_are_counted_from_both_sides() {
    let mut client = span([1, 2, 1], "POST", 0, 90);
    client.kind = 3;
    let mut to_database = span([1, 4, 3], "SELECT", 0, 5);
    to_database.kind = 3;
    to_database.attributes = vec![crate::telemetry::attribute("db.system.name", "postgresql")];
    let requests = [
        spans("service.name=web", vec![span([1, 1, 0], "GET /", 0, 100), client]),
        spans(PAY_1, vec![span([1, 3, 2], "charge", 0, 80), to_database]),
    ];
    for layout in LAYOUTS {
        let world = World::digesting(layout, &requests).await;
        let found = passport(&world, question(HOUR, 60)).await;
        let named = |of: &[query::NeighbourCalls]| -> Vec<(String, f64)> {
            of.iter().map(|of| (of.node.name.clone(), of.calls.all.calls)).collect()
        };
        assert_eq!(named(&found.callers), [("web".to_owned(), 1.0)], "{layout:?}");
        assert_eq!(named(&found.callees), [("postgresql".to_owned(), 1.0)], "{layout:?}");
        assert_eq!((found.calls.all.calls, found.entries.all.calls), (1.0, 0.0));
    }
}
