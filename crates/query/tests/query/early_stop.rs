//! A search that stops early finds what one over everything would find.

use std::collections::HashSet;

use model::{Selectors, TextQuery, Value};
use query::{LogOrder, LogQuestion, LogsFound};

use crate::logs::question;
use crate::telemetry::{Sent, at, log, logs};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

/// Requests of so many records each, over several pages of a block; each says its number, and a few a word of their own.
/// The times lie all over, some the same.
fn requests(requests: i64, records: i64) -> Vec<Sent> {
    let record = |request: i64, row: i64| {
        let number = request * records + row;
        let word = if number % 4_099 == 7 { "rare" } else { "usual" };
        log(number * 7_919 % 10_007, 9, &format!("{word} {number} order-{number:08}"), Vec::new())
    };
    let senders = ["service.name=a", "service.name=b", "service.name=c"];
    let sent =
        |request: i64| logs(senders[request as usize % 3], (0..records).map(|row| record(request, row)).collect());
    (0..requests).map(sent).collect()
}

fn numbers(found: &LogsFound) -> Vec<i64> {
    let number = |body: &Value| match body {
        Value::Text(text) => text.split(' ').nth(1).unwrap().parse().unwrap(),
        other => panic!("not a text: {other:?}"),
    };
    found.logs.iter().map(|log| number(&log.body)).collect()
}

/// Asks, and compares with what all records say.
async fn check(world: &World, total: i64, question: LogQuestion, passes: impl Fn(i64) -> bool) {
    let time = |number: i64| number * 7_919 % 10_007;
    let found = world.engine.logs(&tenant(), question.clone()).await.unwrap();
    let times: Vec<i64> = numbers(&found).into_iter().map(time).collect();
    let mut expected: Vec<i64> = (0..total).filter(|number| passes(*number)).map(time).collect();
    expected.sort_unstable();
    if question.order == LogOrder::NewestFirst {
        expected.reverse();
    }
    expected.truncate(question.limit);
    assert_eq!(times, expected, "{question:?}");
    assert!(numbers(&found).iter().all(|number| passes(*number)), "{question:?}");
    assert!(numbers(&found).iter().collect::<HashSet<_>>().len() == times.len(), "{question:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_records_are_those_of_all_records_in_order() {
    // More than two cores read of a block at once, in several batches each.
    let (sent, total) = (requests(12, 6_000), 72_000);
    for layout in LAYOUTS {
        let world = World::new(layout, &sent).await;
        for order in [LogOrder::NewestFirst, LogOrder::OldestFirst] {
            for limit in [1, 10, 3_000] {
                let all = LogQuestion { order, limit, ..question() };
                check(&world, total, all.clone(), |_| true).await;
                let text = Some(TextQuery::parse("rare").unwrap());
                check(&world, total, LogQuestion { text, ..all.clone() }, |number| number % 4_099 == 7).await;
                let text = Some(TextQuery::parse("/usual 1\\d*7 /").unwrap());
                let passes =
                    |number: i64| number % 4_099 != 7 && number.to_string().starts_with('1') && number % 10 == 7;
                check(&world, total, LogQuestion { text, ..all.clone() }, passes).await;
                let selectors = Some(Selectors::parse("service.name in (b,c)").unwrap());
                let text = Some(TextQuery::parse("rare").unwrap());
                let of_b_or_c = |number: i64| number / 6_000 % 3 != 0;
                check(&world, total, LogQuestion { selectors: selectors.clone(), ..all.clone() }, of_b_or_c).await;
                let passes = |number: i64| of_b_or_c(number) && number % 4_099 == 7;
                check(&world, total, LogQuestion { selectors, text, ..all.clone() }, passes).await;
                let between = range(at(2_000), at(2_050));
                let passes = |number: i64| (2_000..2_050).contains(&(number * 7_919 % 10_007));
                check(&world, total, LogQuestion { range: between, ..all }, passes).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_cannot_hold_a_first_record_are_not_opened() {
    // One block per request, each of a later time than the one before.
    let sent: Vec<Sent> =
        (0..12).map(|request| logs("service.name=a", vec![log(request, 9, "a line", Vec::new()); 3])).collect();
    let world = World::new(Layout::Split, &sent).await;
    let newest = LogQuestion { order: LogOrder::NewestFirst, limit: 4, ..question() };
    let coverage = world.engine.logs(&tenant(), newest).await.unwrap().coverage;
    assert_eq!((coverage.blocks_total, coverage.blocks_pruned), (6, 5), "{coverage:?}");
    assert!(coverage.is_complete());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_indexes_of_blocks_rule_rows_out_and_are_named() {
    let world = World::new(Layout::Blocks, &requests(12, 6_000)).await;
    let ruled_out = async |text: &str| {
        let text = Some(TextQuery::parse(text).unwrap());
        let coverage = world.engine.logs(&tenant(), LogQuestion { text, ..question() }).await.unwrap().coverage;
        assert!(coverage.is_complete() && coverage.notes.is_empty(), "{coverage:?}");
        coverage.indexes.iter().find(|index| index.name == "words").map(|index| (index.blocks, index.rows_ruled_out))
    };
    // The times lie in two hours.
    assert_eq!(ruled_out("nowhere").await, Some((2, 72_000)));
    // A hundred are found before the second block is opened.
    assert_eq!(ruled_out("usual").await, Some((1, 0)));
    assert_eq!(ruled_out("code:500").await, Some((2, 72_000)));
    assert_eq!(ruled_out("NOT rare").await, None);
    let (_, rows) = ruled_out("00004106").await.unwrap();
    assert!((50_000..72_000).contains(&rows), "one record says so, and it is in one group of rows: {rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_of_more_records_than_a_page_is_given_page_by_page() {
    let body = |number: i64| format!("line {number}");
    let sent: Vec<Sent> = (0..3)
        .map(|request| {
            let records = (0..7_000).map(|row| log(5, 9, &body(request * 7_000 + row), Vec::new()));
            logs("service.name=a", records.collect())
        })
        .collect();
    let world = World::new(Layout::Split, &sent).await;
    let (mut seen, mut cursor) = (HashSet::new(), None);
    for page in 0.. {
        let found = world.engine.logs(&tenant(), LogQuestion { limit: 9_000, cursor, ..question() }).await.unwrap();
        assert_eq!(found.logs.len(), [9_000, 9_000, 3_000][page]);
        seen.extend(numbers(&found));
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 21_000);
}
