//! How far each clock of a trace is off: by what many traces say or, where these say nothing, by this one alone.

use std::collections::VecDeque;

use super::clocks::Clocks;
use super::crossings::{Crossing, Crossings};
use crate::clock::{Agreement, Interval};
use crate::{Offset, Surroundings};

/// Of how many hosts of one trace the offsets are asked for. A trace over more is cut to the first of them.
const HOSTS_ASKED_MAX: usize = 256;

/// A clock that is off by less is left alone, unless a span stands outside its parent for it: so much is usual between
/// clocks that are kept in step over a network, and no reader of a waterfall would see it.
const USUAL_NS: i64 = 1_000_000;

/// Of fewer crossings all must agree, of more [`AGREEING_PERCENT`].
const CROSSINGS_TO_DOUBT: usize = 4;
const AGREEING_PERCENT: usize = 75;

/// What is known of one clock, compared with the reference.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    /// It is the reference, or nothing speaks against it.
    InStep,
    /// This trace alone shows it to be off, by so little that coarse clocks explain it. It is left, but what it says of
    /// others is no more exact than that.
    Coarse(Interval),
    /// Many traces know its offset.
    ManyTraces {
        offset: Offset,
        /// Whether spans are moved by it.
        is_applied: bool,
    },
    /// This trace alone shows it to be off.
    OneTrace(OneTrace),
    /// This trace alone shows it to be off, by more than such evidence is trusted with.
    BeyondLimit { found: OneTrace, limit_ns: i64 },
    /// This trace alone shows it to be off, unless nobody waited for the one span that shows it.
    Alone(OneTrace),
    /// Its crossings contradict each other.
    Contradiction { agreeing: usize, crossings: usize },
}

/// An offset from one trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneTrace {
    /// The clock less the reference.
    pub(super) offset_ns: i64,
    /// How far off that may be; `None` where the trace bounds it on one side only, and it is the least that fits.
    pub(super) error_ns: Option<i64>,
    /// Crossings that agree.
    pub(super) agreeing: usize,
    /// Crossings.
    pub(super) crossings: usize,
    /// Of these, the two sides of a call.
    pub(super) calls: usize,
}

/// By how much the spans of a clock are moved, and why.
pub(super) struct Shift<'r> {
    /// Added to their times; never 0.
    pub(super) ns: i64,
    pub(super) by: ShiftedBy<'r>,
}

/// What a shift rests on.
pub(super) enum ShiftedBy<'r> {
    ManyTraces(&'r Offset),
    OneTrace(&'r OneTrace),
}

impl Reading {
    /// `None` where nothing is moved.
    pub(super) fn shift(&self) -> Option<Shift<'_>> {
        let (offset_ns, by) = match self {
            Reading::ManyTraces { offset, is_applied: true } => (offset.estimate_ns, ShiftedBy::ManyTraces(offset)),
            Reading::OneTrace(found) => (found.offset_ns, ShiftedBy::OneTrace(found)),
            _ => return None,
        };
        Some(Shift { ns: offset_ns.saturating_neg(), by }).filter(|shift| shift.ns != 0)
    }

    /// The clock less the reference, as its spans are shown.
    fn shown_offset_ns(&self) -> i64 {
        self.shift().map_or(0, |shift| shift.ns.saturating_neg())
    }
}

