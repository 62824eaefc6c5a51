//! What the server has, held against the ledgers: by SQL, by log search, by trace id.

use std::collections::{BTreeMap, BTreeSet};
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

/// Traces of each sender that are looked up by id.
const TRACES_LOOKED_UP: usize = 5;

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
type Stored = BTreeMap<String, BTreeSet<u64>>;

impl Account {
    /// Accounts for the requests of one cycle, in every way one can ask.
    pub(super) async fn of_cycle(server: &TestServer, ledgers: &Ledgers, cycle: &Cycle, random: &mut StdRng) -> Self {
        let status = server.api().ask("/api/v1/status", &[]).await;
        assert_eq!(status["wal"]["damaged_frames"], 0, "what a kill cuts off is a tail, never damage");
        let first = cycle.first.clone();
        Asked { api: server.api(), ledgers: ledgers.read(), first, times: ledgers.times(cycle) }.account(random).await
    }

    /// Accounts for everything, in every way one can ask.
    pub(super) async fn of_everything(server: &TestServer, ledgers: &Ledgers, random: &mut StdRng) -> Self {
        let (read, times) = (ledgers.read(), 0..u64::MAX / 2);
        Asked { api: server.api(), first: vec![0; read.len()], ledgers: read, times }.account(random).await
    }
}

/// What is accounted for.
struct Asked {
    api: Api,
    ledgers: Vec<(Wire, Ledger)>,
    /// The first request of each sender.
    first: Vec<u64>,
    /// Of the records, in nanoseconds since 1970.
    times: Range<u64>,
}

impl Asked {
    async fn account(&self, random: &mut StdRng) -> Account {
        let (account, logs) = self.by_sql().await;
        assert_eq!(self.by_log_search().await, logs, "log search and SQL find the same");
        self.by_trace_id(random).await;
        account
    }

    /// The ledgers of the senders of one signal: index, sender, first request, ledger.
    fn of(&self, signal: Signal) -> impl Iterator<Item = (usize, Wire, u64, &Ledger)> {
        let all = self.ledgers.iter().zip(&self.first).enumerate();
        all.map(|(index, ((wire, ledger), first))| (index, *wire, *first, ledger))
            .filter(move |(_, wire, _, _)| wire.signal == signal)
    }

    /// Every table: whole requests, each record once, all that were acknowledged and none that was not sent. Returns
    /// also what is in the logs.
    async fn by_sql(&self) -> (Account, Stored) {
        let of_records = |table: &str| {
            format!(
                "SELECT attr(attributes, 'producer'), attr_i64(attributes, 'sequence'), count(*), \
                 count(DISTINCT attr_i64(attributes, 'item')) FROM {table} GROUP BY 1, 2"
            )
        };
        let of_points = |table: &str, value: &str| {
            format!(
                "SELECT metric_name, {value} / {ITEMS}, count(*), count(DISTINCT {value}) FROM {table} GROUP BY 1, 2"
            )
        };
        let (mut account, mut logs) = (Account::default(), Stored::new());
        for (signal, table, query) in [
            (Signal::Logs, "logs", of_records("logs")),
            (Signal::Traces, "spans", of_records("spans")),
            (Signal::Metrics, "metric_numbers", of_points("metric_numbers", "int_value")),
            (Signal::Metrics, "metric_histograms", of_points("metric_histograms", "CAST(count AS BIGINT)")),
        ] {
            let stored = self.stored(table, &query).await;
            for (_, wire, first, ledger) in self.of(signal) {
                let none = BTreeSet::new();
                let stored = stored.get(wire.name).unwrap_or(&none);
                let acknowledged: BTreeSet<u64> = ledger.acknowledged.range(first..).copied().collect();
                let lost: Vec<&u64> = acknowledged.difference(stored).collect();
                assert!(lost.is_empty(), "{table}: of {} {lost:?} were acknowledged and are lost", wire.name);
                let sent = first..ledger.sent;
                let strange: Vec<&u64> = stored.iter().filter(|sequence| !sent.contains(sequence)).collect();
                assert!(strange.is_empty(), "{table}: of {} {strange:?} are stored and were never sent", wire.name);
                // The two tables of metrics hold the same requests.
                if table != "metric_histograms" {
                    account.sent += sent.count();
                    account.acknowledged += acknowledged.len();
                    account.stored += stored.len();
                }
            }
            if signal == Signal::Logs {
                logs = stored;
            }
        }
        (account, logs)
    }

    /// The whole requests that a query finds; one that is there in part or twice fails the test.
    async fn stored(&self, table: &str, query: &str) -> Stored {
        let body = json!({ "query": query, "from": seconds(self.times.start), "to": seconds(self.times.end) });
        let answer = self.api.send(self.api.request(Method::POST, "/api/v1/sql").json(&body)).await;
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

    /// The whole requests that log search finds, page after page; no record comes twice.
    async fn by_log_search(&self) -> Stored {
        let mut found: BTreeMap<(String, u64), BTreeSet<u64>> = BTreeMap::new();
        let (from, to, mut cursor) = (seconds(self.times.start), seconds(self.times.end), String::new());
        loop {
            let parameters =
                [("from", &from[..]), ("to", &to), ("limit", "5000"), ("order", "oldest"), ("cursor", &cursor)];
            let request = self.api.request(Method::GET, "/api/v1/logs").query(&parameters);
            let page = self.api.send(request.header("accept", "application/x-ndjson")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            for line in page.text.lines() {
                let record: Value = serde_json::from_str(line).expect("a line is a record");
                let attributes = &record["attributes"];
                let number = |key: &str| attributes[key].as_u64().expect("a number");
                let name = attributes["producer"].as_str().expect("a name").to_owned();
                let items = found.entry((name, number("sequence"))).or_default();
                assert!(items.insert(number("item")), "log search gives a record twice: {line}");
            }
            cursor = page.header("nunchi-next-cursor").to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        let mut stored = Stored::new();
        for ((name, sequence), items) in found {
            assert_eq!(items.len() as u64, ITEMS, "log search finds request {sequence} of {name} in part");
            stored.entry(name).or_default().insert(sequence);
        }
        stored
    }

    /// Acknowledged traces are found whole by their ids, wherever they are.
    async fn by_trace_id(&self, random: &mut StdRng) {
        for (sender, wire, first, ledger) in self.of(Signal::Traces) {
            let acknowledged: Vec<u64> = ledger.acknowledged.range(first..).copied().collect();
            // A short cycle can end before each sender has its first acknowledgement.
            let Some(last) = acknowledged.last() else { continue };
            let chosen = (0..TRACES_LOOKED_UP).map(|_| acknowledged[random.random_range(0..acknowledged.len())]);
            for sequence in chosen.chain([*last]) {
                let path = format!("/api/v1/traces/{:032x}", trace_id(sender, sequence));
                let trace = self.api.ask(&path, &[("view", "raw")]).await;
                let spans = trace["spans"].as_array().expect("spans are a list");
                assert_eq!(spans.len() as u64, ITEMS, "request {sequence} of {}: {trace}", wire.name);
                assert!(spans.iter().all(|span| span["attributes"]["sequence"] == sequence), "{trace}");
            }
        }
    }
}

/// Unix seconds, as the API takes them.
fn seconds(nanos: u64) -> String {
    (nanos / 1_000_000_000).to_string()
}
