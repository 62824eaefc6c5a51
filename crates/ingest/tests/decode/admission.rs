//! What is not admitted is refused: a request for which there is no room as a whole, a series point by point.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use ingest::{Admission, DecodeErrorKind, Decoded, Encoding, Request, decode_admitted};
use model::{Signal, Table};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use proptest::prelude::*;
use prost::Message;

use crate::rows::RECEIVED;
use crate::strategies;

/// Room for so many bytes, and series that the number divides.
#[derive(Debug)]
struct Tight {
    room: usize,
    refused_of: u64,
    asked: BTreeSet<u64>,
}

impl Tight {
    fn new(room: usize, refused_of: u64) -> Self {
        Self { room, refused_of, asked: BTreeSet::new() }
    }
}

impl Admission for Tight {
    fn room(&mut self, bytes: usize) -> bool {
        self.room.checked_sub(bytes).map(|left| self.room = left).is_some()
    }

    fn series(&mut self, series_id: u64) -> bool {
        assert!(self.asked.insert(series_id), "a series is asked for once");
        !series_id.is_multiple_of(self.refused_of)
    }
}

fn request(signal: Signal, body: &[u8]) -> Request<'_> {
    Request { signal, encoding: Encoding::Protobuf, body, received: RECEIVED }
}

#[test]
fn records_of_two_bytes_are_counted_by_what_they_become() {
    let scope = ScopeLogs { log_records: vec![LogRecord::default(); 10_000], ..ScopeLogs::default() };
    let resource = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() };
    let body = ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec();
    assert!(body.len() < 50_000);
    let error = decode_admitted(&request(Signal::Logs, &body), &mut Tight::new(1 << 20, u64::MAX)).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::NoRoom);
    let mut admission = Tight::new(64 << 20, u64::MAX);
    let decoded = decode_admitted(&request(Signal::Logs, &body), &mut admission).unwrap();
    let (asked, taken) = ((64 << 20) - admission.room, decoded.batches[0].rows.get_array_memory_size());
    assert!(asked >= taken && asked < 4 * taken, "{asked} bytes were asked for and {taken} taken");
}

fn rows(decoded: &Decoded, table: Table) -> u64 {
    let batches = decoded.batches.iter().filter(|batch| batch.table == table);
    batches.map(|batch| batch.rows.num_rows() as u64).sum()
}

/// The series that have rows of their own.
fn described(decoded: &Decoded) -> BTreeSet<u64> {
    let batches = decoded.batches.iter().filter(|batch| batch.table == Table::Series);
    let ids = batches.flat_map(|batch| batch.rows["series_id"].as_primitive::<UInt64Type>().values().to_vec());
    ids.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn points_of_refused_series_leave_nothing_behind(sent in strategies::metrics(), refused_of in 1u64..4) {
        let body = sent.encode_to_vec();
        let request = request(Signal::Metrics, &body);
        let whole = ingest::decode(&request).unwrap();
        let decoded = decode_admitted(&request, &mut Tight::new(usize::MAX, refused_of)).unwrap();
        prop_assert_eq!(decoded.records + decoded.points_refused, whole.records);
        prop_assert_eq!(decoded.rejected, whole.rejected + decoded.points_refused);
        let refused = decoded.series_refused.len() as u64;
        prop_assert_eq!(described(&decoded).len() as u64 + refused, described(&whole).len() as u64);
        prop_assert!(decoded.series_refused.iter().all(|series_id| series_id.is_multiple_of(refused_of)));
        let points = [
            Table::MetricNumbers, Table::MetricHistograms, Table::MetricExpHistograms, Table::MetricSummaries,
        ];
        prop_assert_eq!(points.iter().map(|table| rows(&decoded, *table)).sum::<u64>(), decoded.records);
        // The same decision makes the same rows: this is what replay rests on.
        let again = decode_admitted(&request, &mut Tight::new(usize::MAX, refused_of)).unwrap();
        prop_assert_eq!(
            again.batches.iter().map(|batch| &batch.rows).collect::<Vec<_>>(),
            decoded.batches.iter().map(|batch| &batch.rows).collect::<Vec<_>>()
        );
    }
}
