//! Numbers that look random and are the same for the same seed (SplitMix64; Steele, Lea, Flood 2014).

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Mixed, as the streams of seeds that lie a step apart would be the same stream, a step apart.
        Self(mixed(seed ^ 0x5851_f42d_4c95_7f2d))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From `from` to before `to`.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + (self.next() % to.abs_diff(from).max(1)) as i64
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: f64) -> bool {
        self.unit() * 100.0 < percent
    }

    /// Above 0, mostly small, seldom large: how long one waits for something that may come at any time.
    pub(crate) fn waiting(&mut self, mean_ns: i64) -> i64 {
        (-(1.0 - self.unit()).ln() * mean_ns as f64) as i64
    }

    pub(crate) fn one_of<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
