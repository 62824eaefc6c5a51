//! Pins over the API and in the terminal, and through a restart.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::TestServer;

#[tokio::test]
async fn a_pin_is_made_listed_kept_through_a_restart_and_taken_away() {
    let mut server = TestServer::start(&[]).await;
    let api = server.api();
    let body = json!({"from": "2026-11-24T06:00:00Z", "to": "2026-11-24T07:00:00Z", "reason": "an outage"});
    let made = api.send(api.request(Method::POST, "/api/v1/pins").json(&body)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    assert_eq!(made["from"], "2026-11-24T06:00:00.000000000Z");
    assert_eq!((&made["reason"], &made["expires"]), (&json!("an outage"), &Value::Null));

    let arguments =
        ["pin", "--from", "now-2h", "--to", "now", "--reason", "by hand", "--expires", "now+1h", "-o", "json"];
    let by_hand: Value = serde_json::from_str(&server.cli(&arguments).await).unwrap();
    server.terminate();
    assert!(server.ended().await.success());
    server.restart().await;
    let pins = server.api().ask("/api/v1/pins", &[]).await;
    assert_eq!(pins["pins"], json!([made, by_hand["pins"][0]]));

    let id = made["id"].to_string();
    assert!(server.cli(&["unpin", &id]).await.contains("an outage"));
    let listed = server.cli(&["pins"]).await;
    assert!(listed.contains("by hand") && !listed.contains("an outage"), "{listed}");
}
