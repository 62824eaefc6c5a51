//! What a bucket counts with.

/// Something that adds up: a float, or one that remembers what rounding lost.
pub trait Count: Copy + Default {
    /// Adds another.
    fn add(&mut self, other: Self);

    /// Whether it is nothing, so that its bucket may be left out.
    fn is_zero(self) -> bool;
}

impl Count for f64 {
    fn add(&mut self, other: Self) {
        *self += other;
    }

    fn is_zero(self) -> bool {
        self == 0.0
    }
}

/// A sum by Kahan's and Neumaier's method: with what rounding lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    /// Of one value.
    pub(crate) fn of(value: f64) -> Self {
        Self { sum: value, lost: 0.0 }
    }

    /// What it adds up to.
    pub(crate) fn total(self) -> f64 {
        self.sum + self.lost
    }

    /// Whether it has grown beyond what a float holds.
    pub(crate) fn is_infinite(self) -> bool {
        self.sum.is_infinite()
    }

    /// Times a factor.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { sum: self.sum * factor, lost: self.lost * factor }
    }

    /// Over a divisor, which is not the same as times its inverse.
    pub(crate) fn divided(self, divisor: f64) -> Self {
        Self { sum: self.sum / divisor, lost: self.lost / divisor }
    }

    /// The sum, and what rounding lost of it.
    pub(crate) fn pair(self) -> (f64, f64) {
        (self.sum, self.lost)
    }

    /// Adds to what rounding lost.
    pub(crate) fn add_lost(&mut self, lost: f64) {
        self.lost += lost;
    }

    /// Adds a value.
    #[inline]
    pub(crate) fn add_value(&mut self, value: f64) {
        let sum = self.sum + value;
        // Beyond infinity nothing is lost any more, and infinity minus infinity would spoil the sum.
        self.lost = if sum.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.lost + ((self.sum - sum) + value)
        } else {
            self.lost + ((value - sum) + self.sum)
        };
        self.sum = sum;
    }
}

impl Count for Compensated {
    fn add(&mut self, other: Self) {
        self.add_value(other.sum);
        if other.lost != 0.0 {
            self.add_value(other.lost);
        }
    }

    fn is_zero(self) -> bool {
        self.sum == 0.0 && self.lost == 0.0
    }
}
