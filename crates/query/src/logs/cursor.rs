//! Where the next page begins.

use std::fmt;
use std::str::FromStr;

use model::UnixNanos;

/// The place after the last record of a page: its time, its hash, and how many records with that time
/// and hash have been given out. Opaque to callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) time: UnixNanos,
    pub(crate) hash: u64,
    pub(crate) given: u64,
}

/// Text that is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a cursor: give back next_cursor of the page before, unchanged")]
pub struct CursorError(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}.{:x}", self.time.get() as u64, self.hash, self.given)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let error = || CursorError(text.chars().take(64).collect());
        let mut numbers = text.split('.').map(|digits| u64::from_str_radix(digits, 16));
        let mut next = || numbers.next().and_then(Result::ok).ok_or_else(error);
        let cursor = Self { time: UnixNanos::new(next()? as i64), hash: next()?, given: next()? };
        if numbers.next().is_none() { Ok(cursor) } else { Err(error()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_round_trips_and_anything_else_is_refused() {
        let cursor = Cursor { time: UnixNanos::new(-5), hash: u64::MAX, given: 3 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "1.2", "1.2.3.4", "x.2.3", "1.2.-3", "99999999999999999.1.1"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
