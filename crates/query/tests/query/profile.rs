//! Many traces of one operation: where the time goes, and what the slow and failing ones have in common.

use model::{Selectors, TextQuery, TimeRange};
use query::{PROFILE_TRACES_MAX, ProfileFound, ProfileQuestion, QueryErrorKind};
use stitch::Contrast;

use crate::telemetry::{Sent, at, attribute, failed, span, spans};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

fn question() -> ProfileQuestion {
    ProfileQuestion {
        service: "shop".to_owned(),
        operation: "POST /pay".to_owned(),
        selectors: None,
        text: None,
        range: TimeRange::ALL,
        limit: 100,
    }
}

/// Forty traces below an edge that is not asked about: each a payment of 100 ms, of which the bank has 60. Those of pod `b`,
/// ten of the last twenty, take a second more in the bank; of these, six failed.
fn requests() -> Vec<Sent> {
    let trace = |number: u8| {
        let seconds = i64::from(number) * 10;
        let slow = number > 20 && number.is_multiple_of(2);
        let (own, bank) = if slow { (1_100, 1_060) } else { (100, 60) };
        let mut pay = span([number, 2, 1], "POST /pay", seconds, own);
        pay.attributes = vec![attribute("cart.items", 3), attribute("order.id", format!("order {number}").as_str())];
        if slow && number > 28 {
            pay = failed(pay, "bank is slow");
        }
        let mut call = span([number, 3, 2], "charge", seconds, bank);
        call.kind = 3;
        let pod = if slow { "b" } else { "a" };
        [
            spans("service.name=edge", vec![span([number, 1, 0], "GET /", seconds, own + 500)]),
            spans(&format!("service.name=shop k8s.pod.name={pod} tier=api"), vec![pay]),
            spans("service.name=bank", vec![call]),
        ]
    };
    (1..=40).flat_map(trace).collect()
}

async fn profile(world: &World, question: ProfileQuestion) -> ProfileFound {
    world.engine.profile(&tenant(), question).await.unwrap()
}

/// Self times in milliseconds at p50 and p99, by service.
fn times(found: &ProfileFound) -> Vec<(&str, u64, u64)> {
    let millis = |nanos: u64| nanos / 1_000_000;
    let line = |share: &query::OperationShare| (millis(share.p50_self_ns), millis(share.p99_self_ns));
    found.operations.iter().map(|share| (share.service.as_str(), line(share).0, line(share).1)).collect()
}

fn differences(found: &ProfileFound, contrast: Contrast) -> Vec<(&str, &str, usize, usize)> {
    let found = found.contrasts.iter().find(|found| found.contrast == contrast).unwrap();
    found.differences.iter().map(|one| (one.key.as_str(), one.value.as_str(), one.suspects, one.others)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn time_goes_where_the_operation_waits_and_what_slow_traces_share_is_found() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let found = profile(&world, ProfileQuestion { range: range(at(250), at(410)), ..question() }).await;
        assert_eq!(found.traces, 16, "{layout:?}");
        let found = profile(&world, question()).await;
        assert_eq!(found.traces, 40, "{layout:?}");
        assert_eq!(times(&found), [("bank", 60, 1_060), ("shop", 40, 40)], "the edge is above the operation");
        assert_eq!(differences(&found, Contrast::Slow), [], "a quarter is slow, so the one at p90 is, too");
        assert_eq!(differences(&found, Contrast::Failed), [("k8s.pod.name", "b", 6, 4)], "{layout:?}");
        assert!(found.coverage.is_complete(), "{:?}", found.coverage);
        let [typical, slow, failed] = [&found.typical, &found.slow, &found.failed].map(|one| one.as_ref().unwrap());
        assert_eq!((typical.duration_ns, slow.duration_ns), (100_000_000, 1_100_000_000));
        assert_eq!((failed.trace_id.as_bytes()[0], failed.span_id.as_bytes()[0]), (40, 2), "the newest");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_must_hold_of_the_span_of_the_operation() {
    let selector = |text: &str| ProfileQuestion { selectors: Some(Selectors::parse(text).unwrap()), ..question() };
    let text = |text: &str| ProfileQuestion { text: Some(TextQuery::parse(text).unwrap()), ..question() };
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        for (question, traces) in [
            (selector("k8s.pod.name=b"), 10),
            (selector("service.name=bank"), 0),
            (text("status:error"), 6),
            (text("\"order.id\":\"order 7\""), 1),
            (text("charge"), 0),
            (ProfileQuestion { service: "bank".to_owned(), ..question() }, 0),
        ] {
            assert_eq!(profile(&world, question.clone()).await.traces, traces, "{layout:?} {question:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_operation_that_occurs_again_in_a_trace_the_first_counts() {
    let one = |id, seconds, millis| span([1, id, 1], "POST /pay", seconds, millis);
    let requests = [spans("service.name=shop", vec![one(3, 20, 900), one(2, 10, 100)])];
    let found = profile(&World::new(Layout::Split, &requests).await, question()).await;
    assert_eq!((found.traces, found.typical.unwrap().duration_ns, found.slow), (1, 100_000_000, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_traces_are_looked_at_and_that_is_said() {
    let world = World::new(Layout::Split, &requests()).await;
    let found = profile(&world, ProfileQuestion { limit: 5, ..question() }).await;
    assert_eq!((found.traces, found.coverage.truncated), (5, true));
    assert!(found.coverage.notes[0].contains("newest 5 traces"), "{:?}", found.coverage.notes);
    let none = profile(&world, ProfileQuestion { operation: "GET /none".to_owned(), ..question() }).await;
    assert_eq!((none.traces, none.operations.len(), none.typical), (0, 0, None));
    for limit in [0, PROFILE_TRACES_MAX + 1] {
        let error = world.engine.profile(&tenant(), ProfileQuestion { limit, ..question() }).await.unwrap_err();
        assert_eq!(error.kind(), QueryErrorKind::Invalid);
    }
}
