//! Histograms without what is above or below a value.

use super::Histogram;

impl Histogram {
    /// Leaves out observations above `bound`, estimating how many of its bucket are (`</`). Where any bucket changes, count
    /// and sum are computed from the buckets and empty ones are left out.
    pub fn trim_above(&mut self, bound: f64) {
        todo!()
    }

    /// Leaves out observations below `bound`, as [`Histogram::trim_above`] does those above (`>/`).
    pub fn trim_below(&mut self, bound: f64) {
        todo!()
    }
}
