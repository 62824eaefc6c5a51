//! SQL over every table, the same wherever rows lie.

use model::UnixNanos;

use crate::telemetry::{Sent, at, attribute, failed, gauge, histogram, log, logs, span, spans, trace_id};
use crate::world::{LAYOUTS, Layout, World, lines, range};

const WEB: &str = "service.name=web service.namespace=shop k8s.pod.name=web-1";
const DB: &str = "service.name=db";

fn requests() -> Vec<Sent> {
    let mut traced = log(30, 17, "payment failed", vec![attribute("order", 7)]);
    traced.trace_id = trace_id(1);
    traced.span_id = vec![1; 8];
    vec![
        logs(WEB, vec![log(10, 9, "started", vec![]), log(20, 9, "ready", vec![attribute("order", 5)])]),
        logs(WEB, vec![traced]),
        logs(DB, vec![log(40, 13, "slow", vec![])]),
        spans(WEB, vec![span([1, 1, 0], "GET /", 30, 80), failed(span([1, 2, 1], "pay", 31, 20), "no funds")]),
        spans(DB, vec![span([1, 3, 2], "query", 31, 5), span([2, 1, 0], "vacuum", 50, 900)]),
        gauge(WEB, "temp", vec![(10, 1.5, vec![attribute("room", "a")]), (10, 2.5, vec![attribute("room", "b")])]),
        gauge(WEB, "temp", vec![(20, 3.5, vec![attribute("room", "a")]), (20, 4.5, vec![attribute("room", "b")])]),
        gauge(WEB, "temp", vec![(30, 5.5, vec![attribute("room", "a")])]),
        histogram(DB, "latency", 15, &[0.1, 1.0], &[3, 2, 1]),
    ]
}

async fn check(statement: &str, expected: &[&str]) {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        assert_eq!(world.lines(statement).await, expected, "{layout:?}: {statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_filtered_grouped_and_ordered_alike_in_memory_and_in_blocks() {
    check("SELECT count(*) FROM logs", &["4"]).await;
    check("SELECT body FROM logs WHERE severity_number >= 13 ORDER BY time", &["payment failed", "slow"]).await;
    check("SELECT service_name, count(*) FROM logs GROUP BY 1 ORDER BY 1", &["db,1", "web,3"]).await;
    check("SELECT body FROM logs WHERE body LIKE '%s%' ORDER BY time DESC LIMIT 2", &["slow", "started"]).await;
    check("SELECT service_namespace, count(*) FROM logs GROUP BY 1 ORDER BY 1 NULLS FIRST", &["-,1", "shop,3"]).await;
    check(
        "SELECT name, duration_ns / 1000000 FROM spans ORDER BY start_time, name",
        &["GET /,80", "pay,20", "query,5", "vacuum,900"],
    )
    .await;
    check("SELECT name FROM spans WHERE status_code = 2", &["pay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_read_as_hex_and_joined_on() {
    let one = "01".repeat(16);
    check(&format!("SELECT count(*) FROM spans WHERE hex(trace_id) = '{one}'"), &["3"]).await;
    check(
        "SELECT hex(span_id), hex(parent_span_id) FROM spans WHERE name = 'pay'",
        &["0202020202020202,0101010101010101"],
    )
    .await;
    check("SELECT hex(trace_id) FROM logs WHERE body = 'ready'", &["-"]).await;
    let join = "SELECT l.body, s.name FROM logs l JOIN spans s ON l.trace_id = s.trace_id AND l.span_id = s.span_id";
    check(join, &["payment failed,GET /"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_meets_its_series_once_however_often_the_series_was_described() {
    let join = "SELECT n.value, s.attributes['room'], s.service_name FROM metric_numbers n
                JOIN series s ON n.series_id = s.series_id ORDER BY n.time, 2";
    check(join, &["1.5,a,web", "2.5,b,web", "3.5,a,web", "4.5,b,web", "5.5,a,web"]).await;
    check("SELECT metric_name, count(*) FROM series GROUP BY 1 ORDER BY 1", &["latency,1", "temp,2"]).await;
    check("SELECT count(*) FROM series", &["3"]).await;
    check("SELECT unit, kind FROM series WHERE metric_name = 'latency'", &["1,histogram"]).await;
    check("SELECT count, bounds, bucket_counts FROM metric_histograms", &["6,[0.1, 1.0],[3, 2, 1]"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_finds_its_series_though_that_was_described_before_the_range() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let join = "SELECT n.value, s.unit FROM metric_numbers n JOIN series s USING (series_id)";
        let rows = world.sql_within(join, range(at(30), at(31))).await.unwrap();
        assert_eq!(lines(&rows.batches), ["5.5,1"], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_a_table() {
    let columns = "service_name, spans, requests, errors, logs, error_logs";
    let statement = format!("SELECT {columns} FROM services ORDER BY service_name");
    check(&statement, &["db,2,2,0,1,0", "web,2,2,1,3,1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_rows_of_the_range_are_seen_from_its_start_to_before_its_end() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let cases = [
            (at(10), at(40), "3"),
            (at(11), at(41), "3"),
            (at(20), at(20), "0"),
            (UnixNanos::MIN, at(20), "1"),
            (at(20), UnixNanos::MAX, "3"),
        ];
        for (from, to, expected) in cases {
            let rows = world.sql_within("SELECT count(*) FROM logs", range(from, to)).await.unwrap();
            assert_eq!(lines(&rows.batches), [expected], "{layout:?} {from} {to}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_to_ask_can_be_asked() {
    let world = World::new(Layout::Split, &requests()).await;
    let tables =
        world.lines("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1").await;
    let expected = [
        "calls",
        "clocks",
        "exemplars",
        "links",
        "logs",
        "metric_exp_histograms",
        "metric_histograms",
        "metric_numbers",
        "metric_summaries",
        "repairs",
        "series",
        "services",
        "sightings",
        "spans",
    ];
    assert_eq!(tables, expected);
    assert!(world.lines("SHOW TABLES").await.len() >= tables.len());
    assert!(world.lines("DESCRIBE logs").await.iter().any(|line| line.starts_with("body,")));
    assert!(world.lines("SHOW COLUMNS FROM spans").await.iter().any(|line| line.contains("duration_ns")));
    assert!(world.lines("EXPLAIN SELECT count(*) FROM logs").await.join("\n").contains("LiveScanExec"));
    assert!(world.lines("EXPLAIN ANALYZE SELECT count(*) FROM logs").await.join("\n").contains("LiveScanExec"));
}

#[tokio::test(flavor = "multi_thread")]
async fn coverage_says_what_was_looked_at() {
    let world = World::new(Layout::Blocks, &requests()).await;
    let coverage = world.sql("SELECT a.body FROM logs a JOIN logs b ON a.time = b.time").await.unwrap().coverage;
    assert_eq!(
        (coverage.blocks_total, coverage.blocks_pruned, coverage.rows_live, coverage.rows_returned),
        (1, 0, 0, 4)
    );
    assert!(coverage.is_complete());
    let world = World::new(Layout::Live, &requests()).await;
    let coverage = world.sql("SELECT count(*) FROM logs").await.unwrap().coverage;
    assert_eq!((coverage.blocks_total, coverage.rows_live, coverage.rows_returned), (0, 4, 1));
}
