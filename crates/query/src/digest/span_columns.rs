//! The spans of a batch as stitching sees them: borrowed from its columns.

use arrow::array::{
    Array, AsArray, BinaryViewArray, FixedSizeBinaryArray, Int32Array, Int64Array, ListArray, RecordBatch,
    StringViewArray, UInt64Array,
};
use arrow::datatypes::TimestampNanosecondType;
use model::{Attributes, SpanId, TraceId, UnixNanos};
use stitch::{SpanInput, SpanKind};

use super::said::{HostColumn, Said, cut_name};

/// The columns of a batch of `spans` that stitching asks for. Names are cut: see [`cut_name`].
#[derive(Debug)]
pub(crate) struct SpanColumns<'a> {
    start: &'a [i64],
    duration_ns: &'a [i64],
    received: &'a [i64],
    trace_id: &'a FixedSizeBinaryArray,
    span_id: &'a FixedSizeBinaryArray,
    parent_span_id: &'a FixedSizeBinaryArray,
    trace_state: &'a StringViewArray,
    name: &'a StringViewArray,
    kind: &'a [i32],
    status_code: &'a [i32],
    links: &'a ListArray,
    attributes: &'a BinaryViewArray,
    service: &'a StringViewArray,
    environment: &'a StringViewArray,
    hosts: HostColumn<'a>,
}

impl<'a> SpanColumns<'a> {
    /// The names of the columns.
    pub(crate) const NAMES: [&'static str; 16] = [
        "start_time",
        "duration_ns",
        "received_time",
        "trace_id",
        "span_id",
        "parent_span_id",
        "trace_state",
        "name",
        "kind",
        "status_code",
        "links",
        "attributes",
        "service_name",
        "deployment_environment",
        "resource_id",
        "resource_attributes",
    ];

    /// Of a batch that has at least [`Self::NAMES`].
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("a batch has all columns of its table");
        let times = |name: &str| &column(name).as_primitive::<TimestampNanosecondType>().values()[..];
        let ints = |name: &str| &as_array::<Int32Array>(column(name)).values()[..];
        Self {
            start: times("start_time"),
            duration_ns: as_array::<Int64Array>(column("duration_ns")).values(),
            received: times("received_time"),
            trace_id: column("trace_id").as_fixed_size_binary(),
            span_id: column("span_id").as_fixed_size_binary(),
            parent_span_id: column("parent_span_id").as_fixed_size_binary(),
            trace_state: column("trace_state").as_string_view(),
            name: column("name").as_string_view(),
            kind: ints("kind"),
            status_code: ints("status_code"),
            links: column("links").as_list(),
            attributes: column("attributes").as_binary_view(),
            service: column("service_name").as_string_view(),
            environment: column("deployment_environment").as_string_view(),
            hosts: HostColumn::new(
                as_array::<UInt64Array>(column("resource_id")).values(),
                column("resource_attributes").as_binary_view(),
            ),
        }
    }

    /// When each was received.
    pub(crate) fn received(&self) -> &'a [i64] {
        self.received
    }

    /// When it began.
    pub(crate) fn start(&self, row: usize) -> UnixNanos {
        UnixNanos::new(self.start[row])
    }

    /// Its trace; `None` on a row without, which ingest never makes.
    pub(crate) fn trace_id(&self, row: usize) -> Option<TraceId> {
        id_at(self.trace_id, row).and_then(|id| TraceId::from_bytes(id).ok())
    }

    /// `deployment.environment.name` of its resource; empty where not said.
    pub(crate) fn environment(&self, row: usize) -> &'a str {
        name_at(self.environment, row)
    }

    /// The span as stitching sees it; `None` on a row without ids. Of two copies the later row is the newer.
    pub(crate) fn input(&self, row: usize) -> Option<SpanInput<'a>> {
        let span_id = SpanId::from_bytes(id_at(self.span_id, row)?).ok()?;
        let said = Said::by(Attributes::new(self.attributes.value(row)));
        let kind = kind_of(self.kind[row]);
        Some(SpanInput {
            parent_span_id: id_at(self.parent_span_id, row).and_then(|id| SpanId::from_bytes(id).ok()),
            start: self.start(row),
            duration_ns: self.duration_ns[row],
            kind,
            service: name_at(self.service, row),
            host: self.hosts.at(row),
            caller_addresses: said.caller_addresses(),
            has_links: self.links.value_length(row) > 0,
            name: name_at(self.name, row),
            is_error: self.status_code[row] == 2,
            received_order: self.received[row].unsigned_abs(),
            peer: said.peer(kind),
            sampling_weight: stitch::sampling_weight(if self.trace_state.is_valid(row) {
                self.trace_state.value(row)
            } else {
                ""
            }),
            ..SpanInput::bare(span_id)
        })
    }
}

/// OTLP's number of a kind. What is none is as if it was not said.
pub(crate) fn kind_of(number: i32) -> SpanKind {
    match number {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn as_array<A: 'static>(column: &dyn Array) -> &A {
    column.as_any().downcast_ref().expect("a column has the type of its table")
}

fn id_at(ids: &FixedSizeBinaryArray, row: usize) -> Option<&[u8]> {
    ids.is_valid(row).then(|| ids.value(row))
}

fn name_at(texts: &StringViewArray, row: usize) -> &str {
    if texts.is_valid(row) { cut_name(texts.value(row)) } else { "" }
}
