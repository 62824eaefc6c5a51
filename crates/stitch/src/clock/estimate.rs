//! The offset of two clocks at an instant, from the windows about it.

use std::collections::BTreeMap;

use model::UnixNanos;

use super::agreement::{Agreement, Interval};
use super::bounds::{Bounds, drift};
use super::window::{OffsetWindow, window_of};

/// An offset without its hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Estimate {
    pub(super) estimate_ns: i64,
    pub(super) error_ns: i64,
    pub(super) pairs: u64,
    pub(super) agreeing_percent: u8,
    pub(super) sampled: usize,
}

/// How many windows before and after an instant are asked where nearer ones have too few calls: an hour.
const REACH_WINDOWS: i64 = 12;

/// With fewer calls nothing is said: two of three could be of one mistaken sender.
const CALLS_MIN: usize = 5;

/// From so many calls on, the tightest on either side is not believed alone.
const CALLS_TO_TRIM: usize = 16;

/// How fast two clocks may drift apart. The slowest drift with which the calls agree is taken, as a faster one makes
/// the error larger than need be: disciplined clocks, crystals, bad crystals.
const DRIFTS_PPM: [i64; 3] = [2, 20, 100];

/// How fast a clock may drift where no call shows it, because the instant is before or after all of them: the tolerance
/// of ordinary crystals.
const UNSEEN_DRIFT_PPM: i64 = 50;

/// How many of the nearest calls are asked, if all of them do not agree: a clock may have been set among them.
const NEAREST: [usize; 4] = [usize::MAX, 24, 12, 6];

/// How many in a hundred must agree. The second is for pairs of which some calls are not waited for.
const AGREEING_PERCENT: [usize; 2] = [95, 75];

/// What the windows of one pair of hosts say about an instant; `None` where that is too little, or contradictory.
pub(super) fn estimate<'w>(at: UnixNanos, window: impl Fn(i64) -> Option<&'w OffsetWindow>) -> Option<Estimate> {
    let here = window_of(at);
    let mut windows: BTreeMap<i64, &OffsetWindow> = BTreeMap::new();
    let mut sample: Vec<Bounds> = Vec::new();
    for distance in 0..=REACH_WINDOWS {
        // The neighbours are asked in any case, as the instant may be at the edge of its window.
        if distance > 1 && sample.len() >= CALLS_MIN {
            break;
        }
        for number in [here.saturating_sub(distance), here.saturating_add(distance)] {
            if let Some(found) = window(number)
                && windows.insert(number, found).is_none()
            {
                sample.extend(found.sample());
            }
        }
    }
    sample.sort_unstable_by_key(|bounds| (bounds.distance(at), *bounds));
    let all: Vec<Bounds> = windows.values().flat_map(|window| window.kept()).copied().collect();
    let pairs = windows.values().fold(0u64, |pairs, window| pairs.saturating_add(window.calls()));
    for percent in AGREEING_PERCENT {
        for nearest in NEAREST {
            let near = &sample[..nearest.min(sample.len())];
            if let Some(found) = DRIFTS_PPM.iter().find_map(|&drift| agreed(at, near, &all, (drift, percent))) {
                return Some(Estimate { pairs, ..found });
            }
        }
    }
    None
}

/// What a sample agrees on, and what the tightest of those calls leave of it that agree with the sample.
fn agreed(at: UnixNanos, near: &[Bounds], all: &[Bounds], (ppm, percent): (i64, usize)) -> Option<Estimate> {
    if near.len() < CALLS_MIN {
        return None;
    }
    let intervals: Vec<Interval> = near.iter().map(|bounds| bounds.seen_from(at, ppm)).collect();
    let agreement = Agreement::of(&intervals).filter(|agreement| agreement.is_of(percent))?;
    let reach = near.last().map_or(0, |bounds| bounds.distance(at));
    let within_reach = all.iter().filter(|bounds| bounds.distance(at) <= reach);
    let agreeing: Vec<Interval> = within_reach
        .map(|bounds| bounds.seen_from(at, ppm))
        .filter(|interval| interval.overlaps(agreement.within))
        .collect();
    let within = narrowest(&agreeing).unwrap_or(agreement.within);
    let (estimate_ns, error_ns) = within.middle()?;
    Some(Estimate {
        estimate_ns,
        error_ns: error_ns.saturating_add(unseen_drift(at, near)),
        pairs: 0,
        agreeing_percent: u8::try_from(agreement.agreeing * 100 / agreement.total.max(1)).unwrap_or(100),
        sampled: agreement.total,
    })
}

/// Between the tightest bounds, without the very tightest on either side where there are many. `None` where they
/// contradict each other.
fn narrowest(intervals: &[Interval]) -> Option<Interval> {
    let trimmed = usize::from(intervals.len() >= CALLS_TO_TRIM);
    let mut lowers: Vec<i64> = intervals.iter().map(|interval| interval.lower_ns).collect();
    let mut uppers: Vec<i64> = intervals.iter().map(|interval| interval.upper_ns).collect();
    lowers.sort_unstable_by_key(|&lower| std::cmp::Reverse(lower));
    uppers.sort_unstable();
    let (&lower_ns, &upper_ns) = (lowers.get(trimmed)?, uppers.get(trimmed)?);
    (lower_ns <= upper_ns).then_some(Interval { lower_ns, upper_ns })
}

/// How far the clocks may have drifted between the instant and the nearest call, if all calls are on one side of it.
fn unseen_drift(at: UnixNanos, near: &[Bounds]) -> i64 {
    let is_surrounded = near.iter().any(|bounds| bounds.at <= at) && near.iter().any(|bounds| bounds.at >= at);
    match near.first() {
        Some(nearest) if !is_surrounded => drift(nearest.distance(at), UNSEEN_DRIFT_PPM),
        _ => 0,
    }
}
