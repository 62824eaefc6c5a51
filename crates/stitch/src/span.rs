//! One span as stitching sees it: what decides its place in the tree, and nothing more.

use model::{SpanId, UnixNanos};

use crate::Peer;

/// One arrived copy of a span. Every copy that was stored is given, duplicates included.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// The host by whose clock its times are; empty when not known. [`HOST_KEYS`] says which attribute of the resource
    /// that is. Spans of one host are never moved against each other.
    pub host: &'a str,
    /// On the receiving side of a call, where the call came from: `client.address` and `network.peer.address` (or their
    /// older names), the likelier first; empty where not said, and on other kinds of spans.
    pub caller_addresses: [&'a str; 2],
    /// What it says of the other side of its call. Only the graph of services asks ([`calls`](crate::calls)).
    pub peer: Peer<'a>,
    /// How many spans it stands for, as it was sampled: [`sampling_weight`](crate::sampling_weight); 1 if it was not.
    pub sampling_weight: f64,
    /// Whether it has links: work that was begun by what is linked is not waited for.
    pub has_links: bool,
    /// The operation.
    pub name: &'a str,
    /// Whether its status is `error`.
    pub is_error: bool,
    /// When it was received, in any unit: of two copies of one span the larger is the newer. Equal values are
    /// decided by position, the later one being the newer.
    pub received_order: u64,
}

/// The attributes of a resource that name the host of its clock, the best first. A clock belongs to a machine, so the
/// node goes before what runs on it; of a pod without a node, at least its own spans stay together.
pub const HOST_KEYS: [&str; 5] = ["k8s.node.name", "host.id", "host.name", "k8s.pod.name", "service.instance.id"];

impl SpanInput<'_> {
    /// A root of no length at the epoch, of which nothing else is said: to be filled in.
    pub const fn bare(span_id: SpanId) -> Self {
        Self {
            span_id,
            parent_span_id: None,
            start: UnixNanos::new(0),
            duration_ns: 0,
            kind: SpanKind::Unspecified,
            service: "",
            host: "",
            caller_addresses: [""; 2],
            peer: Peer::NONE,
            sampling_weight: 1.0,
            has_links: false,
            name: "",
            is_error: false,
            received_order: 0,
        }
    }

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

    /// Whether it is the receiving side of a call or message: its parent runs in another process.
    pub(crate) const fn is_receiving(self) -> bool {
        matches!(self, SpanKind::Server | SpanKind::Consumer)
    }

    /// Whether it is the calling side of a call, or the sending side of a message.
    pub(crate) const fn is_sending(self) -> bool {
        matches!(self, SpanKind::Client | SpanKind::Producer)
    }

    /// Whether such a span and its parent run in one process: only the receiving side of a call has its parent in
    /// another one. A kind that is not said says nothing.
    pub(crate) const fn begins_in_parents_process(self) -> bool {
        matches!(self, SpanKind::Internal | SpanKind::Client | SpanKind::Producer)
    }
}
