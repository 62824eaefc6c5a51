//! Questions that cost too much, take too long, or are no longer wanted.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Api, TestServer, eventually};

use super::cases::server_with_rows;

/// Counts far beyond what any limit of time allows, one step after the other, and keeps nothing.
const ENDLESS: &str =
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n";

fn question(api: &Api, query: &str) -> RequestBuilder {
    api.request(Method::POST, "/api/v1/sql").json(&json!({ "query": query }))
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_ended_and_says_so() {
    let server = TestServer::start(&["--query-timeout", "1s"]).await;
    let reply = server.api().send(question(&server.api(), ENDLESS)).await;
    assert_eq!(reply.status, 503, "{}", reply.text);
    let error = &reply.json()["error"];
    assert_eq!(error["code"], "query_timeout");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("query.timeout")), "{error}");
    assert_eq!(server.api().number("SELECT 1").await, 1);
}

/// One question at a time, and none that ends by itself: an answer to the second shows that the first has ended.
#[tokio::test]
async fn a_question_ends_when_its_asker_leaves() {
    let server = TestServer::start(&["--query-concurrency", "1", "--query-timeout", "1h"]).await;
    let api = server.api();
    let asker = tokio::spawn({
        let (api, request) = (api.clone(), question(&api, ENDLESS).timeout(Duration::from_secs(3_600)));
        async move { api.try_send(request).await }
    });
    eventually("the endless question to take the only place", async || {
        let waits = question(&api, "SELECT 1").timeout(Duration::from_millis(300));
        api.try_send(waits).await.is_err().then_some(())
    })
    .await;
    assert!(!asker.is_finished(), "the question ended by itself");
    asker.abort();
    assert_eq!(api.number("SELECT 1").await, 1);
}

#[tokio::test]
async fn an_answer_with_too_many_rows_is_cut_and_says_so() {
    let server = server_with_rows(&["--query-sql-rows-max", "3"]).await;
    let reply = server.api().send(question(&server.api(), "SELECT body FROM logs ORDER BY time")).await;
    let answer = reply.json();
    assert_eq!(answer["rows"].as_array().map(Vec::len), Some(3));
    let coverage = &answer["coverage"];
    assert_eq!((&coverage["complete"], &coverage["truncated"]), (&json!(false), &json!(true)));
    assert!(coverage["notes"][0].as_str().is_some_and(|note| note.contains("query.sql_rows_max")), "{coverage}");

    let request = question(&server.api(), "SELECT body FROM logs").header("accept", "text/csv");
    let reply = server.api().send(request).await;
    let coverage: Value = serde_json::from_str(reply.header("nunchi-coverage")).unwrap();
    assert_eq!(coverage["truncated"], true);
    // A heading and the rows.
    assert_eq!(reply.text.lines().count(), 4);
    assert_eq!(server.api().sql("SELECT body FROM logs LIMIT 3").await.len(), 3);
}

#[tokio::test]
async fn a_question_that_takes_too_much_memory_is_refused() {
    let server = TestServer::start(&["--query-memory-bytes-max", "1MiB"]).await;
    // Each text is as long as the two before it, and all have to be held to be put in order.
    let query = "WITH RECURSIVE n AS (SELECT 'x' AS t UNION ALL SELECT t || t FROM n WHERE length(t) < 4000000) \
                 SELECT * FROM n ORDER BY t DESC";
    let reply = server.api().send(question(&server.api(), query)).await;
    assert_eq!(reply.status, 422, "{}", reply.text);
    assert_eq!(reply.json()["error"]["code"], "limit_exceeded");
    assert_eq!(server.api().number("SELECT 1").await, 1);
}

#[tokio::test]
async fn what_nests_too_deep_or_is_too_long_is_refused_before_it_is_read() {
    let server = TestServer::start(&[]).await;
    let api = server.api();
    let nested =
        |open: &str, close: &str, count: usize| format!("SELECT {}1{}", open.repeat(count), close.repeat(count));
    for query in [
        nested("(", ")", 20_000),
        nested("[", "]", 1_000),
        nested("CASE WHEN true THEN ", " END", 2_000),
        nested("NOT ", "", 10_000),
        nested("- ", "", 10_000),
        format!("SELECT 1{}", " + 1".repeat(10_000)),
        format!("SELECT 1 WHERE true{}", " AND true".repeat(5_000)),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(2_000)),
        format!("SELECT '{}'", "x".repeat(100_000)),
    ] {
        let reply = api.send(question(&api, &query)).await;
        let start = &query[..60.min(query.len())];
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]["code"]), (422, &json!("limit_exceeded")), "{start}");
    }
    for (endpoint, name, value) in [
        ("/api/v1/logs", "q", "(".repeat(2_000)),
        ("/api/v1/traces", "q", format!("/{}/", "(".repeat(200))),
        ("/api/v1/logs", "selector", "a=b,".repeat(2_000)),
        ("/api/v1/services", "selector", "a=b||".repeat(1_000) + "c=d"),
    ] {
        let reply = api.get(endpoint, &[(name, &value)]).await;
        let start = &value[..20];
        assert!(
            [400, 431].contains(&reply.status.as_u16()),
            "{endpoint} {name}={start}…: {} {}",
            reply.status,
            reply.text
        );
    }
    assert_eq!(api.number("SELECT 1").await, 1);
}
