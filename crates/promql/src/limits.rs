//! How much one question may cost.

/// Limits of one evaluation; each has a named error.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Samples held in memory at once, of all selectors together: a histogram counts as many as its buckets need.
    /// Prometheus has 50 million.
    pub samples_max: usize,
    /// Values that are held at once as columns, series × steps: a histogram counts as many as its buckets need.
    pub values_max: usize,
    /// Threads that may evaluate at once, at least 1.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { samples_max: 50_000_000, values_max: 50_000_000, threads: 1 }
    }
}
