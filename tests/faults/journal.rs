//! What was sent and acknowledged, held against what is stored.

use std::collections::BTreeSet;

use prost::Message;
use rand::RngExt;
use serde_json::Value;
use testkit::TestServer;
use testkit::request::{logs, record};

use crate::wire::{Answer, Compression, Request, Signal, Transport};

/// When the records are from; the hour does not matter.
const TIME: u64 = 1_795_500_000_000_000_000;

/// Sends log records, each with a number of its own, and writes down how that ended.
#[derive(Debug, Default)]
pub(super) struct Journal {
    sent: u64,
    acknowledged: BTreeSet<u64>,
}

impl Journal {
    /// Sends one record with a body of so many bytes that do not compress.
    pub(super) async fn send(&mut self, server: &TestServer, transport: Transport, bytes: usize) -> Answer {
        self.sent += 1;
        let number = self.sent;
        let mut random = rand::rng();
        let noise: String = (0..bytes).map(|_| char::from(random.random_range(b'!'..=b'~'))).collect();
        let request = logs("faults", [record(TIME + number, format!("{number} {noise}"))]);
        let body = match transport {
            Transport::HttpJson => serde_json::to_vec(&request).unwrap(),
            Transport::Grpc | Transport::HttpProtobuf => request.encode_to_vec(),
        };
        let answer = Request::new(Signal::Logs, &body, Compression::None).send(server, transport).await;
        if answer.is_success() {
            self.acknowledged.insert(number);
        }
        answer
    }

    /// Acknowledged ⊆ stored ⊆ sent, each once.
    pub(super) async fn check(&self, server: &TestServer, when: &str) {
        let query = "SELECT CAST(split_part(body, ' ', 1) AS BIGINT), count(*) FROM logs GROUP BY 1";
        let mut stored = BTreeSet::new();
        for row in server.api().sql(query).await {
            let (number, count) = (row[0].as_u64().unwrap(), &row[1]);
            assert_eq!(*count, Value::from(1), "{when}: record {number} is stored more than once");
            stored.insert(number);
        }
        let lost: Vec<&u64> = self.acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "{when}: {lost:?} were acknowledged and are lost");
        assert!(stored.iter().all(|number| (1..=self.sent).contains(number)), "{when}: {stored:?} of {}", self.sent);
    }

    /// How many were acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }
}
