//! The stitched view: each span once and in its place, what is missing stood in for, every change in the ledger.

use crate::arrivals::Arrivals;
use crate::{
    SpanInput, Story, Surroundings, Trace, clock_skew, cycles, duplicates, forest, late_root, log_only_service,
    missing_parent, negative_duration, order, shared_ids,
};

/// Stitches all copies of all spans of one trace, in any order, into one story, by what these say alone.
///
/// Never fails and never panics, whatever the spans say. Takes O(n log n) time and O(n) memory.
pub fn stitch<'a>(spans: &[SpanInput<'a>]) -> Story<'a> {
    stitch_within(Trace::of_spans(spans), &Surroundings::default())
}

/// The same, with the log records that name the trace, and with what is known from outside of it: clocks, addresses,
/// usual callers.
pub fn stitch_within<'a>(trace: Trace<'_, 'a>, surroundings: &Surroundings<'a>) -> Story<'a> {
    let spans = trace.spans;
    let arrivals = Arrivals::new(spans);
    let (mut nodes, orphans) = forest::plant(&arrivals);
    let rings = cycles::cut(&mut nodes);
    // Before clocks are compared: to them, a root that was opened late looks like a clock that is ahead.
    let late_roots = late_root::repair(&mut nodes, spans);
    // Before phantoms are made: they reach over their children as these are shown.
    let correction = clock_skew::correct(&mut nodes, spans, surroundings);
    let mut repairs = duplicates::repairs(&arrivals);
    repairs.extend(shared_ids::repairs(&arrivals));
    repairs.extend(missing_parent::repair(&mut nodes, spans, orphans, surroundings));
    repairs.extend(cycles::repairs(&nodes, &rings));
    repairs.extend(negative_duration::repairs(&nodes, spans));
    repairs.extend(correction.repairs);
    repairs.extend(late_roots);
    repairs.extend(log_only_service::repair(&mut nodes, trace, &correction.shifts));
    let story = Story::new(order::depth_first(&nodes), repairs);
    Story { shifts: correction.shifts, remarks: correction.remarks, ..story }
}
