//! The log sequence number: the place of one frame in the log.

use std::fmt;

/// The place of one frame in the log. The first frame of a new log has LSN 1, the next 2, without gaps.
///
/// The LSN of an acknowledged frame is never given to another one, even after files were deleted. Zero means
/// "nothing yet": it is below every frame, so it serves as the floor of a log from which nothing was released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(u64);

impl Lsn {
    /// Below every frame.
    pub const ZERO: Lsn = Lsn(0);

    /// The highest LSN the log hands out: it fits the signed 64-bit integer of a SQL catalog, and lasts for 292 000
    /// years at a million frames a second.
    pub const MAX: Lsn = Lsn(i64::MAX as u64);

    /// The LSN with this number. Any number is accepted, because it may come from a catalog; [`Wal::start`] refuses
    /// one that leaves no room below [`Lsn::MAX`].
    ///
    /// [`Wal::start`]: crate::Wal::start
    pub const fn new(number: u64) -> Lsn {
        Lsn(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The LSN that follows. `u64::MAX` has no successor and is returned as it is.
    pub const fn next(self) -> Lsn {
        Lsn(self.0.saturating_add(1))
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
