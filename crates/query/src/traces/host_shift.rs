//! By how much the spans of one host were moved.

use stitch::{ClockShift, ShiftSource};

/// One host whose clock is off, and by how much everything of it is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostShift {
    /// The host whose clock is off.
    pub host: String,
    /// The host by whose clock the story is told.
    pub reference: String,
    /// Added to every time of the host, nanoseconds.
    pub shift_ns: i64,
    /// The shift is at most this far off, either way, nanoseconds; `None` where only the least is known.
    pub error_ns: Option<i64>,
    /// How many calls it rests on.
    pub pairs: u64,
    /// Where these calls are from.
    pub source: ShiftSource,
}

impl HostShift {
    pub(super) fn of(shift: &ClockShift<'_>) -> Self {
        let ClockShift { host, reference, shift_ns, error_ns, pairs, source } = *shift;
        Self { host: host.to_owned(), reference: reference.to_owned(), shift_ns, error_ns, pairs, source }
    }
}
