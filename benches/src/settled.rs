//! Waiting until a server has nothing left to do: all rows in blocks, and blocks merged.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use reqwest::Client;
use serde_json::Value;

use crate::server::Server;

/// How long flushing and merging may take.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(600);

/// How often it is looked whether the server is done.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A server is done once it has used next to nothing for so long. Merging waits for an hour to be quiet.
const IDLE_FOR: Duration = Duration::from_secs(20);

/// More time on a core than this, between two looks, is work.
const IDLE_CPU: Duration = Duration::from_millis(40);

/// Options with which a server settles soon after the last record.
pub(crate) const SETTLE_SOON: [&str; 2] = ["--store-flush-interval", "5s"];

/// Waits until all rows of the table are in blocks and the server is idle, and says in how many blocks they are.
pub(crate) async fn blocks_when_settled(client: &Client, server: &Server, table: &str, rows: u64) -> Result<u64> {
    let url = format!("http://{}/api/v1/status", server.addresses().api);
    let begun = Instant::now();
    let (mut idle_since, mut cpu) = (Instant::now(), server.usage()?.cpu);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let used = server.usage()?.cpu;
        if used - cpu > IDLE_CPU {
            idle_since = Instant::now();
        }
        cpu = used;
        let status: Value = client.get(&url).send().await?.error_for_status()?.json().await?;
        let tables = status["tables"].as_array().map(Vec::as_slice).unwrap_or_default();
        let stored = tables.iter().find(|stored| stored["table"] == table && stored["block_rows"] == rows);
        match stored {
            Some(stored) if idle_since.elapsed() >= IDLE_FOR => return Ok(stored["blocks"].as_u64().unwrap_or(0)),
            _ => ensure!(begun.elapsed() < SETTLE_TIME_MAX, "the server does not come to rest: {tables:?}"),
        }
    }
}
