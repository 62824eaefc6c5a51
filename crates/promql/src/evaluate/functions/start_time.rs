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
