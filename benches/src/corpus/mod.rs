//! The bodies of export requests, each a pure function of its number.
//!
//! | file | what |
//! |---|---|
//! | `dice.rs` | pseudo-random numbers that are the same everywhere |
//! | `fleet.rs` | services, their pods and what a collector says about them |
//! | `attribute.rs` | OTLP attributes, briefly written |
//! | `phrase.rs` | text with varying words, ids and numbers |
//! | `logs.rs`, `spans.rs`, `points.rs` | the records of each signal |
//!
//! A request is what a collector's batch processor sends: a thousand records of about ten pods.

mod attribute;
mod dice;
mod fleet;
mod logs;
mod phrase;
mod points;
mod spans;

use model::{Signal, UnixNanos};

use dice::Dice;
use fleet::Fleet;
pub use logs::{TRACED_OF_TEN as LOGS_TRACED_OF_TEN, needle};
pub use spans::SPANS_PER_TRACE;

/// Records of one request.
pub const RECORDS_PER_REQUEST: u64 = 1_000;

/// All requests of one signal.
#[derive(Debug)]
pub struct Corpus {
    signal: Signal,
    start_unix_nanos: u64,
    fleet: Fleet,
}

impl Corpus {
    /// Requests of the signal whose records begin at `start`. Later requests carry later records.
    pub fn new(signal: Signal, start: UnixNanos) -> Self {
        Self { signal, start_unix_nanos: start.get().max(0).unsigned_abs(), fleet: Fleet::new() }
    }

    /// Request number `request` in protobuf: [`RECORDS_PER_REQUEST`] records.
    pub fn body(&self, request: u64) -> Vec<u8> {
        match self.signal {
            Signal::Logs => logs::body(&self.fleet, self.start_unix_nanos, request),
            Signal::Traces => spans::body(&self.fleet, self.start_unix_nanos, request),
            Signal::Metrics => points::body(&self.fleet, self.start_unix_nanos, request),
        }
    }
}

/// The id of trace number `trace`. Request number n of spans carries the traces from n × 100 on.
pub fn trace_id(trace: u64) -> [u8; 16] {
    let mut dice = Dice::new("trace", trace);
    dice.bytes()
}

#[cfg(test)]
mod tests {
    use ingest::{Encoding, Request, decode};

    use super::*;

    const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

    /// A thousand clean records a request, and about as many bytes each as real ones have.
    #[track_caller]
    fn check(signal: Signal, bytes_per_record: std::ops::Range<usize>) {
        let corpus = Corpus::new(signal, START);
        let mut bytes = 0;
        for number in 0..10 {
            let body = corpus.body(number);
            assert_eq!(body, Corpus::new(signal, START).body(number), "the same in every run");
            bytes += body.len();
            let request = Request { signal, encoding: Encoding::Protobuf, body: &body, received: START };
            let decoded = decode(&request).unwrap();
            assert_eq!((decoded.records, decoded.rejected, decoded.marked), (RECORDS_PER_REQUEST, 0, 0));
        }
        let average = bytes / (10 * RECORDS_PER_REQUEST as usize);
        assert!(bytes_per_record.contains(&average), "{average} bytes per record of {signal}");
    }

    #[test]
    fn records_are_clean_and_of_ordinary_size() {
        check(Signal::Logs, 330..350);
        check(Signal::Traces, 385..415);
        check(Signal::Metrics, 105..115);
    }
}
