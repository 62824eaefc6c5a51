//! Quantiles of native histograms.

use super::Histogram;

/// A quantile of a native histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The quantile.
    pub value: f64,
    /// What observations of NaN did to it; an info says it.
    pub note: Option<QuantileNote>,
}

/// What observations of NaN did to a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantileNote {
    /// It is NaN: as many are not in any bucket.
    Nan,
    /// It is higher than without them, as they count as if above all others.
    Skewed,
}

impl Histogram {
    /// The value below which the fraction `q` of observations is: exponential within exponential buckets, linear within
    /// custom ones and the zero bucket. NaN where nothing was observed or `q` is NaN; -Inf and +Inf where `q` is below 0
    /// and above 1.
    pub fn quantile(&self, q: f64) -> Quantile {
        todo!()
    }
}
