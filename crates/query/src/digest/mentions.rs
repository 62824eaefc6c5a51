//! Log records that name a trace, of services that sent no spans of it.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, FixedSizeBinaryArray, RecordBatch, StringViewArray, UInt64Array};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use model::{SpanId, TraceId, UnixNanos};
use stitch::{LogMention, SpanInput};

use super::said::{HostColumn, cut_name};

/// Log records of one trace that are told to stitching: more of services that only logged say nothing new but of one more
/// service, and there are not so many.
const RECORDS_MAX: usize = 1_000;

/// The log records of some batches that carry a trace id, by trace.
#[derive(Debug)]
pub(crate) struct Mentions<'a> {
    columns: Vec<LogColumns<'a>>,
    /// Trace, batch, row: ordered, so that records of one trace are neighbours.
    places: Vec<(TraceId, u32, u32)>,
}

#[derive(Debug)]
struct LogColumns<'a> {
    time: &'a [i64],
    span_id: &'a FixedSizeBinaryArray,
    service: &'a StringViewArray,
    hosts: HostColumn<'a>,
}

impl<'a> Mentions<'a> {
    /// The names of the columns that are asked for.
    pub(super) const NAMES: [&'static str; 6] =
        ["time", "trace_id", "span_id", "service_name", "resource_id", "resource_attributes"];

    /// Of batches of `logs`.
    pub(super) fn of(batches: &'a [Arc<RecordBatch>]) -> Self {
        Self::of_rows(batches.iter().map(AsRef::as_ref))
    }

    /// The same, wherever the batches are.
    pub(crate) fn of_rows(batches: impl Iterator<Item = &'a RecordBatch>) -> Self {
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for (number, batch) in (0..).zip(batches) {
            let column = |name: &str| batch.column_by_name(name).expect("a batch has all columns of its table");
            let ids = column("trace_id").as_fixed_size_binary();
            let id = |row| ids.is_valid(row).then(|| TraceId::from_bytes(ids.value(row)).ok()).flatten();
            let named = (0..ids.len()).filter_map(|row| Some((id(row)?, number, u32::try_from(row).ok()?)));
            places.extend(named);
            let resource_ids: &UInt64Array = column("resource_id").as_primitive::<UInt64Type>();
            columns.push(LogColumns {
                time: column("time").as_primitive::<TimestampNanosecondType>().values(),
                span_id: column("span_id").as_fixed_size_binary(),
                service: column("service_name").as_string_view(),
                hosts: HostColumn::new(resource_ids.values(), column("resource_attributes").as_binary_view()),
            });
        }
        places.sort_unstable();
        Self { columns, places }
    }

    /// Those of a trace, of services of which none of these spans is: of others they say nothing.
    pub(crate) fn beside(&self, trace: TraceId, spans: &[SpanInput<'_>]) -> Vec<LogMention<'a>> {
        let from = self.places.partition_point(|(id, ..)| *id < trace);
        let of_trace = self.places[from..].iter().take_while(|(id, ..)| *id == trace);
        let mut services: Option<HashSet<&str>> = None;
        let mut mentions = Vec::new();
        for (_, batch, row) in of_trace {
            let (columns, row) = (&self.columns[*batch as usize], *row as usize);
            let service = if columns.service.is_valid(row) { cut_name(columns.service.value(row)) } else { "" };
            let heard = services.get_or_insert_with(|| spans.iter().map(|span| span.service).collect());
            if mentions.len() < RECORDS_MAX && !heard.contains(service) {
                mentions.push(columns.mention(row, service));
            }
        }
        mentions
    }
}

impl<'a> LogColumns<'a> {
    fn mention(&self, row: usize, service: &'a str) -> LogMention<'a> {
        let span_id = self.span_id.is_valid(row).then(|| SpanId::from_bytes(self.span_id.value(row)).ok()).flatten();
        LogMention { service, host: self.hosts.at(row), span_id, time: UnixNanos::new(self.time[row]) }
    }
}
