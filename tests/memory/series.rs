//! More series than a tenant may have.

use testkit::TestServer;

use super::bombs::{RECORDS, points_of_new_series};
use crate::answers::{Expected, PROTOBUF, check};
use crate::wire::{Compression, Request, Signal};

#[tokio::test]
async fn points_of_series_beyond_the_limit_are_refused_for_good() {
    let mut server = TestServer::start(&["--receive-series-max", "1500"]).await;
    let request = |number| Request::new(Signal::Metrics, &points_of_new_series(number), Compression::Zstd);
    check(&server, "within the limit", &request(0), PROTOBUF, Expected::Accepted).await;
    let beyond = Expected::Partial(500, "receive.series_max");
    check(&server, "half of it beyond", &request(1), PROTOBUF, beyond).await;
    let beyond = Expected::Partial(RECORDS as i64, "receive.series_max");
    check(&server, "all of it beyond", &request(2), PROTOBUF, beyond).await;
    check(&server, "what is live", &request(0), PROTOBUF, Expected::Accepted).await;

    // Each request went by two transports.
    let kept = 3 * 2 * RECORDS - 1_000;
    let count =
        async |server: &TestServer, table: &str| server.api().number(&format!("SELECT count(*) FROM {table}")).await;
    assert_eq!((count(&server, "metric_numbers").await, count(&server, "series").await), (kept as i64, 1_500));
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!(status["series"][0]["tenant"], "default");
    assert_eq!(status["series"][0]["live"], 1_500);
    assert_eq!(status["series"][0]["points_refused"], 3_000);
    assert_eq!(status["signals"][2]["rejected"], 3_000);
    let metrics = server.api().get("/metrics", &[]).await.text;
    assert!(metrics.contains("nunchi_series_live{tenant=\"default\"} 1500"), "{metrics}");
    assert!(metrics.contains("nunchi_series_points_refused_total{tenant=\"default\"} 3000"), "{metrics}");

    // What was refused does not come back with the log, though nothing is live any more.
    server.restart().await;
    assert_eq!((count(&server, "metric_numbers").await, count(&server, "series").await), (kept as i64, 1_500));
    check(&server, "what is new after a restart", &request(3), PROTOBUF, Expected::Accepted).await;
}
