//! Histograms without what is above or below a value.

use super::Histogram;
use super::bucket::{Bucket, Interpolation};

/// Which side of a value stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Below,
    Above,
}

/// What stays of a bucket: how many observations, and around which value.
#[derive(Clone, Copy, Debug)]
struct Rest {
    count: f64,
    middle: f64,
}

impl Rest {
    const NONE: Self = Self { count: 0.0, middle: 0.0 };
}

impl Histogram {
    /// Leaves out observations above `bound`, estimating how many of its bucket are (`</`). Where any bucket changes, count
    /// and sum are computed from the buckets and empty ones are left out.
    pub fn trim_above(&mut self, bound: f64) {
        self.trim(bound, Kept::Below);
    }

    /// Leaves out observations below `bound`, as [`Histogram::trim_above`] does those above (`>/`).
    pub fn trim_below(&mut self, bound: f64) {
        self.trim(bound, Kept::Above);
    }

    fn trim(&mut self, bound: f64, kept: Kept) {
        let within = if self.has_custom_bounds() { Interpolation::Linear } else { Interpolation::Exponential };
        let rest_of =
            |bucket: &Bucket| if bucket.count == 0.0 { Rest::NONE } else { rest(bucket, bound, kept, within) };
        let positive: Vec<Rest> =
            self.positive().iter().map(|(index, count)| rest_of(&self.positive_bucket(index, count))).collect();
        let negative: Vec<Rest> =
            self.negative().iter().map(|(index, count)| rest_of(&self.negative_bucket(index, count))).collect();
        let zero = self.zero_bucket().map(|bucket| zero_rest(&self.zero_within(bucket), bound, kept));

        let mut has_changed = zero.is_some_and(|zero| zero.count != self.zero_count());
        let counts = self.positive().counts().iter().chain(self.negative().counts());
        has_changed |= counts.zip(positive.iter().chain(&negative)).any(|(count, rest)| *count != rest.count);
        if !has_changed {
            return;
        }
        self.count = 0.0;
        self.sum = 0.0;
        for rest in positive.iter().chain(&negative).chain(&zero) {
            self.count += rest.count;
            self.sum += rest.middle * rest.count;
        }
        self.layout.set_counts(
            zero.map(|rest| rest.count),
            positive.iter().map(|rest| rest.count),
            negative.iter().map(|rest| rest.count),
        );
        self.compact();
    }

    /// The zero bucket with the bounds that observations in it are thought to have, which depend on whether anything is on
    /// the sides.
    fn zero_within(&self, bucket: Bucket) -> Bucket {
        let is_populated = |counts: &[f64]| counts.iter().any(|count| *count != 0.0);
        match (is_populated(self.negative().counts()), is_populated(self.positive().counts())) {
            (true, false) => Bucket { upper: 0.0, ..bucket },
            (false, true) => Bucket { lower: 0.0, ..bucket },
            _ => bucket,
        }
    }
}

/// What stays of a bucket that is not the zero bucket.
fn rest(bucket: &Bucket, bound: f64, kept: Kept, within: Interpolation) -> Rest {
    let (is_whole, is_cut) = match kept {
        Kept::Below => (bucket.upper <= bound, bucket.lower < bound),
        Kept::Above => (bucket.lower >= bound, bucket.upper > bound),
    };
    if is_whole {
        return Rest { count: bucket.count, middle: middle(bucket.lower, bucket.upper, within) };
    }
    if !is_cut {
        return Rest::NONE;
    }
    if bucket.lower == f64::NEG_INFINITY {
        return rest_of_lowest(bucket, bound, kept);
    }
    if bucket.upper == f64::INFINITY {
        return rest_of_highest(bucket, bound, kept);
    }
    let below = if bound <= bucket.lower {
        0.0
    } else if bound >= bucket.upper {
        bucket.count
    } else {
        bucket.count * bucket.fraction_below(bound, within)
    };
    match kept {
        Kept::Below => Rest { count: below, middle: middle(bucket.lower, bound, within) },
        Kept::Above => Rest { count: bucket.count - below, middle: middle(bound, bucket.upper, within) },
    }
}

/// What stays of a bucket that begins at -Inf and has the bound in it. If it ends above zero it is thought to begin there;
/// else nothing is known of where observations are.
fn rest_of_lowest(bucket: &Bucket, bound: f64, kept: Kept) -> Rest {
    let is_from_zero = bucket.upper > 0.0 && bucket.upper.is_finite();
    match kept {
        Kept::Below if is_from_zero && bound > 0.0 => {
            Rest { count: bucket.count * bound / bucket.upper, middle: bound / 2.0 }
        }
        Kept::Below if bucket.upper <= 0.0 => Rest { count: bucket.count, middle: bound },
        Kept::Above if is_from_zero && bound >= 0.0 => {
            Rest { count: bucket.count * (1.0 - bound / bucket.upper), middle: (bound + bucket.upper) / 2.0 }
        }
        _ => Rest::NONE,
    }
}

/// What stays of a bucket that ends at +Inf and has the bound in it: nothing is known of where observations are, so that
/// they are above any bound.
fn rest_of_highest(bucket: &Bucket, bound: f64, kept: Kept) -> Rest {
    match kept {
        Kept::Above => Rest { count: bucket.count, middle: bound },
        Kept::Below => Rest::NONE,
    }
}

/// What stays of the zero bucket, which is linear.
fn zero_rest(bucket: &Bucket, bound: f64, kept: Kept) -> Rest {
    let Bucket { lower, upper, count, .. } = *bucket;
    let (from, to) = match kept {
        Kept::Below => (lower, bound),
        Kept::Above => (bound, upper),
    };
    let (is_whole, is_gone) = match kept {
        Kept::Below => (bound >= upper, bound <= lower),
        Kept::Above => (bound <= lower, bound >= upper),
    };
    // With a width of zero both hold: above takes it whole, below not, as in Prometheus.
    if is_gone && (kept == Kept::Below || !is_whole) {
        Rest::NONE
    } else if is_whole {
        Rest { count, middle: (lower + upper) / 2.0 }
    } else {
        Rest { count: count * ((to - from) / (upper - lower)), middle: (from + to) / 2.0 }
    }
}

/// Where observations between two bounds are on average.
fn middle(lower: f64, upper: f64, within: Interpolation) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if within == Interpolation::Linear => (lower + upper) / 2.0,
        // Of bounds on the same side of zero.
        (false, false) => (lower * upper).abs().sqrt().copysign(lower + upper),
    }
}
