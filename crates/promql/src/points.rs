//! The samples of a series, as a source gives them.

use std::sync::Arc;

use crate::{Histogram, Labels};

/// A sample that says "the series has ended": a NaN of this form, as Prometheus writes it. Other NaNs are values.
pub const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether it is [`STALE`], bit for bit.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE.to_bits()
}

/// One series with its samples in a range of time. A series may have both kinds; never two samples of one time.
#[derive(Clone, Debug)]
pub struct Series {
    /// Who it is, with its metric's name.
    pub labels: Labels,
    /// Floats, [`STALE`] among them.
    pub floats: Points<f64>,
    /// Native histograms. One whose sum is [`STALE`] says that the series has ended.
    pub histograms: Points<Arc<Histogram>>,
}

/// Samples of one kind, column by column, ascending in time.
#[derive(Clone, Debug)]
pub struct Points<T> {
    /// Unix milliseconds.
    pub times: Vec<i64>,
    /// Since when each value accumulates, unix milliseconds; 0 where that is not known. Empty where it is of none of them.
    pub starts: Vec<i64>,
    /// As many as times.
    pub values: Vec<T>,
}

impl<T> Points<T> {
    /// None.
    pub fn new() -> Self {
        Self { times: Vec::new(), starts: Vec::new(), values: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Those of which the value is wanted.
    pub fn filtered(&self, wanted: impl Fn(&T) -> bool) -> Self
    where
        T: Clone,
    {
        let numbers = || (0..self.len()).filter(|number| wanted(&self.values[*number]));
        Self {
            times: numbers().map(|number| self.times[number]).collect(),
            starts: numbers().filter_map(|number| self.starts.get(number).copied()).collect(),
            values: numbers().map(|number| self.values[number].clone()).collect(),
        }
    }
}

impl<T> Default for Points<T> {
    fn default() -> Self {
        Self::new()
    }
}
