//! `kill -9` at random moments under load, with senders that write down every acknowledgement.
//!
//! ```text
//! acknowledged ⊆ stored ⊆ sent, and nothing twice
//! ```
//!
//! | file | what |
//! |---|---|
//! | `ledger.rs` | what one sender sent and what of it was acknowledged |
//! | `sender.rs` | sends one signal by one transport, as long as there is a server |
//! | `moment.rs` | when the kill comes |
//! | `account.rs` | what the server has, held against the ledgers: by SQL, by log search, by trace id |
//!
//! Each cycle sends, kills, starts again on the same folder and accounts for the cycle; the end accounts for everything.
//! Many a start is killed too, before it is through. `TEST_CRASH_CYCLES` says how many cycles (20), `TEST_CRASH_SEED`
//! which random moments.

mod account;
mod ledger;
mod moment;
mod sender;

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fmt};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::TestServer;
use tokio::task::JoinSet;
use tokio::time::timeout;

use account::Account;
use ledger::{Cycle, Ledgers};
use moment::Moment;
use sender::{SENDERS, Sender, Target};

/// The memtable is flushed this often, so that some moments are within a flush.
const OPTIONS: &[&str] = &["--store-flush-interval", "1s", "--query-sql-rows-max", "5000000", "--log-filter", "info"];

/// A start is killed after so many milliseconds, unless it is ready by then.
const START_KILLED_MILLIS: std::ops::Range<u64> = 1..250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_records_survive_kill_minus_nine() {
    let cycles = number("TEST_CRASH_CYCLES", 20);
    let seed = number("TEST_CRASH_SEED", rand::random());
    println!("{cycles} cycles; repeat these moments with TEST_CRASH_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = TestServer::start(OPTIONS).await;
    let ledgers = Ledgers::new(SENDERS, now());
    let (mut senders, target) = start_senders(&ledgers);
    for cycle in 0..cycles {
        let moment = Moment::choose(&mut random);
        let this = load(&server, &ledgers, &target);
        moment.comes(&server, &ledgers).await;
        server.kill();
        let flushes = server.log().matches("flushed the memtable").count();
        target.send_replace(None);
        ledgers.settled().await;
        let starts = start_again(&mut server, &mut random).await;
        // Files that no commit lists: the kill came between the first block of a flush and its commit.
        let within = if server.log().contains("the catalog does not list") { " and within one" } else { "" };
        let account = Account::of_cycle(&server, &ledgers, &this, &mut random).await;
        println!("cycle {cycle}: killed {moment}, after {flushes} flushes{within}; {starts} starts; {account}");
    }
    stop_under_load(&mut server, &ledgers, &target, &mut random).await;
    drop(target);
    while senders.join_next().await.transpose().expect("no sender saw a wrong answer").is_some() {}
    println!("all: {}", Account::of_everything(&server, &ledgers, &mut random).await);
}

/// SIGTERM under load: what was acknowledged is in blocks, and nothing is left to replay.
async fn stop_under_load(server: &mut TestServer, ledgers: &Ledgers, target: &Target, random: &mut StdRng) {
    let this = load(server, ledgers, target);
    ledgers.acknowledged(200).await;
    server.terminate();
    let ended = server.ended().await;
    assert!(ended.success(), "after SIGTERM the server ended with {ended}:\n{}", server.log());
    target.send_replace(None);
    ledgers.settled().await;
    server.restart().await;
    let replayed = "replayed the write-ahead log frames=0 ";
    assert!(server.log().contains(replayed), "something was left to replay:\n{}", server.log());
    println!("stopped by SIGTERM; {}", Account::of_cycle(server, ledgers, &this, random).await);
}

/// Lets the senders send.
fn load(server: &TestServer, ledgers: &Ledgers, target: &Target) -> Cycle {
    let this = ledgers.begin_cycle();
    target.send_replace(Some(sender::Addresses {
        otlp_grpc: server.otlp_grpc().to_owned(),
        otlp_http: server.otlp_http().to_owned(),
    }));
    this
}

/// Starts the server again, killing every other start on its way: while it binds, reads its log or sweeps. Returns how
/// many starts it took.
async fn start_again(server: &mut TestServer, random: &mut StdRng) -> usize {
    let mut starts = 1;
    while random.random() {
        let patience = Duration::from_millis(random.random_range(START_KILLED_MILLIS));
        // A start that is given up is a process that is dropped, and with that killed.
        if timeout(patience, server.restart()).await.is_ok() {
            return starts;
        }
        starts += 1;
    }
    server.restart().await;
    starts
}

fn start_senders(ledgers: &Ledgers) -> (JoinSet<()>, Target) {
    let target = Target::new(None);
    let mut senders = JoinSet::new();
    for (index, wire) in SENDERS.iter().enumerate() {
        senders.spawn(Sender::new(index, *wire, ledgers.clone()).run(target.subscribe()));
    }
    (senders, target)
}

fn number<N: std::str::FromStr<Err: fmt::Debug>>(variable: &str, otherwise: N) -> N {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap_or_else(|error| panic!("{variable}: {error:?}")))
}

/// Nanoseconds since 1970, at the start of a second.
#[expect(clippy::disallowed_methods, reason = "records of the present, as a real sender's are")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    since.as_secs() * 1_000_000_000
}
