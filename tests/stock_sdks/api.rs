//! What the two services sent, by API.

use serde_json::{Value, json};
use testkit::Api;

use super::outline::outline;
use super::shop::Shop;

const TEA: &[&str] = &[
    "storefront server GET",
    "  storefront internal quote",
    "    - INFO quoted tea",
    "    storefront client GET",
    "      pricing server GET /price",
    "        pricing internal look up",
    "          - INFO tea costs 350 cents",
];

const UNOBTAINIUM: &[&str] = &[
    "storefront server GET failed",
    "  storefront internal quote failed",
    "    * exception: pricing answered 500",
    "    - ERROR no quote for unobtainium: pricing answered 500",
    "    storefront client GET failed",
    "      pricing server GET /price failed",
    "        - ERROR cannot price unobtainium",
    "        pricing internal look up failed",
    "          * exception: unobtainium has no price",
];

#[tokio::test]
async fn two_services_end_as_one_story_with_the_log_lines_of_both() {
    let mut shop = Shop::with_two_quotes().await;
    check_stories(&shop).await;
    // A clean end writes everything into blocks, so the second time the story comes from files.
    shop.server.terminate();
    assert!(shop.server.ended().await.success(), "{}", shop.server.log());
    shop.server.restart().await;
    check_stories(&shop).await;
}

async fn check_stories(shop: &Shop) {
    for (trace_id, expected, errors) in [(&shop.tea, TEA, 0), (&shop.unobtainium, UNOBTAINIUM, 1)] {
        for view in ["repaired", "raw"] {
            let path = format!("/api/v1/traces/{trace_id}");
            let trace = shop.server.api().ask(&path, &[("view", view)]).await;
            assert_eq!(outline(&trace), expected, "{view}");
            assert_eq!(trace["repairs"], json!([]), "nothing was missing, so nothing is repaired");
            assert_eq!(trace["coverage"]["complete"], true, "{}", trace["coverage"]);
            assert_eq!(
                trace["services"],
                json!([
                    { "service": "storefront", "span_count": 3, "error_count": 3 * errors, "log_count": 1 },
                    { "service": "pricing", "span_count": 2, "error_count": 2 * errors, "log_count": 1 },
                ]),
            );
            let roots: Vec<&Value> = values(&trace["spans"]).filter(|span| span["marks"] == json!(["root"])).collect();
            assert_eq!(roots.len(), 1, "{roots:?}");
            check_details(values(&trace["spans"]).collect());
        }
    }
}

/// Looks at what the SDKs say of themselves: a number, a list and an exception are kept as such.
fn check_details(spans: Vec<&Value>) {
    let (front, behind) = (spans[1], spans[4]);
    assert_eq!(front["resource"]["telemetry.sdk.language"], "nodejs");
    assert!(front["resource"]["process.pid"].is_u64(), "{}", front["resource"]);
    assert!(front["resource"]["process.command_args"].is_array(), "{}", front["resource"]);
    assert_eq!(behind["resource"]["telemetry.sdk.language"], "python");
    assert_eq!(front["attributes"]["shop.item"], behind["attributes"]["shop.item"]);
    if front["status"]["code"] == "error" {
        assert_eq!(front["status"]["message"], "pricing answered 500");
        assert_eq!(behind["status"]["message"], "ValueError: unobtainium has no price");
        let exception = &behind["events"][0]["attributes"];
        assert_eq!(exception["exception.type"], "ValueError");
        let trace = exception["exception.stacktrace"].as_str().expect("a stack trace is text");
        assert!(trace.contains("pricing.py") && trace.lines().count() > 3, "{trace}");
    }
}

#[tokio::test]
async fn what_two_services_sent_is_found_by_every_question() {
    let shop = Shop::with_two_quotes().await;
    check_searches(&shop).await;
    check_services(&shop).await;
    check_metrics(&shop).await;
    check_promql(&shop).await;
}

async fn check_searches(shop: &Shop) {
    let api = shop.server.api();
    let (tea, unobtainium) = (shop.tea.as_str(), shop.unobtainium.as_str());
    for service in ["storefront", "pricing"] {
        check_traces(&api, &[("service", service)], &[unobtainium, tea]).await;
    }
    check_traces(&api, &[("service", "pricing"), ("operation", "look up"), ("status", "error")], &[unobtainium]).await;
    check_traces(&api, &[("selector", "telemetry.sdk.language=python"), ("q", "shop.item:tea")], &[tea]).await;
    check_traces(&api, &[("service", "pricing"), ("operation", "quote")], &[]).await;
    check_traces(&api, &[("service", "storefront"), ("min_duration", "1h")], &[]).await;

    check_logs(&api, &[("q", "\"tea costs\"")], &["tea costs 350 cents"]).await;
    check_logs(&api, &[("q", "shop.item:tea")], &["quoted tea", "tea costs 350 cents"]).await;
    check_logs(&api, &[("q", &format!("trace_id:{tea}"))], &["quoted tea", "tea costs 350 cents"]).await;
    check_logs(&api, &[("q", "exception.type:ValueError")], &["cannot price unobtainium"]).await;
    let behind = ("selector", "service.name in (pricing,other)");
    check_logs(&api, &[behind, ("q", "severity:ERROR")], &["cannot price unobtainium"]).await;
    let front = ("selector", "service.name!=pricing");
    let quotes = ["no quote for unobtainium: pricing answered 500", "quoted tea"];
    check_logs(&api, &[front, ("q", "quote*")], &quotes).await;
}

