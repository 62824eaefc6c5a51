//! What decoding asks for while it goes on: memory, and whether a series may have points.

use std::fmt;

/// Says what a request may take. Asked before anything is taken, so that a few bytes on the wire that would become
/// many rows are found out in time.
pub trait Admission: fmt::Debug {
    /// Whether so many more bytes of memory may be taken. Where they may not, decoding ends with
    /// [`NoRoom`](crate::DecodeErrorKind::NoRoom).
    fn room(&mut self, bytes: usize) -> bool;

    /// Whether points of the series are kept; the rest of its request is. Asked once for each series of a request.
    fn series(&mut self, series_id: u64) -> bool;
}

/// Admits everything.
#[derive(Debug)]
pub(crate) struct Everything;

impl Admission for Everything {
    fn room(&mut self, _bytes: usize) -> bool {
        true
    }

    fn series(&mut self, _series_id: u64) -> bool {
        true
    }
}
