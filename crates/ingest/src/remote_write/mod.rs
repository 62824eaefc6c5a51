//! Prometheus remote write, versions 1 and 2, rewritten as the OTLP metrics that it stands for.
//!
//! | file | what |
//! |---|---|
//! | `request.rs` | which series a request has, whose they are, and of what kind |
//! | `labels.rs` | the labels of a series, checked |
//! | `points.rs` | samples, exemplars and native histograms as points of OTLP |
//! | `native_histogram.rs` | spans and deltas → buckets |
//!
//! ```text
//! WriteRequest ─ request ─ series, sorted by target ─┬─ Resource: service.* from job, service.instance.id from instance
//!                                                    └─ Metric: __name__ verbatim, the other labels as attributes
//! ```
//!
//! The scope is [`REMOTE_WRITE_SCOPE`], by which readers know that names and labels are Prometheus' own already. `job` of the
//! form `namespace/name` becomes both. Counters are monotonic cumulative sums; everything else is a gauge whose metadata say
//! `prometheus.type`, since `_bucket`, `_sum` and `_count` come as series of their own. A native histogram becomes an
//! exponential one, or one with explicit bounds where its bounds are custom; a gauge histogram has no temporality.
//!
//! Formats: `prompb/types.proto`, `prompb/remote.proto` and `io/prometheus/write/v2/types.proto` of Prometheus 3.

mod request;
mod labels;
mod points;
mod native_histogram;

use model::REMOTE_WRITE_SCOPE;

use self::points::{Course, HistogramKind, PointKind};
use self::request::{SeriesKind, WriteRequest, WrittenSeries};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::BODY_BYTES_MAX;
use crate::tally::Tally;
use crate::wire_writer::Writer;

/// Which of the two messages a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `prometheus.WriteRequest`
    One,
    /// `io.prometheus.write.v2.Request`
    Two,
}

/// The metrics request that a write request stands for. What cannot be kept is counted as refused.
pub(crate) fn to_protobuf(version: Version, body: &[u8], tally: &mut Tally<'_>) -> Result<Vec<u8>, DecodeError> {
    let request = WriteRequest::read(version, body, tally)?;
    let mut rewriting = Rewriting {
        version,
        symbols: &request.symbols,
        output: Writer::with_capacity(body.len()),
        tally,
        has_exemplars: false,
    };
    let mut asked = body.len();
    for same in request.series.chunk_by(|a, b| a.target() == b.target()) {
        let resource_metrics = rewriting.output.begin(1);
        rewriting.resource(same[0].target());
        let scope_metrics = rewriting.output.begin(2);
        let scope = rewriting.output.begin(1);
        rewriting.output.bytes(1, REMOTE_WRITE_SCOPE.as_bytes());
        rewriting.output.end(scope);
        for series in same {
            rewriting.has_exemplars = series.exemplars > 0;
            for kind in PointKind::ALL {
                rewriting.metric(series, kind)?;
            }
            asked = rewriting.room_beyond(asked)?;
        }
        rewriting.output.end(scope_metrics);
        rewriting.output.end(resource_metrics);
    }
    Ok(rewriting.output.into_bytes())
}

/// A request of OTLP in the making.
#[derive(Debug)]
struct Rewriting<'s, 't, 'a> {
    version: Version,
    symbols: &'s [&'s [u8]],
    output: Writer,
    tally: &'t mut Tally<'a>,
    /// Whether the series at hand has exemplars that are not written yet.
    has_exemplars: bool,
}

impl Rewriting<'_, '_, '_> {
    /// Asks for room where what was written is more than what was asked for. A symbol of version 2 may be named many times, so
    /// that a small body can become a large one.
    fn room_beyond(&mut self, asked: usize) -> Result<usize, DecodeError> {
        let written = self.output.position();
        if written <= asked {
            return Ok(asked);
        }
        if written > BODY_BYTES_MAX {
            let message = format!("the request becomes more than {BODY_BYTES_MAX} bytes; send smaller batches");
            return Err(DecodeError::new(DecodeErrorKind::TooLarge, message));
        }
        let room = written.saturating_add(asked);
        self.tally.take_room(room - asked)?;
        Ok(room)
    }

    fn resource(&mut self, (job, instance): (&str, &str)) {
        let resource = self.output.begin(1);
        let (namespace, name) = match job.split_once('/') {
            // Only what comes back as it was: the reader joins what is not empty.
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => (namespace, name),
            _ => ("", job),
        };
        let attributes = [("service.namespace", namespace), ("service.name", name), ("service.instance.id", instance)];
        for (key, value) in attributes.into_iter().filter(|(_, value)| !value.is_empty()) {
            self.attribute(1, key, value);
        }
        self.output.end(resource);
    }

    fn metric(&mut self, series: &WrittenSeries<'_>, kind: PointKind) -> Result<(), DecodeError> {
        if !series.has(kind) {
            return Ok(());
        }
        let metric = self.output.begin(2);
        self.output.bytes(1, series.name.as_bytes());
        self.output.bytes(2, series.help);
        self.output.bytes(3, series.unit);
        let is_counter = series.kind == SeriesKind::Counter;
        let data = self.output.begin(kind.field(is_counter));
        self.points(series, kind)?;
        if kind == PointKind::Number && is_counter {
            self.output.varint(2, CUMULATIVE);
            self.output.varint(3, 1);
        } else if let PointKind::Histogram(HistogramKind { course: Course::Counter, .. }) = kind {
            self.output.varint(2, CUMULATIVE);
        }
        self.output.end(data);
        if let Some(word) = series.kind.word() {
            self.attribute(12, "prometheus.type", word);
        }
        self.output.end(metric);
        Ok(())
    }

    /// A `KeyValue` of text.
    fn attribute(&mut self, number: u32, key: &str, value: &str) {
        let attribute = self.output.begin(number);
        self.output.bytes(1, key.as_bytes());
        let any_value = self.output.begin(2);
        self.output.bytes(1, value.as_bytes());
        self.output.end(any_value);
        self.output.end(attribute);
    }

    /// Those labels that are attributes of points.
    fn labels(&mut self, number: u32, series: &WrittenSeries<'_>) {
        for label in series.attributes() {
            self.attribute(number, label.name, label.value);
        }
    }
}

/// OTLP's number for a value that accumulates.
const CUMULATIVE: u64 = 2;
