//! Repair `clock_skew`: a host's clock is ahead of or behind the clock of the root's host. All spans of the host are
//! moved together by that offset, so that what happened between them stays as it was measured.
//!
//! | file | holds |
//! |---|---|
//! | `clocks.rs` | which clocks a trace has, which span is by which, and by which one the story is told |
//! | `crossings.rs` | spans whose parent is on another host, and what they say about the two clocks |
//! | `readings.rs` | how far each clock is off: by many traces or, where these say nothing, by this one alone |
//! | `ledger.rs` | the words: repairs, and remarks about what was left alone |
//!
//! What is never done: spans of one host are not moved against each other; a span that nobody waits for is not moved
//! into its parent; and of hosts that nobody named, nothing is moved.

mod clocks;
mod crossings;
mod ledger;
mod readings;

use model::UnixNanos;

use crate::forest::Node;
use crate::{ClockShift, Mark, Remark, Repair, SpanInput, Surroundings};
use clocks::Clocks;
use crossings::Crossings;
use ledger::Subject;

/// What was found out about the clocks of a trace.
#[derive(Default)]
pub(crate) struct Correction<'a> {
    pub(crate) repairs: Vec<Repair>,
    pub(crate) shifts: Vec<ClockShift<'a>>,
    pub(crate) remarks: Vec<Remark>,
}

/// Moves the nodes of each host whose clock is off, marks them, and says so. Cycles must have been cut.
pub(crate) fn correct<'a>(
    nodes: &mut [Node<'a>],
    spans: &[SpanInput<'a>],
    surroundings: &Surroundings<'_>,
) -> Correction<'a> {
    let mut correction = Correction::default();
    correction.remarks.extend(ledger::unknown_hosts(nodes, spans, readings::in_step(surroundings)));
    let Some(clocks) = Clocks::of(nodes, spans) else { return correction };
    let crossings = Crossings::find(nodes, spans, &clocks);
    let readings = readings::read(&clocks, &crossings, surroundings);
    let members = clocks.members(nodes);
    for (clock, reading) in readings.iter().enumerate() {
        let subject = Subject { clocks: &clocks, clock, crossings: &crossings, nodes };
        correction.remarks.extend(subject.remark(reading));
        if let Some(shift) = reading.shift() {
            correction.repairs.push(subject.repair(&members[clock], &shift));
            correction.shifts.push(subject.in_numbers(&shift));
            apply(nodes, &members[clock], shift.ns);
        }
    }
    correction
}

fn apply(nodes: &mut [Node<'_>], members: &[usize], shift_ns: i64) {
    let moved = |time: UnixNanos| UnixNanos::new(time.get().saturating_add(shift_ns));
    for &member in members {
        let node = &mut nodes[member];
        (node.start, node.end) = (moved(node.start), moved(node.end));
        node.marks.insert(Mark::ClockSkew);
    }
}
