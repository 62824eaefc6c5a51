//! Native histograms: counts in buckets of exponential or custom bounds.

/// A native histogram with float counts, as Prometheus computes with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {}
