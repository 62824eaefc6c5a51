//! Numbers, one per step, counted while they are held.

use std::ops::{Deref, DerefMut};

use super::Ledger;
use crate::EvaluateError;

/// The value of an expression of type scalar. Its numbers count as held as long as it is there.
pub(crate) struct Column<'a> {
    numbers: Vec<f64>,
    /// Dropped with the numbers.
    _held: HeldValues<'a>,
}

impl<'a> Column<'a> {
    /// Of numbers, which are counted before they are made. Errors: too many values are held.
    pub(crate) fn of(ledger: &'a Ledger, numbers: impl ExactSizeIterator<Item = f64>) -> Result<Self, EvaluateError> {
        let held = HeldValues::of(ledger, numbers.len())?;
        Ok(Self { numbers: numbers.collect(), _held: held })
    }

    /// The numbers, for one who counts them, or holds them for a moment only.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        self.numbers
    }
}

impl Deref for Column<'_> {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.numbers
    }
}

impl DerefMut for Column<'_> {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.numbers
    }
}

/// Values that count as held until this is dropped.
pub(crate) struct HeldValues<'a> {
    ledger: &'a Ledger,
    count: usize,
}

impl<'a> HeldValues<'a> {
    /// Counts so many. Errors: too many are held.
    pub(crate) fn of(ledger: &'a Ledger, count: usize) -> Result<Self, EvaluateError> {
        let held = Self { ledger, count };
        ledger.hold_values(count)?;
        Ok(held)
    }
}

impl Drop for HeldValues<'_> {
    fn drop(&mut self) {
        self.ledger.release_values(self.count);
    }
}