/// One reading for each clock.
pub(super) fn read(clocks: &Clocks<'_>, crossings: &Crossings, surroundings: &Surroundings<'_>) -> Vec<Reading> {
    let mut readings = by_many_traces(clocks, crossings, surroundings);
    readings[clocks.reference] = Some(Reading::InStep);
    let mut queue: VecDeque<usize> = std::iter::once(clocks.reference).collect();
    queue.extend((0..clocks.hosts.len()).filter(|&clock| clock != clocks.reference && readings[clock].is_some()));
    while let Some(settled) = queue.pop_front() {
        for clock in crossings.of(settled).map(|crossing| crossing.other(settled)) {
            if readings[clock].is_some() {
                continue;
            }
            let said: Vec<Said<'_>> =
                crossings.of(clock).filter_map(|crossing| said(crossing, clock, &readings)).collect();
            let reading = match by_one_trace(&said, surroundings) {
                Reading::Alone(found) if is_borne_out(crossings, clock, found.offset_ns, &readings) => {
                    Reading::OneTrace(found)
                }
                reading => reading,
            };
            readings[clock] = Some(reading);
            queue.push_back(clock);
        }
    }
    readings.into_iter().map(|reading| reading.unwrap_or(Reading::InStep)).collect()
}

/// What other traces say: nothing, by default; nor where this one refutes it.
fn by_many_traces(clocks: &Clocks<'_>, crossings: &Crossings, surroundings: &Surroundings<'_>) -> Vec<Option<Reading>> {
    let mut readings: Vec<Option<Reading>> = vec![None; clocks.hosts.len()];
    let Some(offsets) = surroundings.offsets else { return readings };
    let at = surroundings.at.unwrap_or(clocks.began);
    let asked = &clocks.hosts[..clocks.hosts.len().min(HOSTS_ASKED_MAX)];
    let mut found = offsets.from_host(clocks.hosts[clocks.reference], asked, at);
    let offsets: Vec<Option<Offset>> = asked.iter().map(|host| found.remove(*host)).collect();
    let mut known: Vec<Option<Interval>> = offsets.iter().map(|offset| offset.as_ref().map(Offset::interval)).collect();
    known.resize(clocks.hosts.len(), None);
    known[clocks.reference] = Some(Interval { lower_ns: 0, upper_ns: 0 });
    for (clock, offset) in offsets.into_iter().enumerate() {
        readings[clock] = offset.filter(|_| !is_refuted(crossings, clock, &known)).map(|offset| {
            let is_seen = || crossings.of(clock).any(Crossing::is_outside);
            let is_applied = offset.excludes_zero() && (is_unusual(&offset) || is_seen());
            Reading::ManyTraces { offset, is_applied }
        });
    }
    readings
}

/// Whether the calls of this trace refute what other traces say of a clock, as after it was set. None must agree with it;
/// and one must have begun before it was made, or stand within its client as it is, or several must agree on another
/// offset. That a single one is late refutes nothing: it may not have been waited for.
fn is_refuted(crossings: &Crossings, clock: usize, known: &[Option<Interval>]) -> bool {
    let Some(own) = known[clock] else { return false };
    let mut late: Vec<Interval> = Vec::new();
    let mut is_impossible = false;
    for crossing in crossings.of(clock).filter(|crossing| crossing.is_call) {
        let Some(other) = known[crossing.other(clock)] else { continue };
        let expected = own.less(other);
        let seen = crossing.seen_by(clock);
        if seen.overlaps(expected) {
            if crossing.may_be_waited_for() {
                return false;
            }
            continue;
        }
        let is_child = crossing.child_clock == clock;
        let is_early = if is_child { seen.upper_ns < expected.lower_ns } else { seen.lower_ns > expected.upper_ns };
        is_impossible |= is_early || !crossing.is_outside();
        late.push(seen);
    }
    is_impossible || (late.len() > 1 && Agreement::of(&late).is_some_and(|agreement| agreement.agreeing == late.len()))
}

/// What one crossing says about a clock less the reference.
struct Said<'c> {
    crossing: &'c Crossing,
    clock: usize,
    interval: Interval,
}

impl Said<'_> {
    /// Whether the child ends too late for its parent, rather than beginning too early. The first happens by itself
    /// where nobody waits, the second never.
    fn is_late(&self) -> bool {
        if self.crossing.child_clock == self.clock { self.interval.lower_ns > 0 } else { self.interval.upper_ns < 0 }
    }
}

