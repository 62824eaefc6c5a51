//! What stitching noticed, and left as it arrived because the evidence for a change is not enough.

use model::SpanId;

use crate::RepairKind;

/// Something that looks wrong and was not repaired. A clean trace has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The kind of repair that was not made.
    pub kind: RepairKind,
    /// The spans that look wrong; never empty.
    pub span_ids: Vec<SpanId>,
    /// What was noticed, in words.
    pub noticed: String,
    /// Why nothing was changed.
    pub reason: RemarkReason,
    /// The facts behind the reason; at least one.
    pub evidence: Vec<String>,
}

/// Why something was left as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkReason {
    /// Whose clock is off cannot be said, as the spans do not name their hosts.
    UnknownHost,
    /// A clock may be off, or something else is the matter, and too little tells which.
    TooLittle,
    /// No one offset of the two clocks explains what the spans say.
    Contradiction,
    /// The trace alone shows an offset, but a larger one than such evidence is trusted with.
    BeyondLimit {
        /// By how much the spans would have been moved, in nanoseconds.
        shift_ns: i64,
        /// The limit, in nanoseconds.
        limit_ns: i64,
    },
    /// The offset of the clocks is known from many traces and does not explain where the spans stand: nobody waited
    /// for them.
    NotWaitedFor,
}

impl RemarkReason {
    /// The reason in the words of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            RemarkReason::UnknownHost => "unknown_host",
            RemarkReason::TooLittle => "too_little_evidence",
            RemarkReason::Contradiction => "contradiction",
            RemarkReason::BeyondLimit { .. } => "beyond_limit",
            RemarkReason::NotWaitedFor => "not_waited_for",
        }
    }
}
