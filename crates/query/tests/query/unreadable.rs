//! Damaged and missing blocks: the rest is served, and the answer says what is missing.

use std::fs;
use std::path::Path;

use model::{TimeRange, TraceId};
use query::{QueryErrorKind, ServicesQuestion, TraceQuestion, TraceView};

use crate::logs::question;
use crate::telemetry::{Sent, log, logs, span, spans, trace_id};
use crate::world::{Layout, World, lines, tenant};

/// Two blocks of logs and two of spans, and one more of each in memory.
async fn world() -> World {
    let requests: Vec<Sent> = (0..3)
        .flat_map(|n| {
            let mut record = log(n, 9, &format!("log {n}"), vec![]);
            record.trace_id = trace_id(1);
            [logs("service.name=s", vec![record]), spans("service.name=s", vec![span([1, n as u8 + 1, 0], "op", n, 5)])]
        })
        .collect();
    let world = World::new(Layout::Live, &[]).await;
    for pair in requests.chunks(2) {
        world.store.flush().await.unwrap();
        world.send(pair).await;
    }
    world
}

/// How a file of a block can be lost.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Gone,
    Empty,
    Cut,
    /// All bytes after the magic number.
    Overwritten,
    /// The length of the footer says that it is longer than the file.
    Footer,
}

const DAMAGES: [Damage; 5] = [Damage::Gone, Damage::Empty, Damage::Cut, Damage::Overwritten, Damage::Footer];

fn damage(path: &Path, damage: Damage) {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    match damage {
        Damage::Gone => return fs::remove_file(path).unwrap(),
        Damage::Empty => bytes.clear(),
        Damage::Cut => bytes.truncate(length / 2),
        Damage::Overwritten => bytes[4..length - 8].fill(0x5a),
        Damage::Footer => bytes[length - 8..length - 4].fill(0x7f),
    }
    fs::write(path, bytes).unwrap();
}

fn first_file(world: &World, table: &str) -> std::path::PathBuf {
    let mut files = world.parquet_files();
    files.retain(|file| file.components().any(|part| part.as_os_str() == table));
    assert_eq!(files.len(), 2);
    files.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_question_serves_the_rest_and_says_which_block_is_missing() {
    for damaged in DAMAGES {
        let world = world().await;
        damage(&first_file(&world, "logs"), damaged);
        damage(&first_file(&world, "spans"), damaged);
        // The first question finds out, the second knows.
        for _ in 0..2 {
            let rows = world.sql("SELECT body FROM logs ORDER BY body").await.unwrap();
            assert_eq!(lines(&rows.batches), ["log 1", "log 2"], "{damaged:?}");
            check(&rows.coverage, 1);
            let found = world.engine.logs(&tenant(), question()).await.unwrap();
            assert_eq!(found.logs.len(), 2, "{damaged:?}");
            check(&found.coverage, 1);
            let everything = ServicesQuestion { selectors: None, range: TimeRange::ALL };
            let found = world.engine.services(&tenant(), everything).await.unwrap();
            assert_eq!((found.services[0].spans, found.services[0].logs), (2, 2), "{damaged:?}");
            check(&found.coverage, 2);
            let found = world.engine.traces(&tenant(), any_trace()).await.unwrap();
            assert_eq!((found.traces[0].matched_spans, found.traces[0].span_count), (2, 2), "{damaged:?}");
            check(&found.coverage, 1);
            let one = TraceId::from_bytes(&trace_id(1)).unwrap();
            let story = world.engine.trace(&tenant(), one, TraceView::Repaired).await.unwrap();
            assert_eq!((story.lines.len(), story.logs.len()), (2, 2), "{damaged:?}");
            check(&story.coverage, 2);
        }
    }
}

fn any_trace() -> TraceQuestion {
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
        limit: 10,
    }
}

#[track_caller]
fn check(coverage: &query::Coverage, failed: u64) {
    assert_eq!(coverage.blocks_failed, failed, "{coverage:?}");
    assert!(!coverage.is_complete());
    assert!(coverage.notes.len() as u64 == failed && coverage.notes.iter().all(|note| note.contains("cannot be read")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_whose_index_is_damaged_is_not_said_to_be_absent() {
    let world = World::new(Layout::Blocks, &[spans("service.name=s", vec![span([1, 1, 0], "op", 1, 5)])]).await;
    fs::write(world.parquet_files()[0].with_extension("traces"), "damaged").unwrap();
    let one = TraceId::from_bytes(&trace_id(1)).unwrap();
    let error = world.engine.trace(&tenant(), one, TraceView::Repaired).await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::Internal);
    assert!(error.to_string().contains("1 blocks could not be read"), "{error}");
    // The search reads no index; what it found is told though the summaries lack it.
    let found = world.engine.traces(&tenant(), any_trace()).await.unwrap();
    assert_eq!((found.traces.len(), found.coverage.blocks_failed), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_a_question_is_not_blamed_on_blocks() {
    let world = world().await;
    let error = world.sql("SELECT 1 / (severity_number - 9) FROM logs").await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::Invalid, "{error}");
    let error = world.sql("SELECT CAST(body AS INT) FROM logs").await.unwrap_err();
    assert_eq!(error.kind(), QueryErrorKind::Invalid, "{error}");
    assert!(world.sql("SELECT * FROM logs").await.unwrap().coverage.is_complete());
}
