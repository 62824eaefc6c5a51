//! The rows that a server has: by SQL of every table, by the API of logs and spans.

use std::collections::{BTreeSet, HashMap};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::Api;

use super::otlp_rows::{Cells, Row};

const TABLES: [&str; 7] =
    ["logs", "spans", "metric_numbers", "metric_histograms", "metric_exp_histograms", "metric_summaries", "exemplars"];

/// Every row of every table. Those of metrics have their series under `series`.
pub(super) async fn sql_rows(api: &Api) -> Vec<Row> {
    let series = table(api, "series").await.into_iter();
    let series: HashMap<u64, Cells> =
        series.map(|row| (row["series_id"].as_u64().expect("it has an id"), row)).collect();
    let mut rows = Vec::new();
    for name in TABLES {
        for mut cells in table(api, name).await {
            if let Some(id) = cells.get("series_id").and_then(Value::as_u64) {
                let series =
                    series.get(&id).unwrap_or_else(|| panic!("a row of {name} has a series that is not there"));
                cells.insert("series".to_owned(), json!(series));
            }
            // A structured body is there twice, typed and as text.
            if let Some(text) = cells.get("body").and_then(Value::as_str).filter(|_| !cells["body_value"].is_null()) {
                let body = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
                cells.insert("body".to_owned(), body);
            }
            rows.push(Row { table: name, cells });
        }
    }
    rows
}

async fn table(api: &Api, name: &str) -> Vec<Cells> {
    let query = json!({"query": format!("SELECT * FROM {name}")});
    let reply = api.send(api.request(Method::POST, "/api/v1/sql").json(&query)).await;
    assert_eq!(reply.status, StatusCode::OK, "{query}: {}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["coverage"]["complete"], true, "{query}: {}", answer["coverage"]);
    let names = answer["columns"].as_array().expect("columns are an array").iter();
    let names: Vec<&str> = names.map(|column| column["name"].as_str().expect("a column has a name")).collect();
    let rows = answer["rows"].as_array().expect("rows are an array").iter();
    rows.map(|row| {
        let cells = row.as_array().expect("a row is an array").iter().cloned();
        names.iter().map(|name| (*name).to_owned()).zip(cells).collect()
    })
    .collect()
}

/// All log records, and all spans of the traces of these rows, as the API shows them.
pub(super) async fn api_rows(api: &Api, asked: &[Row]) -> Vec<Row> {
    let answer = api.ask("/api/v1/logs", &[("limit", "10000")]).await;
    assert_eq!(answer["coverage"]["complete"], true, "{}", answer["coverage"]);
    let logs = answer["logs"].as_array().expect("logs are an array").iter();
    let mut rows: Vec<Row> = logs.map(|record| Row { table: "logs", cells: log(record) }).collect();
    let spans = asked.iter().filter(|row| row.table == "spans");
    let trace_ids: BTreeSet<&str> = spans.filter_map(|row| row.cells["trace_id"].as_str()).collect();
    for trace_id in trace_ids {
        let answer = api.ask(&format!("/api/v1/traces/{trace_id}"), &[("view", "raw")]).await;
        assert_eq!(answer["coverage"]["complete"], true, "{}", answer["coverage"]);
        let spans = answer["spans"].as_array().expect("spans are an array").iter();
        rows.extend(spans.map(|found| Row { table: "spans", cells: span(found, trace_id) }));
    }
    rows
}

fn log(record: &Value) -> Cells {
    let mut cells = from(record);
    for name in
        ["time", "observed_time", "severity_number", "severity_text", "body", "event_name", "trace_id", "span_id"]
    {
        cells.insert(name.to_owned(), record[name].clone());
    }
    let marks: Vec<&str> = record["marks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match &marks[..] {
        // Expected rows do not have it either.
        marks if marks.contains(&"time_from_receipt") => drop(cells.remove("time")),
        _ => {}
    }
    cells.insert("marks".to_owned(), if marks.is_empty() { Value::Null } else { json!(marks.join(",")) });
    cells
}

fn span(span: &Value, trace_id: &str) -> Cells {
    let mut cells = from(span);
    for name in [
        "start_time",
        "duration_ns",
        "span_id",
        "parent_span_id",
        "name",
        "dropped_events_count",
        "dropped_links_count",
    ] {
        cells.insert(name.to_owned(), span[name].clone());
    }
    let number = |words: &[&str], word: &Value| json!(words.iter().position(|known| word == known));
    let kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
    cells.insert("trace_id".to_owned(), json!(trace_id));
    cells.insert("kind".to_owned(), number(&kinds, &span["kind"]));
    cells.insert("status_code".to_owned(), number(&["unset", "ok", "error"], &span["status"]["code"]));
    cells.insert("status_message".to_owned(), span["status"]["message"].clone());
    cells.insert("trace_state".to_owned(), span["trace_state"].clone());
    let list = |name: &str, names: &[&str]| -> Value {
        let items = span[name].as_array().into_iter().flatten();
        items
            .map(|item| names.iter().map(|name| ((*name).to_owned(), item[name].clone())).collect::<Cells>())
            .map(Value::Object)
            .collect()
    };
    let event = ["time", "name", "attributes", "dropped_attributes_count"];
    let link = ["trace_id", "span_id", "trace_state", "flags", "attributes", "dropped_attributes_count"];
    cells.insert("events".to_owned(), list("events", &event));
    cells.insert("links".to_owned(), list("links", &link));
    cells
}

/// What records of both kinds have.
fn from(record: &Value) -> Cells {
    let filled = |text: &Value| if text == "" { Value::Null } else { text.clone() };
    let (scope, mut cells) = (&record["scope"], Cells::new());
    for (name, value) in [
        ("service_name", filled(&record["service"])),
        ("resource_attributes", record["resource"].clone()),
        ("scope_name", filled(&scope["name"])),
        ("scope_version", filled(&scope["version"])),
        ("scope_attributes", scope["attributes"].clone()),
        ("attributes", record["attributes"].clone()),
        ("flags", record["flags"].clone()),
        ("dropped_attributes_count", record["dropped_attributes_count"].clone()),
    ] {
        cells.insert(name.to_owned(), value);
    }
    cells
}
