//! Log search: selectors, text, order, what a record says.

use model::{Selectors, TextQuery, TimeRange, Value};
use query::{LogOrder, LogQuestion, QueryErrorKind};

use crate::telemetry::{Sent, at, attribute, log, logs, trace_id};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

pub(crate) fn question() -> LogQuestion {
    LogQuestion {
        selectors: None,
        text: None,
        range: TimeRange::ALL,
        order: LogOrder::OldestFirst,
        limit: 100,
        cursor: None,
    }
}

fn requests() -> Vec<Sent> {
    let web = "service.name=web k8s.pod.label.app=web k8s.pod.label.tier=front k8s.namespace.name=shop";
    let api = "service.name=api k8s.pod.label.app=api k8s.pod.label.tier=back";
    let mut traced = log(4, 17, "connection refused by db", vec![attribute("retry", 3), attribute("peer", "db-1")]);
    traced.trace_id = trace_id(9);
    traced.event_name = "refused".to_owned();
    vec![
        logs(
            web,
            vec![
                log(1, 9, "GET /cart", vec![attribute("code", 200)]),
                log(2, 9, "GET /pay", vec![attribute("code", 503)]),
            ],
        ),
        logs(api, vec![log(3, 13, "Slow query", vec![attribute("ms", 812.5)])]),
        logs(api, vec![traced]),
        logs("service.name=batch", vec![log(5, 0, "", vec![attribute("done", true)])]),
    ]
}

/// The seconds of the records that pass.
async fn check(selector: &str, text: &str, expected: &[i64]) {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let selectors = (!selector.is_empty()).then(|| Selectors::parse(selector).unwrap());
        let text_query = (!text.is_empty()).then(|| TextQuery::parse(text).unwrap());
        let found =
            world.engine.logs(&tenant(), LogQuestion { selectors, text: text_query, ..question() }).await.unwrap();
        let seconds: Vec<i64> = found.logs.iter().map(|log| (log.time.get() - at(0).get()) / 1_000_000_000).collect();
        assert_eq!(seconds, expected, "{layout:?}: {selector:?} {text:?}");
        assert_eq!((found.next, found.coverage.rows_returned), (None, expected.len() as u64));
        assert!(found.coverage.is_complete());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn selectors_choose_by_who_sent_a_record() {
    check("", "", &[1, 2, 3, 4, 5]).await;
    check("app=web", "", &[1, 2]).await;
    check("app in (web,api),tier!=front", "", &[3, 4]).await;
    check("app", "", &[1, 2, 3, 4]).await;
    check("!app", "", &[5]).await;
    check("app=web || service.name=batch", "", &[1, 2, 5]).await;
    check("app=nobody", "", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_queries_look_into_bodies_and_fields() {
    check("", "get", &[1, 2]).await;
    check("", "\"connection refused\"", &[4]).await;
    check("", "slow OR pay", &[2, 3]).await;
    check("", "get NOT pay", &[1]).await;
    check("", "conn*", &[4]).await;
    check("", "code:503", &[2]).await;
    check("", "code>=200", &[1, 2]).await;
    check("", "ms>800", &[3]).await;
    check("", "peer:db*", &[4]).await;
    check("", "service:api severity:error", &[4]).await;
    check("", "event:refused", &[4]).await;
    check("", &format!("trace_id:{}", "09".repeat(16)), &[4]).await;
    check("", "done:true", &[5]).await;
    check("app=api", "query OR refused", &[3, 4]).await;
    check("app=web", "refused", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_come_in_the_order_asked_and_from_the_time_asked() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let seconds = |order, from, to| {
            let (engine, question) =
                (world.engine.clone(), LogQuestion { order, range: range(at(from), at(to)), ..question() });
            async move {
                let found = engine.logs(&tenant(), question).await.unwrap();
                found.logs.iter().map(|log| (log.time.get() - at(0).get()) / 1_000_000_000).collect::<Vec<_>>()
            }
        };
        assert_eq!(seconds(LogOrder::NewestFirst, 0, 9).await, [5, 4, 3, 2, 1], "{layout:?}");
        assert_eq!(seconds(LogOrder::OldestFirst, 2, 4).await, [2, 3], "{layout:?}");
        assert_eq!(seconds(LogOrder::NewestFirst, 4, 4).await, [0; 0], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_what_its_sender_said() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let text = Some(TextQuery::parse("refused").unwrap());
        let log = world.engine.logs(&tenant(), LogQuestion { text, ..question() }).await.unwrap().logs.remove(0);
        assert_eq!((log.severity.as_str(), log.severity_number, log.service.as_str()), ("ERROR", 17, "api"));
        assert_eq!(log.body, Value::Text("connection refused by db".to_owned()));
        assert_eq!(log.trace_id.unwrap().to_string(), "09".repeat(16));
        assert_eq!((log.span_id, log.event_name.as_deref()), (None, Some("refused")));
        let mut attributes = log.attributes;
        attributes.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [("peer".to_owned(), Value::Text("db-1".to_owned())), ("retry".to_owned(), Value::Int(3))];
        assert_eq!(attributes, expected, "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_cursors_out_of_bounds_are_refused() {
    let world = World::new(Layout::Split, &requests()).await;
    let kind = |limit, cursor: Option<&str>| {
        let question = LogQuestion { limit, cursor: cursor.map(|cursor| cursor.parse().unwrap()), ..question() };
        let engine = world.engine.clone();
        async move { engine.logs(&tenant(), question).await.err().map(|error| error.kind()) }
    };
    assert_eq!(kind(0, None).await, Some(QueryErrorKind::Invalid));
    assert_eq!(kind(query::LIMIT_MAX + 1, None).await, Some(QueryErrorKind::Invalid));
    assert_eq!(kind(usize::MAX, None).await, Some(QueryErrorKind::Invalid));
    assert_eq!(kind(query::LIMIT_MAX, None).await, None);
    assert_eq!(kind(10, Some("0.0.ffffffffffffffff")).await, None);
    assert_eq!(kind(10, Some("ffffffffffffffff.ffffffffffffffff.f4240")).await, None);
}
