//! The stitched view: each span once and in its place, what is missing stood in for, every change in the ledger.

use crate::arrivals::Arrivals;
use crate::{
    SpanInput, Story, Surroundings, clock_skew, cycles, duplicates, forest, missing_parent, negative_duration, order,
    shared_ids,
};

/// Stitches all copies of all spans of one trace, in any order, into one story, by what these say alone.
///
/// Never fails and never panics, whatever the spans say. Takes O(n log n) time and O(n) memory.
pub fn stitch<'a>(spans: &[SpanInput<'a>]) -> Story<'a> {
    stitch_within(spans, &Surroundings::default())
}

/// The same, with what is known from outside the trace: clocks, addresses, usual callers.
pub fn stitch_within<'a>(spans: &[SpanInput<'a>], surroundings: &Surroundings<'a>) -> Story<'a> {
    let arrivals = Arrivals::new(spans);
    let (mut nodes, orphans) = forest::plant(&arrivals);
    let rings = cycles::cut(&mut nodes);
    // Before phantoms are made: they reach over their children as these are shown.
    let correction = clock_skew::correct(&mut nodes, spans, surroundings);
    let mut repairs = duplicates::repairs(&arrivals);
    repairs.extend(shared_ids::repairs(&arrivals));
    repairs.extend(missing_parent::repair(&mut nodes, spans, orphans, surroundings));
    repairs.extend(cycles::repairs(&nodes, &rings));
    repairs.extend(negative_duration::repairs(&nodes, spans));
    repairs.extend(correction.repairs);
    let story = Story::new(order::depth_first(&nodes), repairs);
    Story { shifts: correction.shifts, remarks: correction.remarks, ..story }
}
