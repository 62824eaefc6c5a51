//! The verbs of metrics.

use super::*;

#[tokio::test]
async fn every_option_of_metrics_reaches_the_server() {
    check_asked(&[
        (&["promql", "-1 + 2"], "promql_vector.json", "POST /prometheus/api/v1/query  query=-1+%2B+2"),
        (
            &["promql", "up", "--at", "now-1h"],
            "promql_vector.json",
            "POST /prometheus/api/v1/query  query=up&time=2026-11-24T05%3A00%3A00.000000000Z",
        ),
        (
            &["promql", "up", "--range", "1h"],
            "promql_matrix.json",
            "POST /prometheus/api/v1/query_range  query=up&start=2026-11-24T05%3A00%3A00.000000000Z\
             &end=2026-11-24T06%3A00%3A00.000000000Z&step=15",
        ),
        (
            &["promql", "up", "--at", "0", "--range", "2m", "--step", "500ms", "-o", "graph"],
            "promql_matrix.json",
            "POST /prometheus/api/v1/query_range  query=up&start=1969-12-31T23%3A58%3A00.000000000Z\
             &end=1970-01-01T00%3A00%3A00.000000000Z&step=0.5",
        ),
        (&["labels"], "labels.json", "GET /prometheus/api/v1/labels?start=2026-11-24T05%3A00%3A00.000000000Z"),
        (
            &["labels", "a/b", "--match", "up", "--match", "{a=\"b\"}", "--from", "0", "--to", "60", "-n", "5"],
            "labels.json",
            "GET /prometheus/api/v1/label/a%2Fb/values?match%5B%5D=up&match%5B%5D=%7Ba%3D%22b%22%7D\
             &start=1970-01-01T00%3A00%3A00.000000000Z&end=1970-01-01T00%3A01%3A00.000000000Z&limit=5",
        ),
        (&["top", "series", "-n", "3"], "top_series.json", "GET /prometheus/api/v1/status/tsdb?limit=3"),
    ])
    .await;
}

#[tokio::test]
async fn what_an_expression_is_warned_of_goes_to_standard_error() {
    let ran = Run::new(&["promql", "up"], [Reply::Sample("promql_vector.json")]).run().await;
    let expected = "warning: PromQL warning: quantile value should be between 0 and 1, got 2 ␛[2J (1:10)\n\
                    info: PromQL info: metric might not be a counter (1:6)\n";
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, expected));
}

#[tokio::test]
async fn an_expression_that_is_wrong_is_the_users_fault_and_one_that_is_slow_is_not() {
    let says = |status, kind: &str, error: &str| {
        let body = serde_json::json!({"status": "error", "errorType": kind, "error": error});
        Reply::Says(status, body.to_string())
    };
    for (reply, exit, expected) in [
        (says(400, "bad_data", "1:1: parse error: \u{1b}[31m"), Exit::Usage, "error: 1:1: parse error: ␛[31m\n"),
        (says(422, "execution", "too many"), Exit::Usage, "error: too many\n"),
        (says(503, "timeout", "query timed out"), Exit::Server, "error: query timed out\n"),
    ] {
        let ran = Run::new(&["promql", "up"], [reply]).run().await;
        assert_eq!((ran.exit, ran.err.as_str(), ran.out.as_str()), (exit, expected, ""));
    }
    let ran = Run::new(&["promql", "up", "-o", "graph"], []).run().await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Usage, "error: a graph is of a range\nhint: add --range 1h\n"));
}
