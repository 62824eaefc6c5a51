//! What Grafana's Prometheus data source asks, in its order: "Save & test", the query builder, Explore, autocomplete.
//!
//! Queries are posted as forms, with times in seconds; lists are fetched with `match[]`, names escaped where they are not
//! plain. Each answer is looked at as the data source looks at it.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Api, Reply, TestServer};

use crate::wire::{Compression, Request, Signal, Transport};

/// Minutes of samples, one a minute.
const MINUTES: u64 = 10;

#[expect(clippy::disallowed_methods, reason = "a data source asks about now, so the samples must be of now")]
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

/// A counter of two routes and a gauge with a name in dots, over the minutes before `end`.
fn metrics(end: Duration) -> Value {
    let nanos = |minute: u64| (end - Duration::from_secs(60 * (MINUTES - minute))).as_nanos().to_string();
    let points = |route: &str, per_minute: u64| -> Vec<Value> {
        (0..=MINUTES)
            .map(|minute| {
                json!({
                    "startTimeUnixNano": nanos(0),
                    "timeUnixNano": nanos(minute),
                    "asInt": (minute * per_minute).to_string(),
                    "attributes": [{"key": "http.route", "value": {"stringValue": route}}],
                })
            })
            .collect()
    };
    let counted: Vec<Value> = [points("/cart", 60), points("/pay", 120)].concat();
    json!({"resourceMetrics": [{
        "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "web"}},
            {"key": "service.instance.id", "value": {"stringValue": "web-1"}},
            {"key": "k8s.pod.name", "value": {"stringValue": "web-7d9f"}},
        ]},
        "scopeMetrics": [{"metrics": [
            {
                "name": "http.requests", "description": "requests served", "unit": "{request}",
                "sum": {"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": counted},
            },
            {
                "name": "queue.depth", "description": "orders that wait", "unit": "{order}",
                "gauge": {"dataPoints": [{"timeUnixNano": nanos(MINUTES), "asDouble": 4.5}]},
            },
        ]}],
    }]})
}

struct DataSource {
    api: Api,
}

impl DataSource {
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.api.request(Method::POST, &format!("/prometheus/api/v1/{path}")).body(form);
        self.api.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// A list of texts that must be there.
    async fn list(&self, path: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let answer = self.api.ask(&format!("/prometheus/api/v1/{path}"), parameters).await;
        assert_eq!(answer["status"], "success", "{answer}");
        serde_json::from_value(answer["data"].clone()).unwrap()
    }
}

#[tokio::test]
async fn grafana_saves_tests_builds_explores_and_completes() {
    let server = TestServer::start(&[]).await;
    let end = now();
    let body = serde_json::to_vec(&metrics(end)).unwrap();
    let sent = Request::new(Signal::Metrics, &body, Compression::None).send(&server, Transport::HttpJson).await;
    assert!(sent.is_success(), "{sent:?}");
    let source = DataSource { api: server.api() };
    saves_and_tests(&source, end).await;
    builds_a_query(&source, end).await;
    explores(&source, end).await;
    completes(&source).await;
    is_told_what_is_wrong(&source).await;
}

/// "Successfully queried the Prometheus API."
async fn saves_and_tests(source: &DataSource, end: Duration) {
    let reply = source.post("query", &[("query", "1+1"), ("time", &end.as_secs().to_string())]).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"));
    assert_eq!(reply.json()["data"], json!({"resultType": "scalar", "result": [end.as_secs(), "2"]}));
    // Without `features` of a ruler it is taken for a Prometheus, and its version tells what it can do.
    let info = source.api.ask("/prometheus/api/v1/status/buildinfo", &[]).await;
    assert_eq!((&info["data"]["version"], &info["data"]["features"]), (&json!("3.16.0"), &Value::Null));
    let rules = source.api.ask("/prometheus/api/v1/rules", &[]).await;
    assert_eq!(rules["data"]["groups"], json!([]));
}

/// The metric, then its labels, then their values.
async fn builds_a_query(source: &DataSource, end: Duration) {
    let (start, end) = ((end.as_secs() - 3_600).to_string(), end.as_secs().to_string());
    let range = [("start", start.as_str()), ("end", end.as_str())];
    let metrics = source.list("label/__name__/values", &range).await;
    assert_eq!(metrics, ["http_requests_total", "queue_depth", "target_info"]);
    let metadata = source.api.ask("/prometheus/api/v1/metadata", &[("limit", "20000")]).await;
    let requests = &metadata["data"]["http_requests_total"];
    assert_eq!((&requests[0]["type"], &requests[0]["help"]), (&json!("counter"), &json!("requests served")));
    let selected = [range[0], range[1], ("match[]", "http_requests_total")];
    assert_eq!(source.list("labels", &selected).await, ["__name__", "http_route", "instance", "job"]);
    assert_eq!(source.list("label/http_route/values", &selected).await, ["/cart", "/pay"]);
    let posted = source.post("labels", &selected).await.json();
    assert_eq!(posted["data"], json!(["__name__", "http_route", "instance", "job"]));
    let series = source.api.ask("/prometheus/api/v1/series", &[range[0], range[1], ("match[]", "{job=\"web\"}")]).await;
    assert_eq!(series["data"].as_array().map(Vec::len), Some(4), "{series}");
}

