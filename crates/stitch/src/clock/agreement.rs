//! What most of several statements about one number agree on.

/// One statement: the number lies between these, both inclusive. At the ends of `i64` it says nothing on that side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) lower_ns: i64,
    pub(crate) upper_ns: i64,
}

/// Where most statements agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// The values that as many of them allow as any value is allowed by, or nearly as many.
    pub(crate) within: Interval,
    /// How many allow the same value, at most.
    pub(crate) agreeing: usize,
    /// How many there are.
    pub(crate) total: usize,
}

/// Of how many that agree, one may be left out of what they agree on: a liar that happens to overlap with the truth
/// narrows it to a wrong place.
const AGREEING_PER_DOUBT: usize = 10;

impl Interval {
    pub(crate) fn contains(self, value: i64) -> bool {
        self.lower_ns <= value && value <= self.upper_ns
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.lower_ns <= other.upper_ns && other.lower_ns <= self.upper_ns
    }

    /// From the lower of the lower ends to the upper of the upper ones.
    pub(crate) fn united(self, other: Self) -> Self {
        Self { lower_ns: self.lower_ns.min(other.lower_ns), upper_ns: self.upper_ns.max(other.upper_ns) }
    }

    /// What it says of the number less another number.
    pub(crate) fn less(self, other: Self) -> Self {
        Self {
            lower_ns: self.lower_ns.saturating_sub(other.upper_ns),
            upper_ns: self.upper_ns.saturating_sub(other.lower_ns),
        }
    }

    /// The same, with something added to the number.
    pub(crate) fn plus(self, ns: i64) -> Self {
        let open = |end: i64| end == i64::MIN || end == i64::MAX;
        let moved = |end: i64| if open(end) { end } else { end.saturating_add(ns) };
        Self { lower_ns: moved(self.lower_ns), upper_ns: moved(self.upper_ns) }
    }

    /// What the two say of the sum of their numbers.
    pub(crate) fn sum(self, other: Self) -> Self {
        let is_open = |end: i64| end == i64::MIN || end == i64::MAX;
        let sum = |a: i64, b: i64, open: i64| if is_open(a) || is_open(b) { open } else { a.saturating_add(b) };
        Self {
            lower_ns: sum(self.lower_ns, other.lower_ns, i64::MIN),
            upper_ns: sum(self.upper_ns, other.upper_ns, i64::MAX),
        }
    }

    /// What it says of the negative of the number.
    pub(crate) fn negated(self) -> Self {
        let negated = |end: i64| match end {
            i64::MIN => i64::MAX,
            i64::MAX => i64::MIN,
            end => -end,
        };
        Self { lower_ns: negated(self.upper_ns), upper_ns: negated(self.lower_ns) }
    }

    /// The value in the middle and how far the ends are from it; `None` where a side is open.
    pub(crate) fn middle(self) -> Option<(i64, i64)> {
        if self.lower_ns == i64::MIN || self.upper_ns == i64::MAX || self.lower_ns > self.upper_ns {
            return None;
        }
        let width = self.upper_ns.abs_diff(self.lower_ns);
        // Half of a width is at most half of all numbers, so neither can be too large. Rounded up, so that both ends
        // are within.
        let error = i64::try_from(width.div_ceil(2)).unwrap_or(i64::MAX);
        Some((self.upper_ns.saturating_sub_unsigned(width / 2), error))
    }
}

impl Agreement {
    /// Sweeps over the ends of all intervals and finds where most are open at once (Marzullo's algorithm). Where two
    /// places have equally many, the answer reaches over both. `None` without intervals.
    pub(crate) fn of(intervals: &[Interval]) -> Option<Self> {
        let ends = ends(intervals);
        let agreeing = depths(&ends).map(|(_, depth)| depth).max()?;
        let enough = agreeing - agreeing / AGREEING_PER_DOUBT;
        let mut within: Option<Interval> = None;
        // The stretch that is being walked over: where it began, and whether it has reached the greatest depth.
        let mut stretch: Option<(i64, bool)> = None;
        for (at, depth) in depths(&ends) {
            if depth >= enough {
                let (from, deepest) = stretch.unwrap_or((at, false));
                stretch = Some((from, deepest || depth == agreeing));
            } else if let Some((from, true)) = stretch.take() {
                let lower_ns = within.map_or(from, |within| within.lower_ns);
                within = Some(Interval { lower_ns, upper_ns: at });
            }
        }
        Some(Self { within: within?, agreeing, total: intervals.len() })
    }

    /// Whether at least `percent` of a hundred agree.
    pub(crate) fn is_of(&self, percent: usize) -> bool {
        self.agreeing.saturating_mul(100) >= self.total.saturating_mul(percent)
    }
}

/// Where intervals open (`+1`) and close, in order; what closes at a value is still open there.
fn ends(intervals: &[Interval]) -> Vec<(i64, bool)> {
    let mut ends = Vec::with_capacity(intervals.len() * 2);
    for interval in intervals.iter().filter(|interval| interval.lower_ns <= interval.upper_ns) {
        ends.push((interval.lower_ns, false));
        ends.push((interval.upper_ns, true));
    }
    ends.sort_unstable();
    ends
}

/// How many intervals are open after each end.
fn depths(ends: &[(i64, bool)]) -> impl Iterator<Item = (i64, usize)> {
    ends.iter().scan(0usize, |depth, &(at, closes)| {
        *depth = if closes { depth.saturating_sub(1) } else { *depth + 1 };
        Some((at, *depth))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(intervals: &[(i64, i64)], expected: Option<(i64, i64, usize)>) {
        let intervals: Vec<Interval> =
            intervals.iter().map(|&(lower_ns, upper_ns)| Interval { lower_ns, upper_ns }).collect();
        let found = Agreement::of(&intervals).map(|a| (a.within.lower_ns, a.within.upper_ns, a.agreeing));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_most_allow_is_agreed_on() {
        check(&[], None);
        check(&[(3, 3)], Some((3, 3, 1)));
        check(&[(0, 10), (5, 12)], Some((5, 10, 2)));
        check(&[(0, 10), (10, 12)], Some((10, 10, 2)));
        check(&[(0, 10), (5, 12), (100, 110)], Some((5, 10, 2)));
        check(&[(i64::MIN, -5), (-9, i64::MAX)], Some((-9, -5, 2)));
        check(&[(i64::MIN, i64::MAX)], Some((i64::MIN, i64::MAX, 1)));
    }

    #[test]
    fn where_two_places_are_as_good_both_are_in_the_answer() {
        check(&[(0, 1), (8, 9)], Some((0, 9, 1)));
    }

    #[test]
    fn one_of_ten_may_lie_about_where_the_others_agree() {
        let mut intervals = vec![(0, 10); 10];
        intervals.push((9, 30));
        check(&intervals, Some((0, 10, 11)));
    }

    #[test]
    fn the_middle_has_both_ends_within_its_error() {
        assert_eq!(Interval { lower_ns: -3, upper_ns: 4 }.middle(), Some((1, 4)));
        assert_eq!(Interval { lower_ns: i64::MIN + 1, upper_ns: i64::MAX - 1 }.middle(), Some((0, i64::MAX)));
        assert_eq!(Interval { lower_ns: i64::MIN, upper_ns: 0 }.middle(), None);
    }
}
