//! One host whose spans were moved, in numbers: what its repair says in words.

/// By how much all spans of a host were moved, and how sure that is. There is one for each repair of the kind
/// [`ClockSkew`](crate::RepairKind::ClockSkew), in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockShift<'a> {
    /// The host whose clock is off.
    pub host: &'a str,
    /// The host by whose clock the story is told: the root's.
    pub reference: &'a str,
    /// Added to every time of the host, events and log records included, in nanoseconds: positive where its clock is
    /// behind.
    pub shift_ns: i64,
    /// The shift is at most this far off, either way, in nanoseconds. `None` where only the least is known.
    pub error_ns: Option<i64>,
    /// How many calls it rests on.
    pub pairs: u64,
    /// Where these calls are from.
    pub source: ShiftSource,
}

/// Which traces the evidence of a shift is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShiftSource {
    /// From all traces of the hour.
    ManyTraces,
    /// From the trace alone.
    OneTrace,
}
