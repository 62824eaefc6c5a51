//! A span at which a hop may begin or end.

use model::{SpanId, TraceId, UnixNanos};

use crate::SpanKind;

/// Which span of which trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanRef {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id in the trace.
    pub span_id: SpanId,
}

/// What a span says with a link: that its work goes on from another span's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Where the link leads: the span that was before.
    pub from: SpanRef,
    /// The span that has the link.
    pub to: SpanRef,
}

/// A span of a journey, as far as hops need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Which span.
    pub span: SpanRef,
    /// The span in the same trace that it names as its parent.
    pub parent_span_id: Option<SpanId>,
    /// `service.name`; empty where not said.
    pub service: String,
    /// Its kind.
    pub kind: SpanKind,
    /// When it started, by its sender's clock.
    pub start: UnixNanos,
    /// How long it took, nanoseconds; what is negative is taken as zero.
    pub duration_ns: i64,
    /// What it says of a message; all empty where it says nothing.
    pub messaging: Messaging,
}

/// The `messaging.…` attributes of a span. Empty text stands for what is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messaging {
    /// `messaging.system`.
    pub system: String,
    /// `messaging.destination.name`: the queue or topic.
    pub destination: String,
    /// `messaging.message.id`.
    pub message_id: String,
    /// `messaging.operation.type`.
    pub operation: String,
}

/// What tells one message from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey<'a> {
    /// `messaging.system`.
    pub system: &'a str,
    /// `messaging.destination.name`.
    pub destination: &'a str,
    /// `messaging.message.id`.
    pub message_id: &'a str,
}

/// What a span does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It makes the message or gives it to the queue.
    Sends,
    /// It takes the message from the queue, for others to process.
    Receives,
    /// It does what the message is about.
    Processes,
    /// Nothing that is known.
    Bystander,
}

impl Stop {
    /// What it does with a message: by the operation it names or, where it names none, by its kind.
    pub fn role(&self) -> Role {
        match (self.messaging.operation.as_str(), self.kind) {
            ("publish" | "send" | "create", _) => Role::Sends,
            ("receive", _) => Role::Receives,
            ("process" | "deliver", _) => Role::Processes,
            ("", SpanKind::Producer) => Role::Sends,
            ("", SpanKind::Consumer) => Role::Processes,
            _ => Role::Bystander,
        }
    }

    /// The message it is about; `None` where it does not say enough to tell it from others.
    pub fn message(&self) -> Option<MessageKey<'_>> {
        let Messaging { system, destination, message_id, .. } = &self.messaging;
        let says_all = [system, destination, message_id].into_iter().all(|text| !text.is_empty());
        says_all.then_some(MessageKey { system, destination, message_id })
    }

    /// When it ended. Clamped to the ends of time.
    pub(super) fn end(&self) -> UnixNanos {
        UnixNanos::new(self.start.get().saturating_add(self.duration_ns.max(0)))
    }
}

impl Role {
    /// Whether it is on the far side of the queue.
    pub fn takes(self) -> bool {
        matches!(self, Self::Receives | Self::Processes)
    }
}
