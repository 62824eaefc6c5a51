//! The same data into a real Prometheus and into ours, the same questions to both, and what differs.
//!
//! | file | what |
//! |---|---|
//! | `data.rs` | series of every kind, from a seed |
//! | `queries.rs` | expressions by a grammar, from the same seed |
//!
//! ```text
//! cargo run -p promqltest --features wire --example prometheus -- PROMETHEUS [--ours server|evaluator] [--seed N] [--queries N]
//! ```
//!
//! `PROMETHEUS` is its program. `make test-prometheus` builds that and ours, and runs this with both. Ours is a server, the
//! program `NUNCHI_BIN`, unless it is to be the evaluator of this process, over the same series in memory. It ends with a
//! line `prometheus passed/total` and fails where anything differs.

#![allow(clippy::print_stdout, reason = "the tally is what this is for")]

mod data;
mod queries;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use promqltest::wire::{Respondent, difference, send};
use rand::SeedableRng;
use rand::rngs::StdRng;
use reqwest::Method;
use testkit::{Api, Process, TestServer, eventually};

use crate::queries::Queries;

/// Every experiment of the language.
const FEATURES: &str = "promql-experimental-functions,promql-delayed-name-removal,promql-binop-fill-modifiers,\
                        use-start-timestamps,st-storage";

/// Where our server has Prometheus' API.
const OUR_PREFIX: &str = "/prometheus";

/// When data begins, unix milliseconds: 2026-01-01. Always the same, as steps of subqueries lie on whole multiples.
const FROM: i64 = 1_767_225_600_000;

/// How much data there is, milliseconds: less than what Prometheus takes without order.
const SPAN: i64 = 2 * 3_600_000;

struct Arguments {
    prometheus: PathBuf,
    ours: Ours,
    seed: u64,
    queries: usize,
}

/// What is compared with Prometheus.
enum Ours {
    Server,
    Evaluator,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::read();
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let series = data::series(FROM, SPAN, &mut random);

    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let (_prometheus, theirs) = start_prometheus(&arguments.prometheus, folder.path()).await;
    send(&theirs, "/api/v1/write", &series).await;
    let theirs = Respondent::Http { api: theirs, prefix: "" };
    let (_server, ours) = match &arguments.ours {
        Ours::Server => {
            let server = TestServer::start(&[]).await;
            send(&server.api(), &format!("{OUR_PREFIX}/api/v1/write"), &series).await;
            let ours = Respondent::Http { api: server.api(), prefix: OUR_PREFIX };
            (Some(server), ours)
        }
        Ours::Evaluator => (None, Respondent::evaluator(&series)),
    };

    let mut queries = Queries::new(random);
    let (mut failures, mut empty) = (0, 0);
    for _ in 0..arguments.queries {
        let expr = queries.expr();
        for when in queries.whens(FROM, SPAN) {
            let (theirs, ours) = (theirs.ask(&expr, when).await, ours.ask(&expr, when).await);
            empty += usize::from(theirs.is_empty());
            if let Some(difference) = difference(&theirs, &ours) {
                failures += 1;
                println!("{expr}\n  {when:?}\n  {difference}");
            }
        }
    }
    let total = arguments.queries * Queries::WHENS;
    println!("prometheus {}/{total} (seed {}; {empty} are errors or empty)", total - failures, arguments.seed);
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Arguments {
    fn read() -> Self {
        let mut words = std::env::args().skip(1);
        let prometheus = words.next().expect("the first argument is the program of Prometheus").into();
        let mut arguments = Self { prometheus, ours: Ours::Server, seed: 1, queries: 300 };
        while let Some(option) = words.next() {
            let value = words.next().unwrap_or_else(|| panic!("{option} takes a value"));
            match option.as_str() {
                "--ours" => arguments.ours = if value == "evaluator" { Ours::Evaluator } else { Ours::Server },
                "--seed" => arguments.seed = value.parse().expect("a seed is a number"),
                "--queries" => arguments.queries = value.parse().expect("how many is a number"),
                _ => panic!("there is no option {option}"),
            }
        }
        arguments
    }
}

/// The process, and its API.
async fn start_prometheus(program: &std::path::Path, folder: &std::path::Path) -> (Process, Api) {
    let config = folder.join("prometheus.yml");
    std::fs::write(&config, "global: {}\n").expect("the folder is ours");
    let mut command = Command::new(program);
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .args(["--web.listen-address=127.0.0.1:0", "--web.enable-remote-write-receiver"])
        .arg(format!("--enable-feature={FEATURES}"));
    let mut process = Process::start("Prometheus", &mut command);
    let address = |line: &str| {
        let (_, address) = line.split_once("msg=\"Listening on\"")?.1.split_once("address=")?;
        Some(address.split_whitespace().next()?.to_owned())
    };
    let api = Api::new(process.says("where it listens", address).await);
    eventually("Prometheus to be ready", async || {
        let reply = api.try_send(api.request(Method::GET, "/-/ready")).await.ok()?;
        reply.status.is_success().then_some(())
    })
    .await;
    (process, api)
}
