//! One span as stitching sees it: what decides its place in the tree, and nothing more.

use model::{SpanId, UnixNanos};

/// One arrived copy of a span. Every copy that was stored is given, duplicates included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanInput<'a> {
    /// The span's own id.
    pub span_id: SpanId,
    /// The id it names as its parent; `None` on a root.
    pub parent_span_id: Option<SpanId>,
    /// When it started, by its sender's clock.
    pub start: UnixNanos,
    /// How long it took, in nanoseconds; negative where the sender's clock went backwards.
    pub duration_ns: i64,
    /// Its role in a call.
    pub kind: SpanKind,
    /// `service.name`; empty when the sender did not say.
    pub service: &'a str,
    /// The operation.
    pub name: &'a str,
    /// Whether its status is `error`.
    pub is_error: bool,
    /// When it was received, in any unit: of two copies of one span the larger is the newer. Equal values are
    /// decided by position, the later one being the newer.
    pub received_order: u64,
}

impl SpanInput<'_> {
    /// When it ended by its own account: before its start if the duration is negative. Clamped to the ends of time.
    pub(crate) fn end_as_sent(&self) -> UnixNanos {
        UnixNanos::new(self.start.get().saturating_add(self.duration_ns))
    }
}

/// OTLP's span kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Not said. Taken as no evidence of anything.
    Unspecified,
    /// Work inside one process.
    Internal,
    /// The receiving side of a call.
    Server,
    /// The calling side of a call.
    Client,
    /// The sending side of a message.
    Producer,
    /// The receiving side of a message.
    Consumer,
}

impl SpanKind {
    /// The kind in one lower-case word, as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            SpanKind::Unspecified => "unspecified",
            SpanKind::Internal => "internal",
            SpanKind::Server => "server",
            SpanKind::Client => "client",
            SpanKind::Producer => "producer",
            SpanKind::Consumer => "consumer",
        }
    }

    /// Whether such a span and its parent run in one process: only the receiving side of a call has its parent in
    /// another one. A kind that is not said says nothing.
    pub(crate) const fn begins_in_parents_process(self) -> bool {
        matches!(self, SpanKind::Internal | SpanKind::Client | SpanKind::Producer)
    }
}
