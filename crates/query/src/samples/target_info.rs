//! Samples that say that a resource was there: nobody sends them.

use crate::series::Stay;

/// How far apart they are: well within the time in which Prometheus looks back.
const EVERY_MILLIS: i64 = 60_000;

/// Samples of one stay, at most: two months, and the newest of them. A clock that was wrong once would make millions.
const SAMPLES_MAX: usize = 90_000;

/// The times of samples after one instant and until another, unix milliseconds, ascending, each once: when the resource was
/// first heard from, each full minute while it was, and when it was last.
pub(super) fn times_of<'a>(stays: impl IntoIterator<Item = &'a Stay>, after: i64, until: i64) -> Vec<i64> {
    let mut times = Vec::new();
    for stay in stays {
        let [first, last] = [stay.first, stay.last].map(|time| time.get().div_euclid(1_000_000));
        let from = first.max(after.saturating_add(1));
        let to = last.min(until);
        if from > to {
            continue;
        }
        if from == first {
            times.push(first);
        }
        let minute = from.div_euclid(EVERY_MILLIS).saturating_add(1);
        let newest = to.div_euclid(EVERY_MILLIS);
        let minute = minute.max(newest.saturating_sub(SAMPLES_MAX as i64));
        times.extend((minute..=newest).map(|minute| minute * EVERY_MILLIS));
        // At its end, where that is asked about.
        if to == last {
            times.push(last);
        }
    }
    times.sort_unstable();
    times.dedup();
    times
}

#[cfg(test)]
mod tests {
    use model::UnixNanos;

    use super::*;

    fn stay(first: i64, last: i64) -> Stay {
        Stay { first: UnixNanos::new(first * 1_000_000), last: UnixNanos::new(last * 1_000_000) }
    }

    #[test]
    fn there_are_samples_at_both_ends_and_each_minute_between() {
        let check = |stays: &[Stay], after, until, expected: &[i64]| {
            assert_eq!(times_of(stays, after, until), expected, "{stays:?} {after} {until}");
        };
        check(&[stay(10, 10)], 0, 100, &[10]);
        check(&[stay(10, 10)], 10, 100, &[]);
        check(&[stay(10, 130_000)], 0, 200_000, &[10, 60_000, 120_000, 130_000]);
        check(&[stay(10, 130_000)], 60_000, 125_000, &[120_000]);
        check(&[stay(60_000, 120_000)], 0, 120_000, &[60_000, 120_000]);
        check(&[stay(10, 20), stay(20, 90_000)], 0, 70_000, &[10, 20, 60_000]);
        check(&[stay(-90_000, -10)], i64::MIN, i64::MAX, &[-90_000, -60_000, -10]);
        let broken = times_of(&[stay(0, 1_795_500_000_000)], -1, i64::MAX);
        assert_eq!((broken.len(), broken.last()), (SAMPLES_MAX + 2, Some(&1_795_500_000_000)));
    }
}
