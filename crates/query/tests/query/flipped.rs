//! One flipped byte in any file of a block: each question gets the whole truth, or says that it does not.

use std::fs;

use model::TraceId;
use query::{Coverage, QueryError, TraceView};

use crate::logs::question;
use crate::telemetry::{Sent, log, logs, span, spans, trace_id};
use crate::world::{Layout, World, lines, tenant};

/// Bytes from one flip to the next: a prime, so that no field of a format is always passed over.
const STEP: usize = 211;

fn requests() -> Vec<Sent> {
    let record = |n: i64| {
        let mut record = log(n, 9, &format!("log {n}"), vec![]);
        record.trace_id = trace_id(1);
        record
    };
    let some_spans = (1..9).map(|n| span([1, n, 0], "op", i64::from(n), 5)).collect();
    vec![logs("service.name=s", (0..9).map(record).collect()), spans("service.name=s", some_spans)]
}

/// An answer as text; `None` where it says that it is not the whole truth.
type Answer = Option<String>;

fn answer(found: Result<(String, Coverage), QueryError>) -> Answer {
    found.ok().filter(|(_, coverage)| coverage.is_complete()).map(|(text, _)| text)
}

async fn answers(world: &World) -> Vec<(&'static str, Answer)> {
    let sql = async |statement| {
        answer(world.sql(statement).await.map(|found| (lines(&found.batches).join("\n"), found.coverage)))
    };
    let found = world.engine.logs(&tenant(), question()).await;
    let one = TraceId::from_bytes(&trace_id(1)).unwrap();
    let story = world.engine.trace(&tenant(), one, TraceView::Repaired).await;
    vec![
        ("logs in sql", sql("SELECT * FROM logs ORDER BY time").await),
        ("spans in sql", sql("SELECT * FROM spans ORDER BY start_time").await),
        ("calls in sql", sql("SELECT * FROM calls ORDER BY time").await),
        ("sightings in sql", sql("SELECT * FROM sightings ORDER BY time").await),
        ("a filter", sql("SELECT body FROM logs WHERE body = 'log 3' AND severity_number > 3").await),
        ("a count", sql("SELECT count(*), max(duration_ns) FROM spans").await),
        ("a search", answer(found.map(|found| (format!("{:?}", found.logs), found.coverage)))),
        ("a trace", answer(story.map(|story| (format!("{:?} {:?}", story.lines, story.logs), story.coverage)))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_changes_no_answer_that_calls_itself_complete() {
    let mut world = World::digesting(Layout::Blocks, &requests()).await;
    let expected = answers(&world).await;
    assert!(expected.iter().all(|(_, answer)| answer.is_some()), "{expected:?}");
    for path in world.block_files() {
        let whole = fs::read(&path).unwrap();
        let mut noticed = false;
        for position in (0..whole.len()).step_by(STEP) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x08;
            fs::write(&path, flipped).unwrap();
            // Nobody knows yet what the file is like.
            world = world.reopen().await;
            for ((what, found), (_, expected)) in answers(&world).await.into_iter().zip(&expected) {
                noticed |= found.is_none();
                assert!(found.is_none() || found == *expected, "{what}: {} byte {position}", path.display());
            }
        }
        fs::write(&path, whole).unwrap();
        let is_parquet = path.extension().is_some_and(|extension| extension == "parquet");
        assert!(noticed || !is_parquet, "no flip of {} is noticed", path.display());
    }
    world = world.reopen().await;
    assert_eq!(answers(&world).await, expected);
}