/// Holds the ids of the traces that a question finds, newest first, against what it must find.
async fn check_traces(api: &Api, question: &[(&str, &str)], expected: &[&str]) {
    let answer = api.ask("/api/v1/traces", question).await;
    let found: Vec<&str> = values(&answer["traces"]).filter_map(|trace| trace["trace_id"].as_str()).collect();
    assert_eq!(found, expected, "{question:?}");
}

/// Holds the bodies of the records that a question finds against what it must find. In the order of the alphabet: Node
/// stamps its records in whole milliseconds, so by time one may stand before what caused it.
async fn check_logs(api: &Api, question: &[(&str, &str)], expected: &[&str]) {
    let answer = api.ask("/api/v1/logs", question).await;
    let mut found: Vec<&str> = values(&answer["logs"]).filter_map(|log| log["body"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, expected, "{question:?}");
}

async fn check_services(shop: &Shop) {
    let answer = shop.server.api().ask("/api/v1/services", &[]).await;
    let counts = |service: &Value| {
        let fields = ["service", "instances", "requests", "errors", "spans", "logs", "error_logs"];
        Value::from_iter(fields.map(|field| service[field].clone()))
    };
    let found: Vec<Value> = values(&answer["services"]).map(counts).collect();
    assert_eq!(found, [json!(["pricing", 1, 2, 1, 4, 2, 1]), json!(["storefront", 1, 2, 1, 6, 2, 1])]);
}

/// The counters of both services and the histograms of both instrumentations, with the series that each belongs to.
async fn check_metrics(shop: &Shop) {
    let counters =
        "SELECT s.service_name, n.metric_name, s.unit, s.temporality, attr(s.attributes, 'shop.item'), max(n.value)
        FROM metric_numbers AS n JOIN series AS s USING (series_id)
        WHERE s.is_monotonic GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 5";
    let rows = json!([
        ["pricing", "pricing.lookups", "{lookup}", "cumulative", "tea", 1.0],
        ["pricing", "pricing.lookups", "{lookup}", "cumulative", "unobtainium", 1.0],
        ["storefront", "storefront.quotes", "{quote}", "cumulative", "tea", 1.0],
    ]);
    assert_eq!(json!(shop.server.api().sql(counters).await), rows);

    let histograms = "SELECT DISTINCT s.service_name, h.metric_name, s.unit, h.count
        FROM metric_histograms AS h JOIN series AS s USING (series_id) ORDER BY 1, 2";
    let rows = json!([
        ["pricing", "http.server.duration", "ms", 1],
        ["storefront", "http.client.request.duration", "s", 1],
        ["storefront", "http.server.request.duration", "s", 1],
    ]);
    assert_eq!(json!(shop.server.api().sql(histograms).await), rows);
}

/// The same numbers by the names that Prometheus gives them.
async fn check_promql(shop: &Shop) {
    let api = shop.server.api();
    for (expression, expected) in [
        ("sum by (job, shop_item) (pricing_lookups_total)", "pricing,tea=1 pricing,unobtainium=1"),
        ("sum by (job) ({\"http_server_duration_milliseconds_bucket\", le=\"+Inf\"})", "pricing,=2"),
        ("count by (job) (http_server_request_duration_seconds_sum > 0)", "storefront,=2"),
        ("count by (job) (target_info{telemetry_sdk_language=~\"nodejs|python\"})", "pricing,=1 storefront,=1"),
    ] {
        let answer = api.ask("/prometheus/api/v1/query", &[("query", expression)]).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |series: &Value| {
            let metric = &series["metric"];
            format!("{},{}={}", text(&metric["job"]), text(&metric["shop_item"]), text(&series["value"][1]))
        };
        let mut lines: Vec<String> = values(&answer["data"]["result"]).map(line).collect();
        lines.sort_unstable();
        assert_eq!(lines.join(" "), expected, "{expression}: {answer}");
    }
}

fn values(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().unwrap_or_else(|| panic!("{list} is not a list")).iter()
}
