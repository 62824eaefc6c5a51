//! One entry of the ledger: what stitching changed, on what evidence, and how sure it is.

use model::SpanId;

/// One change that stitching made. Nothing stored is changed; [`arrange`](crate::arrange) shows what arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// What was wrong.
    pub kind: RepairKind,
    /// The spans it touches; never empty. Of a missing parent: the phantom first, then its children; of a late root:
    /// the root, then its earliest child; of a service that only logged: its row, then the one that this hangs below.
    pub span_ids: Vec<SpanId>,
    /// What arrived, in words.
    pub before: String,
    /// What is shown instead, in words.
    pub after: String,
    /// How the change was found.
    pub method: &'static str,
    /// The facts it rests on; at least one.
    pub evidence: Vec<String>,
    /// How sure stitching is that what it shows is what happened, 0 to 1 inclusive.
    pub confidence: f64,
}

/// What was wrong. In the ledger, repairs stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepairKind {
    /// One span arrived more than once.
    DuplicateSpan,
    /// A client and a server span have the same id, as Zipkin's propagation makes them.
    SharedSpanId,
    /// Spans name a parent that has not arrived.
    MissingParent,
    /// A chain of parents leads back to where it began.
    ParentCycle,
    /// A span ended before it started.
    NegativeDuration,
    /// A host's clock is ahead or behind.
    ClockSkew,
    /// A root begins later than what is directly below it, by one clock.
    LateRoot,
    /// A service sent log records of the trace, and no spans.
    LogOnlyService,
}

const _: () = assert!(RepairKind::ALL.len() == RepairKind::LogOnlyService as usize + 1, "a kind is missing");

impl RepairKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::DuplicateSpan,
        Self::SharedSpanId,
        Self::MissingParent,
        Self::ParentCycle,
        Self::NegativeDuration,
        Self::ClockSkew,
        Self::LateRoot,
        Self::LogOnlyService,
    ];

    /// The kind's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            RepairKind::DuplicateSpan => "duplicate_span",
            RepairKind::SharedSpanId => "shared_span_id",
            RepairKind::MissingParent => "missing_parent",
            RepairKind::ParentCycle => "parent_cycle",
            RepairKind::NegativeDuration => "negative_duration",
            RepairKind::ClockSkew => "clock_skew",
            RepairKind::LateRoot => "late_root",
            RepairKind::LogOnlyService => "log_only_service",
        }
    }
}
