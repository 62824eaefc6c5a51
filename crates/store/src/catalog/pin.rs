//! Pins: ranges of time that retention leaves alone.

use std::fmt;

use model::{TenantId, TimeRange, UnixNanos};

/// Pins of one tenant at once. Each is held against every block that is old; who needs more needs a longer retention.
pub const PINS_MAX: usize = 100;

/// Bytes of a reason: a sentence or two and a link.
pub const PIN_REASON_BYTES_MAX: usize = 1_024;

/// A pin's name: a number that is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PinId(u64);

impl PinId {
    /// From a stored or written number.
    pub fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for PinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A pin to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPin {
    /// Whose blocks are to stay.
    pub tenant: TenantId,
    /// Which time. Every block with a row of it stays, with all its rows.
    pub range: TimeRange,
    /// Why, for whoever finds it later. At most [`PIN_REASON_BYTES_MAX`] bytes.
    pub reason: String,
    /// From this instant on it holds nothing; `None` for never.
    pub expires: Option<UnixNanos>,
}

/// A range of time that retention leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its name.
    pub id: PinId,
    /// What was asked for.
    pub asked: NewPin,
    /// When it was made.
    pub created: UnixNanos,
}

impl Pin {
    /// Whether it holds anything at `now`.
    pub fn is_in_force(&self, now: UnixNanos) -> bool {
        self.asked.expires.is_none_or(|expires| now < expires)
    }
}
