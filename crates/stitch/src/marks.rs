//! What is noteworthy about a row, as a small set.

use std::fmt;

/// One noteworthy thing about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It names no parent. A span that only lost its place in a cycle is not marked so.
    Root,
    /// The parent it names has not arrived.
    Orphan,
    /// It was made by stitching, to stand for a span that has not arrived.
    Phantom,
    /// Its id arrived more often than it can be shown.
    Duplicate,
    /// A client and a server span arrived under its id, and both are meant.
    SharedSpanId,
    /// Its chain of parents leads back to itself.
    Cycle,
    /// It ended before it started.
    NegativeDuration,
    /// It was moved, as the clock of its host is off.
    ClockSkew,
    /// It is a root that was opened late, and is shown from an earlier start.
    LateRoot,
    /// It was made by stitching, to stand for a service of which only log records arrived.
    Logged,
}

impl Mark {
    /// Every mark, in the order in which they are listed.
    pub const ALL: [Mark; 10] = [
        Mark::Root,
        Mark::Orphan,
        Mark::Phantom,
        Mark::Duplicate,
        Mark::SharedSpanId,
        Mark::Cycle,
        Mark::NegativeDuration,
        Mark::ClockSkew,
        Mark::LateRoot,
        Mark::Logged,
    ];

    /// The mark's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mark::Root => "root",
            Mark::Orphan => "orphan",
            Mark::Phantom => "phantom",
            Mark::Duplicate => "duplicate",
            Mark::SharedSpanId => "shared_span_id",
            Mark::Cycle => "cycle",
            Mark::NegativeDuration => "negative_duration",
            Mark::ClockSkew => "clock_skew",
            Mark::LateRoot => "late_root",
            Mark::Logged => "logged",
        }
    }
}

/// A set of marks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks(u16);

impl Marks {
    /// Whether the mark is in the set.
    pub fn contains(self, mark: Mark) -> bool {
        self.0 & bit(mark) != 0
    }

    /// The marks in the order of [`Mark::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |&mark| self.contains(mark))
    }

    pub(crate) fn insert(&mut self, mark: Mark) {
        self.0 |= bit(mark);
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

// A mark's discriminant is its bit, and the set is two bytes.
const _: () = assert!(Mark::ALL.len() <= u16::BITS as usize);

const fn bit(mark: Mark) -> u16 {
    1 << mark as u8
}
