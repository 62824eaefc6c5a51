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
    pub(super) agreeing_percent: u64,
    pub(super) sampled: usize,
}

/// How many windows before and after an instant are asked where nearer ones have too few calls: an hour.
const REACH_WINDOWS: i64 = 12;

/// With fewer calls nothing is said: two of three could be of one mistaken sender.
const CALLS_MIN: usize = 5;

/// From so many calls on, the tightest on either side is not believed alone.
const CALLS_TO_TRIM: usize = 16;

/// How fast two clocks may drift apart, in steps: each is tried. Ordinary crystals are off by up to 50 millionths, one
/// this way and the other that way.
const DRIFT_PPM_MAX: i64 = 100;
const DRIFT_PPM_STEP: i64 = 10;

/// How far the true drift may be from the nearest that is tried; half a step, and some for drift that is not steady.
const DRIFT_PPM_SLACK: i64 = 6;

/// Where no call shows the drift, because the instant is before or after all of them, it may have changed by so much.
const UNSEEN_DRIFT_PPM: i64 = 10;

/// Of how many that agree one may be missing with a drift that is not ruled out.
const DRIFTING_PER_DOUBT: usize = 20;

/// How many of the nearest calls are asked, if all of them do not agree: a clock may have been set among them.
const NEAREST: [usize; 4] = [usize::MAX, 24, 12, 6];

/// How many in a hundred must agree. The second is for pairs of which some calls are not waited for.
const AGREEING_PERCENT: [u64; 2] = [95, 75];

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
    let all: Vec<Bounds> = windows.values().flat_map(|window| window.kept()).collect();
    let pairs = windows.values().fold(0u64, |pairs, window| pairs.saturating_add(window.calls()));
    let refused = windows.values().fold(0u64, |refused, window| refused.saturating_add(window.refused()));
    // A call that says nothing was not waited for. Where many are not, those that say something may be of that kind.
    let waited_for = percent_of(pairs, pairs.saturating_add(refused));
    for percent in AGREEING_PERCENT {
        // All, and then fewer and fewer than these.
        for nearest in NEAREST.into_iter().filter(|&nearest| nearest == usize::MAX || nearest < sample.len()) {
            let near = &sample[..nearest.min(sample.len())];
            let Some(found) = agreed(at, near, &all) else { continue };
            let agreeing_percent = found.agreeing_percent * waited_for / 100;
            if agreeing_percent >= percent {
                return Some(Estimate { pairs, agreeing_percent, ..found });
            }
        }
    }
    None
}

/// Rounded down; 0 of nothing.
fn percent_of(some: u64, all: u64) -> u64 {
    some.saturating_mul(100).checked_div(all).unwrap_or(0)
}

/// What a sample agrees on, and what the tightest of those calls leave of it that agree with the sample; for every drift
/// with which as many agree as with any, or nearly as many.
fn agreed(at: UnixNanos, near: &[Bounds], all: &[Bounds]) -> Option<Estimate> {
    if near.len() < CALLS_MIN {
        return None;
    }
    let steps = DRIFT_PPM_MAX / DRIFT_PPM_STEP;
    let drifts = (-steps..=steps).map(|step| step * DRIFT_PPM_STEP);
    let tried: Vec<(i64, Agreement)> = drifts
        .filter_map(|drift_ppm| {
            let intervals: Vec<Interval> = near.iter().map(|bounds| seen_from(at, *bounds, drift_ppm)).collect();
            Some((drift_ppm, Agreement::of(&intervals)?))
        })
        .collect();
    let most = tried.iter().map(|(_, agreement)| agreement.agreeing).max()?;
    let enough = most.saturating_sub(1.max(most / DRIFTING_PER_DOUBT));
    let reach = near.last().map_or(0, |bounds| bounds.distance(at));
    let within_reach: Vec<Bounds> = all.iter().filter(|bounds| bounds.distance(at) <= reach).copied().collect();
    let mut hull: Option<Interval> = None;
    for (drift_ppm, agreement) in tried.iter().filter(|(_, agreement)| agreement.agreeing >= enough) {
        let seen = within_reach.iter().map(|bounds| seen_from(at, *bounds, *drift_ppm));
        let agreeing: Vec<Interval> = seen.filter(|interval| interval.overlaps(agreement.within)).collect();
        let within = narrowest(&agreeing).unwrap_or(agreement.within);
        hull = Some(hull.map_or(within, |hull| hull.united(within)));
    }
    let (estimate_ns, error_ns) = hull?.middle()?;
    Some(Estimate {
        estimate_ns,
        error_ns: error_ns.saturating_add(unseen_drift(at, near)),
        pairs: 0,
        agreeing_percent: percent_of(most as u64, near.len() as u64),
        sampled: near.len(),
    })
}

/// What a call says about another instant, if the clocks drift apart so fast.
fn seen_from(at: UnixNanos, bounds: Bounds, drift_ppm: i64) -> Interval {
    let since = at.get().saturating_sub(bounds.at.get());
    bounds.seen_from(at, DRIFT_PPM_SLACK).plus(drift(since, drift_ppm))
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
