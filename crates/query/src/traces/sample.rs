//! One trace among many of one operation: how long it took, what it waited for, and what its span says of itself.
//!
//! Traces are read one by one and forgotten; what stays of each is a sample, within limits.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Attributes, SpanId, Table, TraceId, UnixNanos, Value};
use stitch::{OperationTime, Source, Surroundings, Trace, TraceSample};

use super::profile::ProfileQuestion;
use super::row::SpanRow;
use super::story::inputs;
use crate::cells::Cells;
use crate::record_fields::{RecordFields, TextRow};
use crate::resource::resource_matches;

/// Services and operations are told apart by so many bytes of their names. Real ones are shorter.
const NAME_BYTES_MAX: usize = 256;

/// Longer values are not compared: what is so long is a statement or a stack trace, which few traces share.
const VALUE_BYTES_MAX: usize = 256;

/// Operations of one trace that are kept, those with the most time. A path rarely goes through more, and what the rest has
/// is little.
const OPERATIONS_MAX: usize = 1_000;

/// What is kept of one trace.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) trace_id: TraceId,
    /// The operation's span; of several in the trace the first.
    pub(super) span_id: SpanId,
    pub(super) start: UnixNanos,
    pub(super) duration_ns: u64,
    pub(super) is_error: bool,
    operations: Vec<OwnTime>,
    attributes: Vec<(Arc<str>, Arc<str>)>,
}

/// An [`OperationTime`] that outlives its trace.
#[derive(Debug)]
struct OwnTime {
    service: Arc<str>,
    operation: Arc<str>,
    spans: usize,
    self_ns: u64,
    failed_self_ns: u64,
}

/// Texts that samples share, each kept once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    known: HashSet<Arc<str>>,
    bytes: usize,
}

impl Texts {
    /// Bytes of all texts and of what refers to them, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn of(&mut self, text: &str) -> Arc<str> {
        self.bytes += size_of::<OwnTime>();
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.bytes += text.len() + size_of::<Arc<str>>();
        self.known.insert(Arc::clone(&text));
        text
    }

    fn of_name(&mut self, name: &str) -> Arc<str> {
        let end = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= NAME_BYTES_MAX).last();
        self.of(&name[..end.unwrap_or_default()])
    }
}

impl Sample {
    /// The sample of a trace whose spans these are; `None` if none of them is meant by the question.
    pub(super) fn of(
        (spans, surroundings): (&[SpanRow], &Surroundings<'_>),
        meant: &HashSet<SpanId>,
        question: &ProfileQuestion,
        texts: &mut Texts,
    ) -> Option<Self> {
        let inputs = inputs(spans);
        let story = stitch::stitch_within(Trace::of_spans(&inputs), surroundings);
        let is_meant = |source: Source<'_>| match source {
            Source::Arrived(at) => {
                let SpanRow { span_id, service, name, .. } = &spans[at];
                (meant.contains(span_id) && *service == question.service && *name == question.operation).then_some(at)
            }
            Source::Phantom { .. } | Source::Logged { .. } => None,
        };
        let found = story.rows.iter().enumerate().filter_map(|(row, shown)| Some((row, is_meant(shown.source)?)));
        let (row, at) = found.min_by_key(|(row, _)| story.rows[*row].start)?;
        let path = stitch::critical_path(&story, &inputs, row)?;
        let span = &spans[at];
        let times = path.by_operation(&story, &inputs).into_iter().take(OPERATIONS_MAX);
        let operations = times.map(|time| OwnTime::of(time, texts)).collect();
        let start = story.rows[row].start;
        let (duration_ns, is_error, trace_id, span_id) =
            (path.duration_ns(), span.is_error(), span.trace_id, span.span_id);
        Some(Self { trace_id, span_id, start, duration_ns, is_error, operations, attributes: compared(span, texts) })
    }

    /// The path's time by operation, for comparing.
    pub(super) fn operations(&self) -> Vec<OperationTime<'_>> {
        let times = self.operations.iter().map(|time| {
            let OwnTime { service, operation, spans, self_ns, failed_self_ns } = time;
            let (spans, self_ns, failed_self_ns) = (*spans, *self_ns, *failed_self_ns);
            OperationTime { service, operation, spans, self_ns, failed_self_ns }
        });
        times.collect()
    }

    /// Keys and values, for comparing.
    pub(super) fn attributes(&self) -> Vec<(&str, &str)> {
        self.attributes.iter().map(|(key, value)| (&**key, &**value)).collect()
    }

    /// The sample as the comparison sees it, of [`Self::operations`] and [`Self::attributes`].
    pub(super) fn borrowed<'a>(
        &self,
        operations: &'a [OperationTime<'a>],
        attributes: &'a [(&'a str, &'a str)],
    ) -> TraceSample<'a> {
        TraceSample { duration_ns: self.duration_ns, is_error: self.is_error, operations, attributes }
    }
}

impl OwnTime {
    fn of(time: OperationTime<'_>, texts: &mut Texts) -> Self {
        let OperationTime { service, operation, spans, self_ns, failed_self_ns } = time;
        let (service, operation) = (texts.of_name(service), texts.of_name(operation));
        Self { service, operation, spans, self_ns, failed_self_ns }
    }
}

/// The ids of the spans that pass everything asked, in batches with all columns of `spans`.
pub(super) fn meant_by(question: &ProfileQuestion, batches: &[RecordBatch]) -> HashSet<SpanId> {
    let mut meant = HashSet::new();
    for batch in batches {
        let cells = Cells::new(batch);
        let fields = RecordFields::new(Table::Spans, cells);
        for row in 0..batch.num_rows() {
            let start = cells.time("start_time", row).unwrap_or_default();
            let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
            let passes = cells.text("service_name", row).unwrap_or_default() == question.service
                && cells.text("name", row).unwrap_or_default() == question.operation
                && question.range.contains(start)
                && question.selectors.as_ref().is_none_or(|selectors| resource_matches(selectors, resource))
                && question.text.as_ref().is_none_or(|text| text.matches(&TextRow { fields: &fields, row }));
            if let Some(id) = cells.bytes("span_id", row).filter(|_| passes) {
                meant.extend(SpanId::from_bytes(id));
            }
        }
    }
    meant
}

/// What the span and its resource say, as far as it is a scalar.
fn compared(span: &SpanRow, texts: &mut Texts) -> Vec<(Arc<str>, Arc<str>)> {
    let mut pairs = Vec::new();
    for (key, value) in span.attributes.iter().chain(&span.resource) {
        let Some(text) = value_as_text(value).filter(|text| text.len() <= VALUE_BYTES_MAX) else { continue };
        if key.len() <= NAME_BYTES_MAX {
            pairs.push((texts.of(key), texts.of(&text)));
        }
    }
    pairs
}

/// A scalar as SQL and text queries see it.
fn value_as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(value) => Some(Cow::Owned(value.to_string())),
        Value::Int(value) => Some(Cow::Owned(value.to_string())),
        Value::Float(value) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Bytes(_) | Value::List(_) | Value::Map(_) => None,
    }
}
