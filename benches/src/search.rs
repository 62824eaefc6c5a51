//! `search`: how long it takes to find log records, and to count and group them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use benches::needle;
use clap::Args;
use model::{Signal, UnixNanos};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};

use crate::latencies::Latencies;
use crate::load::{Load, LoadArguments};
use crate::report::{Report, grouped, milliseconds};
use crate::server::{Server, ServerArguments};
use crate::settled::{SETTLE_SOON, blocks_when_settled};

/// Rounds before it is measured: the files are in the page cache and footers in memory then.
const WARM_UP_ROUNDS: u64 = 3;

/// Counting and grouping is asked over so many records.
const COUNTED_RECORDS: u64 = 1_000_000;

/// Records of a second in the corpus.
const RECORDS_PER_SECOND: u64 = 10_000;

/// How much to search.
#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// Log records in all
    #[arg(long, default_value_t = 10_000_000, value_name = "COUNT")]
    records: u64,
    /// How often each question is asked
    #[arg(long, default_value_t = 50, value_name = "COUNT")]
    rounds: u64,
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Fills a fresh server, waits until it has come to rest, and asks each question over and over.
pub(crate) fn run(arguments: &SearchArguments, start: UnixNanos) -> Result<Report> {
    let load = Arc::new(Load::prepare(Signal::Logs, start, arguments.records, &arguments.load)?);
    let records = load.records();
    let server = Server::start(&arguments.server, &SETTLE_SOON)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        load.send(server.addresses(), &arguments.load).await?;
        let client = Client::builder().no_proxy().build()?;
        let blocks = blocks_when_settled(&client, &server, "logs", records).await?;
        let asker = Asker { client, api: format!("http://{}/api/v1", server.addresses().api), start, records };

        let mut report = Report::default();
        report.add("records", grouped(records));
        report.add("blocks", grouped(blocks));
        for question in QUESTIONS {
            let times = asker.ask(question, arguments.rounds).await?;
            let (middle, slow) = (times.percentile(50), times.percentile(99));
            report.add(question.name, format!("{} / {}", milliseconds(middle), milliseconds(slow)));
        }
        Ok(report)
    })
}

/// A question with a name, and how many rows or records its answer must have.
#[derive(Clone, Copy, Debug)]
struct Question {
    name: &'static str,
    ask: fn(&Asker, u64) -> RequestBuilder,
    is_right: fn(&Value) -> bool,
}

const QUESTIONS: &[Question] = &[
    Question { name: "needle", ask: |asker, round| asker.logs(&needle(asker.needle(round)), 10), is_right: is_one },
    Question {
        name: "absent word",
        ask: |asker, round| asker.logs(&format!("absent{round}word"), 10),
        is_right: |answer| logs_in(answer) == 0,
    },
    Question { name: "newest 10", ask: |asker, _| asker.logs("", 10), is_right: are_ten },
    Question { name: "newest 10 matching", ask: |asker, _| asker.logs("timeout OR refused", 10), is_right: are_ten },
    Question {
        name: "newest 10 of a phrase",
        ask: |asker, _| asker.logs("\"gave up after 3 attempts\"", 10),
        is_right: are_ten,
    },
    Question {
        name: "newest 10 by selector",
        ask: |asker, _| asker.get("logs", &[("selector", "app in (checkout,payment),squad=payments"), ("limit", "10")]),
        is_right: are_ten,
    },
    Question {
        name: "newest 10 by attribute",
        ask: |asker, _| asker.logs("http.response.status_code:500", 10),
        is_right: are_ten,
    },
    Question {
        name: "phrase count of 1 M",
        ask: |asker, _| asker.histogram("\"took message\""),
        is_right: |answer| answer["coverage"]["rows_returned"].as_u64().is_some_and(|rows| rows > 0),
    },
    Question {
        name: "count of 1 M by minute",
        ask: |asker, _| asker.histogram(""),
        is_right: |answer| answer["coverage"]["rows_returned"].as_u64().is_some_and(|rows| rows > 0),
    },
    Question {
        name: "group 1 M by attribute",
        ask: |asker, _| asker.group_by("attributes['http.request.method']"),
        is_right: |answer| answer["rows"].as_array().is_some_and(|rows| rows.len() == 4),
    },
];

fn logs_in(answer: &Value) -> usize {
    answer["logs"].as_array().map_or(usize::MAX, Vec::len)
}

fn is_one(answer: &Value) -> bool {
    logs_in(answer) == 1
}

fn are_ten(answer: &Value) -> bool {
    logs_in(answer) == 10
}

/// Asks over one connection.
#[derive(Debug)]
struct Asker {
    client: Client,
    api: String,
    start: UnixNanos,
    records: u64,
}

impl Asker {
    /// Asks the question over and over; every answer must be right.
    async fn ask(&self, question: &Question, rounds: u64) -> Result<Latencies> {
        let mut times = Vec::new();
        for round in 0..WARM_UP_ROUNDS + rounds {
            let request = (question.ask)(self, round);
            let begun = Instant::now();
            let answer = request.send().await?;
            let (status, body) = (answer.status(), answer.bytes().await?);
            if round >= WARM_UP_ROUNDS {
                times.push(begun.elapsed());
            }
            let text = || String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned();
            ensure!(status.is_success(), "{}: {status}: {}", question.name, text());
            ensure!((question.is_right)(&serde_json::from_slice(&body)?), "{}: {}", question.name, text());
        }
        Ok(Latencies::new(times))
    }

    /// A record that has a needle, another one each round.
    fn needle(&self, round: u64) -> u64 {
        let needles = self.records / 1_000;
        (round * 7_919 % needles) * 1_000 + 500
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
        let url = Url::parse_with_params(&format!("{}/{path}", self.api), parameters);
        self.client.get(url.expect("an address and a path are a URL"))
    }

    fn logs(&self, text: &str, limit: u64) -> RequestBuilder {
        self.get("logs", &[("q", text), ("limit", &limit.to_string())])
    }

    fn counted_range(&self) -> (String, String) {
        let to = self.start.plus(Duration::from_secs(COUNTED_RECORDS / RECORDS_PER_SECOND));
        (self.start.to_string(), to.to_string())
    }

    fn histogram(&self, text: &str) -> RequestBuilder {
        let (from, to) = self.counted_range();
        self.get("logs/histogram", &[("q", text), ("from", &from), ("to", &to), ("step", "1m")])
    }

    fn group_by(&self, expression: &str) -> RequestBuilder {
        let (from, to) = self.counted_range();
        let query = format!("SELECT {expression} AS value, count(*) FROM logs GROUP BY 1 ORDER BY 2 DESC");
        self.client.post(format!("{}/sql", self.api)).json(&json!({"query": query, "from": from, "to": to}))
    }
}
