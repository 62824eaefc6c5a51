//! What the server has, held against the ledgers: by SQL, by log search, by trace id.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;

use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Api, TestServer};

use super::ledger::{Cycle, Ledger, Ledgers};
use super::sender::{ITEMS, Wire, trace_id};
use crate::wire::Signal;

/// Traces of each sender that are looked up by id at the end.
const TRACES_LOOKED_UP: usize = 25;

/// Requests, after all was found as it should be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    sent: usize,
    acknowledged: usize,
    stored: usize,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, acknowledged, stored } = self;
        write!(f, "{sent} requests sent, {stored} stored, {acknowledged} acknowledged")
    }
}

/// Requests of each sender that are stored, in one table.
type Stored = BTreeMap<String, HashSet<u64>>;

impl Account {
    /// Accounts for the requests of one cycle by SQL.
    pub(super) async fn of_cycle(server: &TestServer, ledgers: &Ledgers, cycle: &Cycle) -> Self {
        let status = server.api().ask("/api/v1/status", &[]).await;
        assert_eq!(status["wal"]["damaged_frames"], 0, "what a kill cuts off is a tail, never damage");
        by_sql(&server.api(), &ledgers.read(), &cycle.first, Some(ledgers.times(cycle))).await
    }

    /// Accounts for everything, in every way one can ask.
    pub(super) async fn of_everything(server: &TestServer, ledgers: &Ledgers, random: &mut StdRng) -> Self {
        let (api, read) = (server.api(), ledgers.read());
        let account = by_sql(&api, &read, &vec![0; read.len()], None).await;
        by_log_search(&api, &read).await;
        by_trace_id(&api, &read, random).await;
        account
    }
}

/// Every table: whole requests, each record once, all that were acknowledged and none that was not sent.
async fn by_sql(api: &Api, ledgers: &[(Wire, Ledger)], first: &[u64], times: Option<Range<u64>>) -> Account {
    let of_records = |table: &str| {
        format!(
            "SELECT attr(attributes, 'producer'), attr_i64(attributes, 'sequence'), count(*), \
             count(DISTINCT attr_i64(attributes, 'item')) FROM {table} GROUP BY 1, 2"
        )
    };
    let of_points = |table: &str, value: &str| {
        format!("SELECT metric_name, {value} / {ITEMS}, count(*), count(DISTINCT {value}) FROM {table} GROUP BY 1, 2")
    };
    let mut account = Account::default();
    for (signal, table, query) in [
        (Signal::Logs, "logs", of_records("logs")),
        (Signal::Traces, "spans", of_records("spans")),
        (Signal::Metrics, "metric_numbers", of_points("metric_numbers", "int_value")),
        (Signal::Metrics, "metric_histograms", of_points("metric_histograms", "CAST(count AS BIGINT)")),
    ] {
        let stored = stored(api, table, &query, times.clone()).await;
        for ((wire, ledger), first) in ledgers.iter().zip(first).filter(|((wire, _), _)| wire.signal == signal) {
            let none = HashSet::new();
            let stored = stored.get(wire.name).unwrap_or(&none);
            let acknowledged: HashSet<u64> = ledger.acknowledged.range(first..).copied().collect();
            let lost: Vec<&u64> = acknowledged.difference(stored).collect();
            assert!(lost.is_empty(), "{table}: of {} {lost:?} were acknowledged and are lost", wire.name);
            let sent = *first..ledger.sent;
            let strange: Vec<&u64> = stored.iter().filter(|sequence| !sent.contains(sequence)).collect();
            assert!(strange.is_empty(), "{table}: of {} {strange:?} are stored and were never sent", wire.name);
            // The two tables of metrics hold the same requests.
            if table != "metric_histograms" {
                account.sent += sent.count();
                account.acknowledged += acknowledged.len();
                account.stored += stored.len();
            }
        }
    }
    account
}

/// The whole requests that a query finds; one that is there in part or twice fails the test.
async fn stored(api: &Api, table: &str, query: &str, times: Option<Range<u64>>) -> Stored {
    let seconds = |nanos: u64| json!((nanos / 1_000_000_000).to_string());
    let range = times.map(|times| (seconds(times.start), seconds(times.end)));
    let body = match range {
        Some((from, to)) => json!({ "query": query, "from": from, "to": to }),
        None => json!({ "query": query }),
    };
    let answer = api.send(api.request(Method::POST, "/api/v1/sql").json(&body)).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let answer = answer.json();
    assert_eq!(answer["coverage"]["complete"], true, "{}", answer["coverage"]);
    let mut stored = Stored::new();
    for row in answer["rows"].as_array().expect("rows are a list") {
        let (Some(name), Some(sequence)) = (row[0].as_str(), row[1].as_u64()) else { panic!("{table}: {row}") };
        assert_eq!((&row[2], &row[3]), (&json!(ITEMS), &json!(ITEMS)), "{table}: request {sequence} of {name}");
        assert!(stored.entry(name.to_owned()).or_default().insert(sequence), "a group is there once");
    }
    stored
}

/// Page after page of log search gives every record once.
async fn by_log_search(api: &Api, ledgers: &[(Wire, Ledger)]) {
    let mut found: HashSet<(String, u64, u64)> = HashSet::new();
    let mut cursor = String::new();
    loop {
        let parameters = [("limit", "5000"), ("order", "oldest"), ("cursor", &cursor)];
        let request = api.request(Method::GET, "/api/v1/logs").query(&parameters);
        let page = api.send(request.header("accept", "application/x-ndjson")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for line in page.text.lines() {
            let record: Value = serde_json::from_str(line).expect("a line is a record");
            let attributes = &record["attributes"];
            let number = |key: &str| attributes[key].as_u64().expect("a number");
            let name = attributes["producer"].as_str().expect("a name").to_owned();
            let record = (name, number("sequence"), number("item"));
            assert!(!found.contains(&record), "log search gives {record:?} twice");
            found.insert(record);
        }
        cursor = page.header("nunchi-next-cursor").to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    for (wire, ledger) in ledgers.iter().filter(|(wire, _)| wire.signal == Signal::Logs) {
        let records = ledger.acknowledged.iter().flat_map(|sequence| (0..ITEMS).map(move |item| (*sequence, item)));
        for (sequence, item) in records {
            let record = (wire.name.to_owned(), sequence, item);
            assert!(found.contains(&record), "log search does not find {record:?}, which was acknowledged");
        }
    }
    assert_eq!(api.number("SELECT count(*) FROM logs").await, i64::try_from(found.len()).expect("it is small"));
}

/// Acknowledged traces are found whole by their ids, wherever they are.
async fn by_trace_id(api: &Api, ledgers: &[(Wire, Ledger)], random: &mut StdRng) {
    for (sender, (wire, ledger)) in ledgers.iter().enumerate().filter(|(_, (wire, _))| wire.signal == Signal::Traces) {
        let acknowledged: Vec<u64> = ledger.acknowledged.iter().copied().collect();
        let chosen = (0..TRACES_LOOKED_UP).map(|_| acknowledged[random.random_range(0..acknowledged.len())]);
        for sequence in chosen.chain(acknowledged.last().copied()) {
            let path = format!("/api/v1/traces/{:032x}", trace_id(sender, sequence));
            let trace = api.ask(&path, &[("view", "raw")]).await;
            let spans = trace["spans"].as_array().expect("spans are a list");
            assert_eq!(spans.len() as u64, ITEMS, "request {sequence} of {}: {trace}", wire.name);
            assert!(spans.iter().all(|span| span["attributes"]["sequence"] == sequence), "{trace}");
        }
    }
}
