//! Timeout, cancellation, memory, places.

use std::time::Duration;

use query::{Config, QueryErrorKind};

use crate::telemetry::{Sent, attribute, log, logs};
use crate::world::{Layout, World, lines};

/// Never done within a test: more pairs than can be counted. The first is a loop that passes nothing on, and whose
/// thread would not be given back before its end.
const ENDLESS: [&str; 2] = [
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000000) b WHERE a.value + b.value < 0",
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000000) b",
];

fn requests() -> Vec<Sent> {
    let record = |n: i64| log(n, 9, &format!("a body that is long enough to count {n}"), vec![attribute("n", n)]);
    vec![logs("service.name=s", (0..3_000).map(record).collect())]
}

async fn kind(world: &World, statement: &str) -> Option<QueryErrorKind> {
    world.sql(statement).await.err().map(|error| error.kind())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_question_that_takes_too_long_ends_and_gives_its_place_back() {
    let config = Config { timeout: Duration::from_millis(300), concurrency: 1, ..Config::default() };
    let world = World::limited(Layout::Split, &requests(), config).await;
    for statement in ENDLESS {
        assert_eq!(kind(&world, statement).await, Some(QueryErrorKind::Timeout));
    }
    assert_eq!(world.lines("SELECT 1").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_question_whose_asker_has_gone_ends_and_one_too_many_is_told_to_come_back() {
    let config = Config { timeout: Duration::from_secs(60), concurrency: 1, ..Config::default() };
    let world = World::limited(Layout::Split, &requests(), config).await;
    let asked = {
        let (engine, statement) = (world.engine.clone(), ENDLESS[0].to_owned());
        let question = query::SqlQuestion { statement, range: model::TimeRange::ALL };
        tokio::spawn(async move { engine.sql(&crate::world::tenant(), question).await.map(|_| ()) })
    };
    // Either this one gets the only place first, or it waits for it until the other's asker goes.
    let waiting = world.lines("SELECT 1");
    asked.abort();
    assert_eq!(waiting.await, ["1"]);
    assert!(asked.await.unwrap_err().is_cancelled());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_waits_too_long_for_a_place_is_told_that_all_are_taken() {
    let config = Config { timeout: Duration::from_millis(400), concurrency: 1, ..Config::default() };
    let world = World::limited(Layout::Split, &requests(), config).await;
    let kinds = futures::future::join_all((0..3).map(|_| kind(&world, ENDLESS[0]))).await;
    assert!(kinds.contains(&Some(QueryErrorKind::Timeout)), "{kinds:?}");
    assert!(kinds.contains(&Some(QueryErrorKind::Busy)), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_needs_too_much_memory_is_refused_and_the_next_one_runs() {
    let config = Config { memory_bytes_max: 200_000, ..Config::default() };
    let world = World::limited(Layout::Split, &requests(), config).await;
    for statement in [
        "SELECT body, count(*) FROM logs GROUP BY body ORDER BY body",
        "SELECT * FROM logs ORDER BY body",
        "SELECT a.body FROM logs a JOIN logs b ON a.body = b.body",
    ] {
        assert_eq!(kind(&world, statement).await, Some(QueryErrorKind::LimitExceeded), "{statement}");
        assert_eq!(world.lines("SELECT count(*) FROM logs").await, ["3000"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_longer_than_its_limits_is_cut_and_says_so() {
    let config = Config { sql_rows_max: 100, ..Config::default() };
    let world = World::limited(Layout::Blocks, &requests(), config).await;
    for (limit, rows, truncated) in [(99, 99, false), (100, 100, false), (101, 100, true), (5_000, 100, true)] {
        let answer = world.sql(&format!("SELECT body FROM logs LIMIT {limit}")).await.unwrap();
        assert_eq!((lines(&answer.batches).len(), answer.coverage.truncated), (rows, truncated), "LIMIT {limit}");
        assert_eq!(answer.coverage.rows_returned, rows as u64);
    }
    let config = Config { sql_bytes_max: 10_000, ..Config::default() };
    let world = World::limited(Layout::Blocks, &requests(), config).await;
    let answer = world.sql("SELECT body FROM logs").await.unwrap();
    assert!(answer.coverage.truncated && answer.coverage.notes[0].contains("query.sql_bytes_max"));
}
