//! What of one trace arrived: its spans, and the log records that name it.

use model::{SpanId, UnixNanos};

use crate::SpanInput;

/// Everything that arrived of one trace, in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trace<'s, 'a> {
    /// All copies of all of its spans.
    pub spans: &'s [SpanInput<'a>],
    /// The log records that carry its id. Of services that sent spans, too, they say nothing that those do not.
    pub mentions: &'s [LogMention<'a>],
}

/// One log record that names a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogMention<'a> {
    /// `service.name`; a record without one is evidence of no service.
    pub service: &'a str,
    /// The host by whose clock its time is, as of spans ([`HOST_KEYS`](crate::HOST_KEYS)); empty when not known.
    pub host: &'a str,
    /// The span that it names, if it names one.
    pub span_id: Option<SpanId>,
    /// When it was written, by its host's clock.
    pub time: UnixNanos,
}

impl<'s, 'a> Trace<'s, 'a> {
    /// Of spans alone.
    pub const fn of_spans(spans: &'s [SpanInput<'a>]) -> Self {
        Self { spans, mentions: &[] }
    }
}
