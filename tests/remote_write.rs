//! Prometheus remote write against the running server: what is told to the sender, and what is there afterwards.

use reqwest::Method;
use serde_json::Value;
use testkit::remote_write::{Histogram, Sample, Series1, Series2, Span, WriteRequest1, WriteRequest2, labels, snappy};
use testkit::{Api, Reply, TestServer};

const PATH: &str = "/prometheus/api/v1/write";
const VERSION_1: &str = "application/x-protobuf";
const VERSION_2: &str = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
const AT: i64 = 1_795_500_000_000;

async fn write(port: &Api, content_type: &str, body: Vec<u8>) -> Reply {
    let request = port.request(Method::POST, PATH).header("content-type", content_type);
    port.send(request.header("content-encoding", "snappy").body(body)).await
}

/// Samples, histograms and exemplars that were written, as the answer's headers say.
fn written(reply: &Reply) -> [&str; 3] {
    ["samples", "histograms", "exemplars"].map(|kind| {
        let name = format!("x-prometheus-remote-write-{kind}-written");
        reply.headers.get(&name).map_or("", |count| count.to_str().unwrap())
    })
}

fn sample(value: f64) -> Sample {
    Sample { value, timestamp: AT, ..Sample::default() }
}

fn one_series(pairs: &[(&str, &str)], value: f64) -> Vec<u8> {
    let series = Series1 { labels: labels(pairs), samples: vec![sample(value)], ..Series1::default() };
    snappy(&WriteRequest1 { timeseries: vec![series], ..WriteRequest1::default() })
}

/// A counter and a native histogram, of which `spans` say where its buckets are.
fn second_version(spans: Vec<Span>) -> Vec<u8> {
    let symbols = ["", "__name__", "served_total", "job", "shop/api", "latency"].map(str::to_owned).to_vec();
    let histogram = Histogram {
        count: 3,
        sum: 4.5,
        positive_spans: spans,
        positive_deltas: vec![1, 1],
        timestamp: AT,
        ..Histogram::default()
    };
    let timeseries = vec![
        Series2 { labels: vec![1, 2, 3, 4], samples: vec![sample(7.0)], ..Series2::default() },
        Series2 { labels: vec![1, 5, 3, 4], histograms: vec![histogram], ..Series2::default() },
    ];
    snappy(&WriteRequest2 { symbols, timeseries })
}

#[tokio::test]
async fn both_versions_are_taken_on_both_ports_and_survive_a_kill() {
    let mut server = TestServer::start(&[]).await;
    let ports = [Api::new(server.otlp_http()), server.api()];
    for (port, value) in ports.iter().zip([1.0, 2.0]) {
        let reply = write(
            port,
            VERSION_1,
            one_series(&[("__name__", "up"), ("job", "node"), ("port", &value.to_string())], value),
        )
        .await;
        assert_eq!((reply.status.as_u16(), written(&reply)), (204, [""; 3]), "{}", reply.text);
    }
    let spans = vec![Span { offset: 0, length: 2 }];
    let reply = write(&ports[1], VERSION_2, second_version(spans)).await;
    assert_eq!((reply.status.as_u16(), written(&reply)), (204, ["1", "1", "0"]), "{}", reply.text);

    server.kill();
    server.restart().await;
    let api = server.api();
    let rows = api.sql("SELECT metric_name, value FROM metric_numbers ORDER BY metric_name, value").await;
    let expected: Vec<Vec<Value>> =
        [("served_total", 7.0), ("up", 1.0), ("up", 2.0)].map(|(name, value)| vec![name.into(), value.into()]).to_vec();
    assert_eq!(rows, expected);
    let owner = "SELECT DISTINCT service_namespace, service_name FROM series WHERE metric_name = 'latency'";
    assert_eq!(api.sql(owner).await, [["shop", "api"]]);
}

#[tokio::test]
async fn a_sender_is_told_what_was_not_taken_and_why() {
    let server = TestServer::start(&["--receive-series-max", "3"]).await;
    let port = server.api();
    let check = async |content_type: &str, body: Vec<u8>, status: u16, counts: [&str; 3], words: &str| {
        let reply = write(&port, content_type, body).await;
        assert_eq!((reply.status.as_u16(), written(&reply)), (status, counts), "{}", reply.text);
        assert!(reply.text.contains(words), "{}", reply.text);
    };
    let gap = vec![Span { offset: 0, length: 1 }, Span { offset: i32::MAX, length: 1 }];
    check(VERSION_2, second_version(gap), 400, ["1", "0", "0"], "1 native histogram whose spans").await;
    check(VERSION_1, one_series(&[("job", "nameless")], 1.0), 400, [""; 3], "labels are not valid").await;
    check(VERSION_1, b"no snappy".to_vec(), 400, [""; 3], "snappy: ").await;
    check(VERSION_2, snappy(&WriteRequest1::default()), 204, ["0", "0", "0"], "").await;
    let torn = snap_of(b"\x0a\xff");
    check(VERSION_1, torn, 400, [""; 3], "cannot decode the body as prometheus.WriteRequest").await;
    check("application/json", Vec::new(), 415, [""; 3], "io.prometheus.write.v2.Request").await;
    check("application/x-protobuf;proto=other", Vec::new(), 415, [""; 3], "is not spoken here").await;
    // A block of snappy that claims to be 4 GiB in the clear.
    check(VERSION_1, vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0], 413, [""; 3], "send smaller batches").await;
    for number in 1..=3 {
        let body = one_series(&[("__name__", "up"), ("n", &number.to_string())], 1.0);
        let (status, words) = if number < 3 { (204, "") } else { (400, "receive.series_max") };
        check(VERSION_1, body, status, [""; 3], words).await;
    }
    let gzip = port.request(Method::POST, PATH).header("content-type", VERSION_1).header("content-encoding", "gzip");
    assert_eq!(port.send(gzip).await.status, 415);
    assert_eq!(port.get(PATH, &[]).await.status, 405);
}

/// Bytes as one block of snappy.
fn snap_of(bytes: &[u8]) -> Vec<u8> {
    let literal = u8::try_from(bytes.len()).expect("few bytes");
    [&[literal, (literal - 1) << 2], bytes].concat()
}
