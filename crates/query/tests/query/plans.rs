//! What reaches the scans.

use model::{Selectors, TextQuery, TimeRange};
use query::{LogOrder, LogQuestion};

use crate::telemetry::{Sent, at, attribute, log, logs};
use crate::world::{Layout, World, lines, range, tenant};

/// Four requests, two hours apart, so that each is a block of its own however they are flushed.
fn requests() -> Vec<Sent> {
    let record = |hour: i64| log(-hour * 7_200, 9, &format!("hour {hour}"), vec![attribute("hour", hour)]);
    (0..4).map(|hour| logs(&format!("service.name=s{} squad=a", hour % 2), vec![record(hour)])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_outside_the_asked_time_are_not_read() {
    let world = World::new(Layout::Blocks, &requests()).await;
    let from = at(-7_200);
    let pruned = |statement: String| {
        let world = &world;
        async move {
            let rows = world.sql(&statement).await.unwrap();
            (lines(&rows.batches), rows.coverage.blocks_total, rows.coverage.blocks_pruned)
        }
    };
    let count = "SELECT count(*) FROM logs";
    let answer = |count: &str, pruned| (vec![count.to_owned()], 4, pruned);
    assert_eq!(pruned(count.to_owned()).await, answer("4", 0));
    assert_eq!(pruned(format!("{count} WHERE time >= '{from}'")).await, answer("2", 2));
    assert_eq!(pruned(format!("{count} WHERE time > '{from}'")).await, answer("1", 3));
    assert_eq!(pruned(format!("{count} WHERE time = '{from}'")).await, answer("1", 3));
    assert_eq!(pruned(format!("{count} WHERE time < '{from}' AND severity_number = 9")).await, answer("2", 2));
    assert_eq!(pruned(format!("{count} WHERE time BETWEEN '{}' AND '{from}'", at(-14_400))).await, answer("2", 2));
    assert_eq!(pruned(format!("{count} WHERE time = '{from}' OR body = 'hour 3'")).await, answer("2", 0));

    let within = world.sql_within(count, range(from, at(1))).await.unwrap();
    assert_eq!((lines(&within.batches), within.coverage.blocks_pruned), (vec!["2".to_owned()], 2));
    let joined = "SELECT count(*) FROM logs a JOIN logs b ON a.body = b.body";
    assert_eq!(world.sql_within(joined, range(from, at(1))).await.unwrap().coverage.blocks_pruned, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_filter_and_a_projection_reach_the_parquet_scan() {
    let world = World::new(Layout::Split, &requests()).await;
    let statement = format!("EXPLAIN SELECT severity_number FROM logs WHERE time >= '{}'", at(-20_000));
    let plan = world.lines(&statement).await.join("\n");
    let scan = plan.lines().find(|line| line.contains("DataSourceExec")).expect("blocks are scanned");
    assert!(scan.contains("predicate=time@") && scan.contains("pruning_predicate="), "{plan}");
    assert!(scan.contains("projection=[time, severity_number]"), "{plan}");
    assert!(plan.contains("LiveScanExec: batches=1"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_few_columns_can_be_selected_beside_any_filter() {
    for layout in [Layout::Live, Layout::Blocks, Layout::Split] {
        let world = World::new(layout, &requests()).await;
        let check = |statement: &'static str, expected: &'static [&'static str]| {
            let world = &world;
            async move { assert_eq!(world.lines(statement).await, expected, "{layout:?}: {statement}") }
        };
        check(
            "SELECT body FROM logs WHERE resource_attributes['service.name'] = 's1' ORDER BY body",
            &["hour 1", "hour 3"],
        )
        .await;
        check("SELECT count(*) FROM logs WHERE attributes['hour'] > 1", &["2"]).await;
        check("SELECT 1 FROM logs WHERE body = 'hour 2'", &["1"]).await;
        check("SELECT severity_number FROM logs LIMIT 1", &["9"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_asked_at_once_keep_their_own_selectors_and_words() {
    let world = World::new(Layout::Split, &requests()).await;
    let mut asked = tokio::task::JoinSet::new();
    for turn in 0..40 {
        let (engine, hour) = (world.engine.clone(), turn % 4);
        asked.spawn(async move {
            let question = LogQuestion {
                selectors: Some(Selectors::parse(&format!("service.name=s{}", hour % 2)).unwrap()),
                text: Some(TextQuery::parse(&format!("\"hour {hour}\"")).unwrap()),
                range: TimeRange::ALL,
                order: LogOrder::NewestFirst,
                limit: 10,
                cursor: None,
            };
            let found = engine.logs(&tenant(), question).await.unwrap();
            let bodies: Vec<_> = found.logs.into_iter().map(|log| log.body).collect();
            assert_eq!(bodies, [model::Value::Text(format!("hour {hour}"))]);
        });
    }
    while let Some(answer) = asked.join_next().await {
        answer.unwrap();
    }
}