/// Whether a single span that is late is all that shows the clock to be off, while others do not, or while it is so late
/// that its parent had ended.
fn rests_on_one_that_is_late(said: &[Said<'_>], in_step: Interval) -> bool {
    let mut showing = said.iter().filter(|said| !said.interval.overlaps(in_step));
    match (showing.next(), showing.next()) {
        (Some(one), None) => one.is_late() && (said.len() > 1 || one.crossing.is_afterwards),
        _ => false,
    }
}

/// Whether a clock that is not settled yet stands as far from this one, on the same side: one clock that is off is
/// likelier than one that is not and another that is.
fn is_borne_out(crossings: &Crossings, clock: usize, offset_ns: i64, readings: &[Option<Reading>]) -> bool {
    let mut open = crossings.of(clock).filter(|crossing| readings[crossing.other(clock)].is_none());
    open.any(|crossing| {
        let seen = crossing.seen_by(clock);
        if offset_ns > 0 { seen.lower_ns > 0 } else { seen.upper_ns < 0 }
    })
}

/// What a crossing says about a clock, if the clock at its other side is settled.
fn said<'c>(crossing: &'c Crossing, clock: usize, readings: &[Option<Reading>]) -> Option<Said<'c>> {
    let other = readings[crossing.other(clock)].as_ref()?;
    let seen = crossing.seen_by(clock);
    let interval = match other {
        Reading::Coarse(offset) => seen.sum(*offset),
        other => seen.plus(other.shown_offset_ns()),
    };
    Some(Said { crossing, clock, interval })
}

fn by_one_trace(said: &[Said<'_>], surroundings: &Surroundings<'_>) -> Reading {
    let (limit_ns, in_step) = (surroundings.one_trace_skew_ns_max, in_step(surroundings));
    let intervals: Vec<Interval> = said.iter().map(|said| said.interval).collect();
    let Some(agreement) = Agreement::of(&intervals) else { return Reading::InStep };
    let percent = if agreement.total < CROSSINGS_TO_DOUBT { 100 } else { AGREEING_PERCENT };
    if agreement.within.contains(0) && agreement.is_of(percent) {
        return Reading::InStep;
    }
    let is_coarse = agreement.within.overlaps(in_step) && agreement.is_of(percent);
    if is_coarse || intervals.iter().all(|interval| interval.overlaps(in_step)) {
        return Reading::Coarse(agreement.within);
    }
    if !agreement.is_of(percent) {
        return Reading::Contradiction { agreeing: agreement.agreeing, crossings: agreement.total };
    }
    let (offset_ns, error_ns) = match agreement.within.middle() {
        Some((offset_ns, error_ns)) => (offset_ns, Some(error_ns)),
        None if agreement.within.upper_ns < 0 => (agreement.within.upper_ns, None),
        None => (agreement.within.lower_ns, None),
    };
    let calls = said.iter().filter(|said| said.crossing.is_call && said.crossing.may_be_waited_for()).count();
    let (agreeing, crossings) = (agreement.agreeing, agreement.total);
    let found = OneTrace { offset_ns, error_ns, agreeing, crossings, calls };
    if offset_ns.unsigned_abs() > limit_ns.max(0).unsigned_abs() {
        return Reading::BeyondLimit { found, limit_ns };
    }
    if rests_on_one_that_is_late(said, in_step) { Reading::Alone(found) } else { Reading::OneTrace(found) }
}

/// The offsets that one trace alone does not tell from none.
pub(super) fn in_step(surroundings: &Surroundings<'_>) -> Interval {
    let upper_ns = surroundings.one_trace_skew_ns_min.max(0);
    Interval { lower_ns: -upper_ns, upper_ns }
}

/// Whether the offset is more than is usual between clocks in step, error and all.
fn is_unusual(offset: &Offset) -> bool {
    offset.estimate_ns.unsigned_abs().saturating_sub(offset.error_ns.unsigned_abs()) >= USUAL_NS.unsigned_abs()
}