/// A graph and the table below it.
async fn explores(source: &DataSource, end: Duration) {
    // Steps fall on multiples of the step, as the data source aligns them.
    let end = end.as_secs() / 15 * 15;
    let (start, last) = ((end - 300).to_string(), end.to_string());
    let expression = "sum by (http_route) (rate(http_requests_total{job=\"web\"}[$__rate_interval]))";
    let expression = expression.replace("$__rate_interval", "4m");
    let fields = [("query", expression.as_str()), ("start", &start), ("end", &last), ("step", "15")];
    let answer = source.post("query_range", &fields).await.json();
    assert_eq!(answer["data"]["resultType"], "matrix", "{answer}");
    let series = answer["data"]["result"].as_array().unwrap();
    for (series, (route, rate)) in series.iter().zip([("/cart", 1.0), ("/pay", 2.0)]) {
        assert_eq!(series["metric"], json!({ "http_route": route }));
        let values = series["values"].as_array().unwrap();
        assert_eq!(values.len(), 21, "{series}");
        for (number, value) in values.iter().enumerate() {
            assert_eq!(value[0], json!(end - 300 + 15 * number as u64));
            let found: f64 = value[1].as_str().unwrap().parse().unwrap();
            assert!((found - rate).abs() < 1e-9, "{series}");
        }
    }
    let instant = [("query", "topk(1, http_requests_total)"), ("time", last.as_str())];
    let answer = source.post("query", &instant).await.json();
    let top = &answer["data"]["result"][0];
    assert_eq!((&top["metric"]["http_route"], &top["metric"]["instance"]), (&json!("/pay"), &json!("web-1")));
    let exemplars = source.post("query_exemplars", &fields[..3]).await;
    assert_eq!((exemplars.status.as_u16(), &exemplars.json()["data"]), (200, &json!([])));
}

/// What the code editor asks while a person types.
async fn completes(source: &DataSource) {
    let fields = [("query", "sum(rate(http_requests_total[5m])) by (job)")];
    let formatted = source.post("format_query", &fields).await.json();
    assert_eq!(formatted["data"], "sum by (job) (rate(http_requests_total[5m]))");
    assert_eq!(source.post("parse_query", &fields).await.json()["data"]["type"], "aggregation");
    let found = source.post("search/metric_names", &[("search[]", "req"), ("include_metadata", "true")]).await;
    let batch: Value = serde_json::from_str(found.text.lines().next().unwrap()).unwrap();
    assert_eq!(batch["results"][0]["name"], "http_requests_total", "{}", found.text);
    assert_eq!(batch["results"][0]["type"], "counter");
}

async fn is_told_what_is_wrong(source: &DataSource) {
    let reply = source.post("query", &[("query", "sum(")]).await;
    let error = reply.json();
    assert_eq!(
        (reply.status.as_u16(), &error["status"], &error["errorType"]),
        (400, &json!("error"), &json!("bad_data"))
    );
    // Deep and huge expressions cost an answer, and not the server.
    for expression in [
        "(".repeat(200_000),
        "-".repeat(200_000) + "1",
        format!("1{}", " + 1".repeat(50_000)),
        "sum(".repeat(50_000),
        format!("up{}", "[5m:1m]".repeat(20_000)),
        format!("{{a=~\"{}\"}}", "(".repeat(100_000)),
        format!("{{a=~\"{}\"}}", "a{1000}{1000}{1000}"),
    ] {
        for path in ["query", "parse_query", "format_query", "query_exemplars"] {
            let reply = source.post(path, &[("query", &expression)]).await;
            assert_eq!(reply.status, 400, "{path} {}: {}", &expression[..10], &reply.text[..200.min(reply.text.len())]);
            assert_eq!(reply.json()["errorType"], "bad_data");
        }
    }
    let reply = source.post("query", &[("query", &"1 + ".repeat(1 << 20))]).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["errorType"]), (413, &json!("bad_data")));
    assert_eq!(source.post("query", &[("query", "1+1")]).await.status, 200);
}
