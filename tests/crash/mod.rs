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
//! | `account.rs` | what the server has, held against the ledgers: by SQL, by log search, by trace id |
//!
//! Each cycle sends, kills, starts again on the same folder and accounts for the cycle; the end accounts for everything.
//! `TEST_CRASH_CYCLES` says how many (20), `TEST_CRASH_SEED` which random moments.

mod account;
mod ledger;
mod sender;

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fmt};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::{TestServer, pause};
use tokio::task::JoinSet;

use account::Account;
use ledger::{Cycle, Ledgers};
use sender::{SENDERS, Sender, Target};

/// The memtable is flushed this often, so that some moments are within a flush.
const OPTIONS: &[&str] = &["--store-flush-interval", "1s", "--query-sql-rows-max", "5000000", "--log-filter", "info"];

/// Requests acknowledged in a cycle before the kill: from less than the first group to beyond the next flush.
const ACKNOWLEDGED: std::ops::Range<usize> = 20..1_200;

/// The kill does not wait for an acknowledgement: it comes so much later.
const LATER_MICROS: std::ops::Range<u64> = 0..5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_records_survive_kill_minus_nine() {
    let cycles = number("TEST_CRASH_CYCLES", 20);
    let seed = number("TEST_CRASH_SEED", rand::random());
    println!("{cycles} cycles; repeat these moments with TEST_CRASH_SEED={seed}");
    let mut moments = StdRng::seed_from_u64(seed);
    let mut server = TestServer::start(OPTIONS).await;
    let ledgers = Ledgers::new(SENDERS, now());
    let (mut senders, target) = start_senders(&ledgers);
    for cycle in 0..cycles {
        let wanted = moments.random_range(ACKNOWLEDGED);
        let later = Duration::from_micros(moments.random_range(LATER_MICROS));
        let this = load(&server, &ledgers, &target, wanted).await;
        pause(later).await;
        server.kill();
        let flushes = server.log().matches("flushed the memtable").count();
        target.send_replace(None);
        ledgers.settled().await;
        server.restart().await;
        let account = Account::of_cycle(&server, &ledgers, &this).await;
        // Files that no commit lists: the kill came between the first block of a flush and its commit.
        let within = if server.log().contains("the catalog does not list") { " and within one" } else { "" };
        println!("cycle {cycle}: killed after {wanted} acknowledgements, {flushes} flushes{within}; {account}");
    }
    stop_under_load(&mut server, &ledgers, &target).await;
    drop(target);
    while senders.join_next().await.transpose().expect("no sender saw a wrong answer").is_some() {}
    println!("all: {}", Account::of_everything(&server, &ledgers, &mut moments).await);
}

/// SIGTERM under load: what was acknowledged is in blocks, and nothing is left to replay.
async fn stop_under_load(server: &mut TestServer, ledgers: &Ledgers, target: &Target) {
    let this = load(server, ledgers, target, 200).await;
    server.terminate();
    let ended = server.ended().await;
    assert!(ended.success(), "after SIGTERM the server ended with {ended}:\n{}", server.log());
    target.send_replace(None);
    ledgers.settled().await;
    server.restart().await;
    let replayed = "replayed the write-ahead log frames=0 ";
    assert!(server.log().contains(replayed), "something was left to replay:\n{}", server.log());
    println!("stopped by SIGTERM; {}", Account::of_cycle(server, ledgers, &this).await);
}

/// Lets the senders send until so many requests were acknowledged.
async fn load(server: &TestServer, ledgers: &Ledgers, target: &Target, acknowledged: usize) -> Cycle {
    let this = ledgers.begin_cycle();
    target.send_replace(Some(sender::Addresses {
        otlp_grpc: server.otlp_grpc().to_owned(),
        otlp_http: server.otlp_http().to_owned(),
    }));
    ledgers.acknowledged(acknowledged).await;
    this
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
