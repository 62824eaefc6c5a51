//! Searches for traces: each finds exactly its own, whole.
//!
//! | the search says | we ask |
//! |---|---|
//! | `ServiceName`, `OperationName` | `service`, `operation`; empty is any |
//! | `DurationMin`, `DurationMax`: nanoseconds, inclusive | `min_duration`, `max_duration`; 0 is any |
//! | `StartTimeMin`, `StartTimeMax`: both inclusive | `from`, inclusive, and `to`, exclusive |
//! | `NumTraces` | `limit` |
//! | `Tags`: a span has all of them, on itself, its resource, scope, events or links | `q`, a term each |
//!
//! A tag in `queries.json` is the whole value with its type; a text in `queries_es.json` is a regular expression over
//! the whole value.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use testkit::{Api, TestServer};

use super::move_to_blocks;
use super::vectors::Vectors;

/// One search, and the files with the traces that it must find.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Case {
    caption: String,
    query: Search,
    expected_fixtures: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Search {
    service_name: String,
    operation_name: String,
    tags: Option<Map<String, Value>>,
    start_time_min: String,
    start_time_max: String,
    duration_min: u64,
    duration_max: u64,
    num_traces: usize,
}

/// What the texts among a file's tags are.
#[derive(Clone, Copy, Debug)]
enum Tags {
    Values,
    Patterns,
}

/// Trace ids, and how many spans each trace has.
type Traces = BTreeMap<String, u64>;

#[tokio::test]
async fn every_search_finds_exactly_its_traces() {
    let vectors = Vectors::open("jaeger-storage-integration", "jaeger");
    let fixtures = vectors.files("traces");
    let mut server = TestServer::start(&[]).await;
    let port = Api::new(server.otlp_http());
    for (name, request) in &fixtures {
        let reply = port.send(port.request(Method::POST, "/v1/traces").json(request)).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "{}"), "{name}");
    }
    let traces: BTreeMap<&str, Traces> =
        fixtures.iter().map(|(name, request)| (&name[..], traces_in(request))).collect();
    let mut cases: Vec<(Tags, Case, Vec<String>)> = Vec::new();
    for (name, list) in vectors.files(".") {
        let tags = if name.ends_with("_es") { Tags::Patterns } else { Tags::Values };
        let list: Vec<Case> = serde_json::from_value(list).unwrap_or_else(|error| panic!("{name}: {error}"));
        cases.extend(list.into_iter().map(|case| (tags, case, Vec::new())));
    }
    for place in ["in memory", "in blocks"] {
        for (tags, case, wrong) in &mut cases {
            let of_fixture =
                |name: &String| traces.get(&name[..]).unwrap_or_else(|| panic!("there is no trace {name}")).clone();
            let expected: Traces = case.expected_fixtures.iter().flat_map(of_fixture).collect();
            let found = search(&server.api(), &case.query, *tags).await;
            if found.as_ref() != Ok(&expected) {
                wrong.push(format!("{place}: found {found:?}, expected {expected:?}"));
            }
        }
        move_to_blocks(&mut server).await;
    }
    let mut tally = vectors.tally();
    for (_, case, wrong) in &cases {
        tally.add(&case.caption, wrong);
    }
    tally.finish();
}

/// What the search finds, or what the server says against it.
async fn search(api: &Api, search: &Search, tags: Tags) -> Result<Traces, String> {
    let last: Timestamp = search.start_time_max.parse().map_err(|error| format!("StartTimeMax: {error}"))?;
    let mut parameters = vec![
        ("service", search.service_name.clone()),
        ("operation", search.operation_name.clone()),
        ("from", search.start_time_min.clone()),
        ("to", (last + SignedDuration::from_nanos(1)).to_string()),
        ("limit", search.num_traces.to_string()),
    ];
    for (name, nanos) in [("min_duration", search.duration_min), ("max_duration", search.duration_max)] {
        if nanos > 0 {
            parameters.push((name, format!("{nanos}ns")));
        }
    }
    let terms = search.tags.iter().flatten().map(|(key, value)| term(key, value, tags));
    parameters.push(("q", terms.collect::<Vec<_>>().join(" ")));
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, &value[..])).collect();
    let reply = api.get("/api/v1/traces", &parameters).await;
    if reply.status != 200 {
        return Err(format!("{} {}", reply.status, reply.text));
    }
    let answer = reply.json();
    if answer["coverage"]["complete"] != true {
        return Err(format!("not complete: {}", answer["coverage"]));
    }
    let traces = answer["traces"].as_array().into_iter().flatten();
    Ok(traces.map(|trace| (text(&trace["trace_id"]), trace["span_count"].as_u64().unwrap_or_default())).collect())
}

/// One tag as a term of a text query.
fn term(key: &str, value: &Value, tags: Tags) -> String {
    match (value, tags) {
        (Value::String(value), Tags::Values) => format!("{}:{}", quoted(key), quoted(value)),
        (Value::String(pattern), Tags::Patterns) => format!("{}:{}", quoted(key), whole(pattern)),
        (number_or_truth, _) => format!("{}:{number_or_truth}", quoted(key)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A pattern that must match from the first to the last character, whichever these are. A slash would end it.
fn whole(pattern: &str) -> String {
    let mut escaped = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => escaped.extend(['\\'].into_iter().chain(characters.next())),
            '/' => escaped.push_str("\\/"),
            other => escaped.push(other),
        }
    }
    format!("/^(?s:{escaped})$/")
}

fn traces_in(request: &Value) -> Traces {
    let list = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    let scopes = list(request, "resourceSpans").into_iter().flat_map(|sender| list(&sender, "scopeSpans"));
    let spans = scopes.flat_map(|scope| list(&scope, "spans"));
    let ids: BTreeSet<(String, String)> = spans.map(|span| (text(&span["traceId"]), text(&span["spanId"]))).collect();
    let mut traces = Traces::new();
    for (trace_id, _) in ids {
        *traces.entry(trace_id).or_default() += 1;
    }
    traces
}

/// An id in lower case, as we show it.
fn text(id: &Value) -> String {
    id.as_str().expect("an id is a text").to_lowercase()
}

#[test]
fn tags_become_terms_that_mean_them() {
    #[track_caller]
    fn check(value: Value, tags: Tags, expected: &str) {
        assert_eq!(term("a.b", &value, tags), expected);
    }
    check("say \"x\\y\"".into(), Tags::Values, r#""a.b":"say \"x\\y\"""#);
    check(72.5.into(), Tags::Values, "\"a.b\":72.5");
    check(true.into(), Tags::Patterns, "\"a.b\":true");
    check("same.*".into(), Tags::Patterns, "\"a.b\":/^(?s:same.*)$/");
    check(r"a\*/b\/c".into(), Tags::Patterns, r#""a.b":/^(?s:a\*\/b\/c)$/"#);
}
