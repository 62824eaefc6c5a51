//! What the two services sent, by the page: walks the journeys of `ui/e2e` in a browser.

use std::process::Command;
use std::time::Duration;

use testkit::{Process, TestServer, repository};

use super::shop::Shop;

/// Each step of a journey has a deadline of its own; this one is for a browser that hangs between them.
const JOURNEY_MAX: Duration = Duration::from_secs(300);

#[tokio::test]
async fn the_page_leads_from_the_services_to_the_line_that_explains() {
    let shop = Shop::with_two_quotes().await;
    let options = ["--server", &shop.server.api().url(), "--tea", &shop.tea, "--unobtainium", &shop.unobtainium];
    walk("follow_a_request.mjs", &options).await;
}

#[tokio::test]
async fn the_page_is_for_all_readers_in_light_and_dark() {
    let shop = Shop::with_two_quotes().await;
    walk("accessibility.mjs", &["--server", &shop.server.api().url(), "--trace", &shop.unobtainium]).await;
}

#[tokio::test]
async fn hostile_telemetry_is_text_on_the_page() {
    let server = TestServer::start(&[]).await;
    let otlp = format!("http://{}", server.otlp_http());
    walk("hostile_telemetry.mjs", &["--server", &server.api().url(), "--otlp", &otlp]).await;
}

/// Walks one journey to its end. It finds the browser by `TEST_CHROMIUM` or on the `PATH`.
///
/// # Panics
///
/// When a step shows something else than it should, with what the page showed instead.
async fn walk(journey: &str, options: &[&str]) {
    let mut node = Command::new("node");
    node.arg(repository().join("ui/e2e").join(journey)).args(options);
    let mut browser = Process::start(journey, &mut node);
    let status = browser.ended_within(JOURNEY_MAX).await;
    assert!(status.success(), "{journey} ended with {status}:\n{}", browser.said());
}
