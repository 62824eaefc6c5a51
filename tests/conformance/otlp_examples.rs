//! Requests in OTLP's JSON: each is answered with `{}`, and every record in it is found again, field by field.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Api, TestServer};

use super::move_to_blocks;
use super::otlp_rows::{Row, rows_of};
use super::stored_rows::{api_rows, sql_rows};
use super::vectors::Vectors;

#[tokio::test]
async fn every_record_of_the_otlp_examples_is_found_again() {
    let vectors = Vectors::open("opentelemetry-proto-examples", "otlp");
    let mut tally = vectors.tally();
    for (name, request) in vectors.files(".") {
        tally.add(&name, &wrong_with(&request).await);
    }
    tally.finish();
}

/// Sends the request to a server of its own, and says what of it is not found there, and what else is.
async fn wrong_with(request: &Value) -> Vec<String> {
    let Some(path) = path_for(request) else { return vec!["it is a request of no signal that is known".to_owned()] };
    let mut server = TestServer::start(&[]).await;
    let port = Api::new(server.otlp_http());
    let reply = port.send(port.request(Method::POST, path).json(request)).await;
    if (reply.status.as_u16(), reply.text.as_str()) != (200, "{}") {
        return vec![format!("the answer is {} {}", reply.status, reply.text)];
    }
    let expected = rows_of(request);
    let mut wrong = wrong_with_rows("in memory", &server, &expected).await;
    move_to_blocks(&mut server).await;
    wrong.extend(wrong_with_rows("in blocks", &server, &expected).await);
    wrong
}

fn path_for(request: &Value) -> Option<&'static str> {
    let kinds = [("resourceLogs", "/v1/logs"), ("resourceSpans", "/v1/traces"), ("resourceMetrics", "/v1/metrics")];
    kinds.into_iter().find(|(key, _)| request.get(key).is_some()).map(|(_, path)| path)
}

async fn wrong_with_rows(place: &str, server: &TestServer, expected: &[Row]) -> Vec<String> {
    let api = server.api();
    // A row that SQL finds has at least what was expected of it; one of the API has nothing but that.
    let by_sql = unmatched(expected, sql_rows(&api).await, Row::differences_in);
    let asked = expected.iter().filter(|row| matches!(row.table, "logs" | "spans")).cloned().collect::<Vec<_>>();
    let by_api = unmatched(&asked, api_rows(&api, &asked).await, |expected, found| found.differences_in(expected));
    let by_sql = by_sql.into_iter().map(|line| format!("{place}, by SQL: {line}"));
    by_sql.chain(by_api.into_iter().map(|line| format!("{place}, by the API: {line}"))).collect()
}

/// Pairs the rows up, and says which of either side stay alone and why.
fn unmatched(expected: &[Row], mut found: Vec<Row>, differences: impl Fn(&Row, &Row) -> Vec<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in expected {
        let of_table = found.iter().enumerate().filter(|(_, other)| other.table == row.table);
        let nearest = of_table.map(|(at, other)| (differences(row, other), at)).min_by_key(|(found, _)| found.len());
        match nearest {
            Some((none, at)) if none.is_empty() => drop(found.swap_remove(at)),
            Some((some, _)) => {
                wrong.push(format!("not in {}; the nearest row differs: {}", row.table, some.join(", ")))
            }
            None => wrong.push(format!("not in {}, where there is nothing more", row.table)),
        }
    }
    wrong.extend(found.iter().map(|row| format!("nobody sent this row of {}: {}", row.table, json!(row.cells))));
    wrong
}
