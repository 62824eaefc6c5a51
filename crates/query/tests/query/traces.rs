//! Trace search: everything asked must hold of one and the same span.

use std::time::Duration;

use model::{Selectors, TextQuery, TimeRange};
use query::{QueryErrorKind, SpanStatusFilter, TraceQuestion};

use crate::telemetry::{Sent, at, attribute, failed, span, spans};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

pub(crate) fn question() -> TraceQuestion {
    TraceQuestion {
        selectors: None,
        text: None,
        service: None,
        repair: None,
        operation: None,
        min_duration: None,
        max_duration: None,
        status: None,
        range: TimeRange::ALL,
        limit: 100,
    }
}

const WEB: &str = "service.name=web k8s.pod.label.app=web squad=storefront";
const DB: &str = "service.name=db k8s.pod.label.app=db";

/// Trace 1: web over db, which fails slowly. Trace 2: web alone, fast. Trace 3: db alone, and later web.
fn requests() -> Vec<Sent> {
    let mut pay = failed(span([1, 2, 1], "SELECT", 11, 700), "deadlock found");
    pay.attributes.push(attribute("db.rows", 42));
    vec![
        spans(WEB, vec![span([1, 1, 0], "GET /pay", 10, 900)]),
        spans(DB, vec![pay]),
        spans(WEB, vec![span([2, 1, 0], "GET /pay", 20, 5)]),
        spans(DB, vec![span([3, 1, 0], "SELECT", 30, 1), span([3, 2, 1], "SELECT", 30, 2)]),
        spans(WEB, vec![span([3, 3, 2], "GET /pay", 7_300, 50)]),
    ]
}

/// The traces found and how many of their spans matched, as `trace:spans`.
async fn check(question: TraceQuestion, expected: &[&str]) {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let found = world.engine.traces(&tenant(), question.clone()).await.unwrap();
        let line = |trace: &query::TraceSummary| format!("{}:{}", trace.trace_id.as_bytes()[0], trace.matched_spans);
        assert_eq!(found.traces.iter().map(line).collect::<Vec<_>>(), expected, "{layout:?}: {question:?}");
        assert!(found.coverage.is_complete());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_condition_alone_finds_its_traces_newest_first() {
    let text = |text: &str| TraceQuestion { text: Some(TextQuery::parse(text).unwrap()), ..question() };
    let selector = |text: &str| TraceQuestion { selectors: Some(Selectors::parse(text).unwrap()), ..question() };
    let millis = Duration::from_millis;
    check(question(), &["3:3", "2:1", "1:2"]).await;
    check(TraceQuestion { service: Some("db".to_owned()), ..question() }, &["3:2", "1:1"]).await;
    check(TraceQuestion { operation: Some("GET /pay".to_owned()), ..question() }, &["3:1", "2:1", "1:1"]).await;
    check(TraceQuestion { min_duration: Some(millis(700)), ..question() }, &["1:2"]).await;
    check(TraceQuestion { max_duration: Some(millis(5)), ..question() }, &["3:2", "2:1"]).await;
    check(TraceQuestion { status: Some(SpanStatusFilter::Error), ..question() }, &["1:1"]).await;
    check(TraceQuestion { status: Some(SpanStatusFilter::Ok), ..question() }, &[]).await;
    check(TraceQuestion { status: Some(SpanStatusFilter::Unset), ..question() }, &["3:3", "2:1", "1:1"]).await;
    check(selector("app=db"), &["3:2", "1:1"]).await;
    check(selector("squad=storefront"), &["3:1", "2:1", "1:1"]).await;
    check(text("deadlock"), &["1:1"]).await;
    check(text("db.rows>40"), &["1:1"]).await;
    check(text("kind:server"), &["3:3", "2:1", "1:2"]).await;
    check(TraceQuestion { range: range(at(11), at(31)), ..question() }, &["3:2", "2:1", "1:1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_together_must_hold_of_one_span() {
    let (service, operation) = (Some("web".to_owned()), Some("SELECT".to_owned()));
    check(TraceQuestion { service: service.clone(), operation, ..question() }, &[]).await;
    let status = Some(SpanStatusFilter::Error);
    check(TraceQuestion { service: service.clone(), status, ..question() }, &[]).await;
    check(TraceQuestion { service, min_duration: Some(Duration::from_millis(50)), ..question() }, &["3:1", "1:1"])
        .await;
    let everything = TraceQuestion {
        selectors: Some(Selectors::parse("app=db").unwrap()),
        text: Some(TextQuery::parse("deadlock").unwrap()),
        service: Some("db".to_owned()),
        repair: None,
        operation: Some("SELECT".to_owned()),
        min_duration: Some(Duration::from_millis(1)),
        max_duration: Some(Duration::from_secs(1)),
        status,
        range: range(at(11), at(12)),
        limit: 1,
    };
    check(everything.clone(), &["1:1"]).await;
    check(TraceQuestion { max_duration: Some(Duration::from_millis(1)), ..everything }, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_counts_the_whole_trace_and_of_copies_the_newest() {
    let mut requests = requests();
    let copy = failed(span([2, 1, 0], "GET /paid", 20, 8), "");
    requests.push(spans(WEB, vec![copy]).later(60));
    for layout in LAYOUTS {
        let world = World::new(layout, &requests).await;
        let found =
            world.engine.traces(&tenant(), TraceQuestion { range: range(at(10), at(30)), ..question() }).await.unwrap();
        let [two, one] = &found.traces[..] else { panic!("{layout:?}: {found:?}") };
        assert_eq!((two.span_count, two.error_count, two.duration_ns), (1, 1, 8_000_000), "{layout:?}");
        assert_eq!(two.root, Some(("web".to_owned(), "GET /paid".to_owned())), "{layout:?}");
        assert_eq!((one.span_count, one.error_count, one.start, one.duration_ns), (2, 1, at(10), 1_700_000_000));
        assert_eq!(one.root, Some(("web".to_owned(), "GET /pay".to_owned())));
        let shares: Vec<_> =
            one.services.iter().map(|share| (share.service.as_str(), share.squad.as_deref())).collect();
        assert_eq!(shares, [("db", None), ("web", Some("storefront"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_at_its_limit_says_so() {
    let world = World::new(Layout::Split, &requests()).await;
    for (limit, traces, truncated) in [(1, 1, true), (2, 2, true), (3, 3, false), (4, 3, false)] {
        let found = world.engine.traces(&tenant(), TraceQuestion { limit, ..question() }).await.unwrap();
        assert_eq!((found.traces.len(), found.coverage.truncated), (traces, truncated), "limit {limit}");
        assert_eq!(found.coverage.notes.len(), usize::from(truncated));
    }
    for limit in [0, query::LIMIT_MAX + 1] {
        let error = world.engine.traces(&tenant(), TraceQuestion { limit, ..question() }).await.unwrap_err();
        assert_eq!(error.kind(), QueryErrorKind::Invalid);
    }
}
