//! What the start times of samples say of counters. All are unix milliseconds; 0 stands for one that is not known.

/// A sample's time, and since when it accumulates.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::evaluate) struct Stamp {
    /// Since when; 0 where it is not known.
    pub start: i64,
    /// When it was taken.
    pub time: i64,
}

/// Whether the later sample counts from anew.
pub(in crate::evaluate) fn is_reset(before: Stamp, after: Stamp) -> bool {
    if after.start == before.start || after.start == 0 || after.start >= after.time || after.start < before.time {
        // Nothing new; or, at or after the sample's own time, how a start that is not known is written.
        return false;
    }
    if after.start > before.time {
        return true;
    }
    // The later sample begins just where the earlier one was taken: so do deltas, each of which counts from anew, and so
    // do cumulative ones of which the first was taken as the start. Of the latter, the earlier sample has no start.
    before.start != 0 && before.start < before.time
}

/// Whether a sample counts from anew since some instant.
pub(in crate::evaluate) fn is_reset_since(instant: i64, sample: Stamp) -> bool {
    sample.start > instant && sample.time > instant && is_reset(Stamp { start: instant, time: instant }, sample)
}

/// Whether the later sample began before the earlier one was taken, and not with it: one of them must be wrong.
pub(in crate::evaluate) fn overlaps(before: Stamp, after: Stamp) -> bool {
    after.start != 0 && after.start < before.time && after.start != before.start
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two samples are a start and a time each.
    fn check(name: &str, before: (i64, i64), after: (i64, i64), resets: bool, overlapping: bool) {
        let [before, after] = [before, after].map(|(start, time)| Stamp { start, time });
        assert_eq!(is_reset(before, after), resets, "{name}");
        assert_eq!(overlaps(before, after), overlapping, "{name}");
    }

    #[test]
    fn starts_tell_what_counts_from_anew() {
        check("the same start", (10, 20), (10, 30), false, false);
        check("no start", (10, 20), (0, 30), false, false);
        check("a start that follows", (0, 20), (25, 30), true, false);
        check("a start that follows another", (10, 20), (25, 30), true, false);
        check("a delta after a delta", (10, 20), (20, 30), true, false);
        check("the first sample as the start", (0, 20), (20, 30), false, false);
        check("a first sample that is its own start", (20, 20), (20, 30), false, false);
        check("a start of the future", (10, 20), (31, 30), false, false);
        check("a start that is the sample's own time", (10, 20), (30, 30), false, false);
        check("a start within what came before", (10, 20), (15, 30), false, true);
    }

    #[test]
    fn a_sample_counts_from_anew_since_an_instant_before_its_start() {
        let sample = Stamp { start: 10, time: 20 };
        assert!(is_reset_since(9, sample));
        assert!(!is_reset_since(10, sample));
        assert!(!is_reset_since(20, sample));
        assert!(!is_reset_since(-1, Stamp { start: 0, time: 20 }));
    }
}
