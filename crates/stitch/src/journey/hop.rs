//! One hop of a journey.

use model::UnixNanos;

use super::stop::SpanRef;

/// Work that goes from one span to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// By what it is known.
    pub kind: HopKind,
    /// Where the work was before.
    pub from: HopEnd,
    /// Where it goes on: of a message, the span that processes it where that is known.
    pub to: HopEnd,
    /// The span that took the message from the queue for `to` to process.
    pub through: Option<HopEnd>,
    /// The queue in between; `None` for a link that is not about a message.
    pub queue: Option<Queue>,
    /// When the work left `from`: its end or, where it went on after `to` had begun, its start. `None` where `from`
    /// has not arrived.
    pub sent_at: Option<UnixNanos>,
    /// When `to` began. `None` where it has not arrived.
    pub received_at: Option<UnixNanos>,
    /// From the one to the other, nanoseconds. Negative where the clocks of the two are apart by more than the wait.
    pub waiting_ns: Option<i64>,
    /// The facts it rests on; at least one.
    pub evidence: Vec<String>,
    /// How sure it is that the work took this way, 0 to 1 inclusive.
    pub confidence: f64,
}

/// By what a hop is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopKind {
    /// Within one trace: the span that takes a message names the one that sent it as its parent.
    Parent,
    /// A span links to the other.
    Link,
    /// Both name the same message.
    Message,
}

impl HopKind {
    /// The kind's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Link => "link",
            Self::Message => "message",
        }
    }
}

/// One end of a hop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HopEnd {
    /// Which span.
    pub span: SpanRef,
    /// Its service; `None` where the span has not arrived.
    pub service: Option<String>,
}

/// What a message waits in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Queue {
    /// `messaging.system`; empty where not said.
    pub system: String,
    /// `messaging.destination.name`; empty where not said.
    pub destination: String,
}
