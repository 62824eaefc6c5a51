//! Every record exactly once, whatever ties.

use std::collections::BTreeMap;

use model::{TextQuery, Value};
use proptest::prelude::*;
use query::{LogOrder, LogQuestion};

use crate::logs::question;
use crate::telemetry::{Sent, attribute, log, logs};
use crate::world::{LAYOUTS, World, tenant};

/// Few times, bodies, severities and senders, so that records tie in all of them or in all but one.
fn requests() -> impl Strategy<Value = Vec<Sent>> {
    let record = (0i64..3, 0usize..2, 0i64..2, prop::sample::select(vec![0, 9, 17])).prop_map(
        |(time, body, value, severity)| {
            log(time, severity, ["", "same"][body], if value == 0 { vec![] } else { vec![attribute("k", value)] })
        },
    );
    let request = (prop::collection::vec(record, 1..12), 0..2usize)
        .prop_map(|(records, from)| logs(["service.name=a", "service.name=b"][from], records));
    prop::collection::vec(request, 1..5)
}

/// All pages of so many records, each as text.
async fn pages(world: &World, order: LogOrder, limit: usize, text: Option<TextQuery>) -> Vec<(i64, String)> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let found = world
            .engine
            .logs(&tenant(), LogQuestion { order, limit, cursor, text: text.clone(), ..question() })
            .await
            .unwrap();
        assert!(found.logs.len() == limit || found.next.is_none(), "a page before the last is full");
        assert!(!found.logs.is_empty() || all.is_empty(), "the last page has something");
        all.extend(found.logs.iter().map(|log| (log.time.get(), format!("{log:?}"))));
        // A cursor goes through the hands of the asker as text.
        match found.next {
            Some(next) => cursor = Some(next.to_string().parse().unwrap()),
            None => return all,
        }
    }
}

fn counts(records: &[(i64, String)]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    records.iter().for_each(|(_, record)| *counts.entry(record.as_str()).or_default() += 1);
    counts
}

async fn check(requests: &[Sent], limit: usize) {
    let mut answers = Vec::new();
    for layout in LAYOUTS {
        let world = World::new(layout, requests).await;
        for order in [LogOrder::OldestFirst, LogOrder::NewestFirst] {
            let whole = pages(&world, order, query::LIMIT_MAX, None).await;
            let paged = pages(&world, order, limit, None).await;
            assert_eq!(counts(&paged), counts(&whole), "{layout:?} {order:?}");
            assert_eq!(paged, whole, "{layout:?} {order:?}");
            let times: Vec<i64> = paged.iter().map(|(time, _)| *time).collect();
            let sorted = match order {
                LogOrder::OldestFirst => times.is_sorted(),
                LogOrder::NewestFirst => times.is_sorted_by(|a, b| a >= b),
            };
            assert!(sorted, "{layout:?} {order:?}");
        }
        let matching = pages(&world, LogOrder::NewestFirst, limit, Some(TextQuery::parse("same").unwrap())).await;
        let same = |record: &&(i64, String)| record.1.contains(&format!("{:?}", Value::Text("same".to_owned())));
        assert_eq!(
            matching,
            pages(&world, LogOrder::NewestFirst, query::LIMIT_MAX, None)
                .await
                .iter()
                .filter(same)
                .cloned()
                .collect::<Vec<_>>()
        );
        answers.push(pages(&world, LogOrder::NewestFirst, limit, None).await);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "the order depends on where records lie");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_large_records_ends_early_and_the_next_goes_on() {
    const RECORDS: usize = 150;
    // Of one time, of one text, or all different: which come first is known by time, by hash, or not at all.
    let bodies: [fn(usize) -> (i64, String); 3] = [
        |n| (n as i64, format!("{n} ").repeat(60_000)),
        |n| (0, format!("{n} ").repeat(60_000)),
        |_| (0, "same ".repeat(40_000)),
    ];
    for body in bodies {
        let records = (0..RECORDS).map(|n| {
            let (time, text) = body(n);
            log(time, 9, &text, vec![])
        });
        for layout in LAYOUTS {
            let world = World::new(layout, &[logs("service.name=a", records.clone().collect())]).await;
            let (mut records, mut pages, mut cursor) = (Vec::new(), 0, None);
            loop {
                let order = LogOrder::NewestFirst;
                let question = LogQuestion { order, limit: query::LIMIT_MAX, cursor, ..question() };
                let found = world.engine.logs(&tenant(), question).await.unwrap();
                let bytes: usize = found.logs.iter().map(|log| format!("{:?}", log.body).len()).sum();
                assert!(bytes <= query::LOG_PAGE_BYTES_MAX, "{bytes} bytes in {layout:?}");
                assert!(!found.coverage.truncated, "a page that ends early is a page");
                records.extend(found.logs.iter().map(|log| (log.time.get(), format!("{:?}", log.body))));
                pages += 1;
                match found.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            let mut expected: Vec<_> = (0..RECORDS).map(|n| format!("{:?}", Value::Text(body(n).1))).collect();
            assert!(pages > 1, "{pages} pages in {layout:?}");
            assert!(records.is_sorted_by(|a, b| a.0 >= b.0), "{layout:?}");
            let mut bodies: Vec<String> = records.into_iter().map(|(_, body)| body).collect();
            bodies.sort();
            expected.sort();
            assert!(bodies == expected, "{} records in {layout:?}", bodies.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn pages_of_any_size_give_every_record_once(requests in requests(), limit in 1usize..9) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(check(&requests, limit));
    }
}
