//! What was changed about a record on arrival, said with the record.

use std::fmt;

/// One change made on arrival. The record is kept; its `marks` column says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The body was longer than the limit and was cut.
    CutBody,
    /// An attribute's value was longer than the limit and was cut.
    CutAttribute,
    /// There were more attributes than the limit; the rest is in the dropped count.
    DroppedAttributes,
    /// Bytes that were not UTF-8 were replaced by U+FFFD.
    InvalidUtf8,
    /// The sender gave no time; the time it was observed stands in.
    TimeFromObserved,
    /// The sender gave no time at all; the time of receipt stands in.
    TimeFromReceipt,
    /// The trace or span id was not an id and was left out.
    InvalidId,
    /// A span without an end; its duration is shown as zero.
    NoEndTime,
    /// A value nested deeper than the limit was replaced by null.
    CutNesting,
}

impl Mark {
    /// Every mark, in the order in which they are written.
    pub const ALL: [Self; 9] = [
        Self::CutBody,
        Self::CutAttribute,
        Self::DroppedAttributes,
        Self::InvalidUtf8,
        Self::TimeFromObserved,
        Self::TimeFromReceipt,
        Self::InvalidId,
        Self::NoEndTime,
        Self::CutNesting,
    ];

    /// The word in the `marks` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::CutBody => "cut_body",
            Self::CutAttribute => "cut_attribute",
            Self::DroppedAttributes => "dropped_attributes",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::TimeFromObserved => "time_from_observed",
            Self::TimeFromReceipt => "time_from_receipt",
            Self::InvalidId => "invalid_id",
            Self::NoEndTime => "no_end_time",
            Self::CutNesting => "cut_nesting",
        }
    }
}

/// The marks of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u16);

impl Marks {
    /// Adds a mark; adding it twice changes nothing.
    pub fn add(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u16;
    }

    /// Adds all marks of the other.
    pub fn add_all(&mut self, other: Marks) {
        self.0 |= other.0;
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the sender should hear of it. A time that stands in for one the sender does not have is no fault:
    /// lines of a file often have none.
    pub fn are_worth_saying(self) -> bool {
        self.0 & !(1 << Mark::TimeFromObserved as u16 | 1 << Mark::TimeFromReceipt as u16) != 0
    }

    /// Whether the mark is among them.
    pub fn contains(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u16) != 0
    }
}

impl fmt::Display for Marks {
    /// Comma-separated words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for mark in Mark::ALL.into_iter().filter(|mark| self.contains(*mark)) {
            write!(f, "{separator}{}", mark.word())?;
            separator = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_written_once_and_in_order() {
        let mut marks = Marks::default();
        assert!(marks.is_empty());
        marks.add(Mark::InvalidUtf8);
        marks.add(Mark::CutBody);
        marks.add(Mark::InvalidUtf8);
        assert_eq!(marks.to_string(), "cut_body,invalid_utf8");
    }

    #[test]
    fn a_time_that_stands_in_is_not_worth_saying() {
        for mark in Mark::ALL {
            let mut marks = Marks::default();
            marks.add(mark);
            assert_eq!(marks.are_worth_saying(), !mark.word().starts_with("time_from"), "{}", mark.word());
        }
        assert!(!Marks::default().are_worth_saying());
    }
}
