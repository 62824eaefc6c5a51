//! The instants that an expression is evaluated at.

/// Instants at equal distances, unix milliseconds. There is at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    start: i64,
    step: i64,
    count: usize,
    until: i64,
    is_range: bool,
}

impl Steps {
    /// One instant: the answer is of the expression's own type.
    pub fn instant(at: i64) -> Self {
        Self { start: at, step: 1, count: 1, until: at, is_range: false }
    }

    /// From `start` to `end`, both inclusive, every `step`: the answer is a matrix. `None` where `step` is below 1, `end`
    /// before `start`, or there would be more than `usize` can count.
    pub fn range(start: i64, end: i64, step: i64) -> Option<Self> {
        if step < 1 || end < start {
            return None;
        }
        let count = usize::try_from(end.checked_sub(start)? / step).ok()?.checked_add(1)?;
        Some(Self { start, step, count, until: end, is_range: true })
    }

    /// The first instant.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The last instant.
    pub fn end(&self) -> i64 {
        self.at(self.count - 1)
    }

    /// The end that was asked for, which may lie less than a step after the last instant.
    pub fn until(&self) -> i64 {
        self.until
    }

    /// The distance of two instants; 1 for a single one.
    pub fn step(&self) -> i64 {
        self.step
    }

    /// How many there are, at least 1.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a range was asked for, be it of one instant.
    pub fn is_range(&self) -> bool {
        self.is_range
    }

    /// The instant with this number, from 0 to [`Steps::count`] exclusive.
    pub fn at(&self, number: usize) -> i64 {
        self.start + self.step * number as i64
    }

    /// All of them.
    pub fn iter(self) -> impl ExactSizeIterator<Item = i64> {
        (0..self.count).map(move |number| self.at(number))
    }
}
