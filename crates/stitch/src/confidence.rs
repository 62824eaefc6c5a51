//! How sure each repair is, in one place, with reasons. The scale: at 0.9 and above, an operator may act on the repair
//! without opening the raw view. The simulator in `tests/simulator` holds these numbers against what really happened.

use crate::Offset;

/// All copies agree: a sender or a proxy delivered one batch twice. Only attributes, which stitching does not see,
/// could still differ.
pub(crate) const DUPLICATE_AGREES: f64 = 0.99;

/// Copies differ in duration, status or name only: the span was sent while it ran, and again when it had ended.
pub(crate) const DUPLICATE_CONTINUES: f64 = 0.9;

/// Copies differ in what a span cannot change (parent, start, kind, service). They may be two spans whose ids
/// collided, in which case the older one is hidden wrongly: in the simulator, nearly always.
pub(crate) const DUPLICATE_CONFLICTS: f64 = 0.1;

/// A client and a server span of two services under one id, with one parent or none on the server's side: exactly
/// what Zipkin's shared spans look like, and a collision of random ids in one trace is next to impossible.
pub(crate) const SHARED_SAME_PARENT: f64 = 0.97;

/// The same, but the two sides name different parents, which Zipkin's propagation does not do: mostly a span was given
/// the id of another.
pub(crate) const SHARED_OTHER_PARENT: f64 = 0.2;

/// That a parent existed and these are its children is what the children say themselves. What remains is a
/// sender that invents parent ids.
pub(crate) const MISSING_PARENT: f64 = 0.98;

/// A span that is not the receiving side of a call starts in its parent's process, so its service is the parent's.
/// Wrong where a service takes over a remote context by hand without a server span.
pub(crate) const MISSING_PARENT_WITH_SERVICE: f64 = 0.9;

/// A span that names itself as its parent: senders that do so mean "no parent".
pub(crate) const CYCLE_OF_ONE: f64 = 0.9;

/// One link of the ring is false, and the earliest span is the likeliest to have had no parent in it; but its start
/// is read from a clock that may be off, and its true parent stays unknown: in the simulator, where rings come from ids
/// given twice, it seldom was a root.
pub(crate) const CYCLE_OF_MANY: f64 = 0.2;

/// The clock was set back while the span ran. Its start is kept, its true length is lost: zero is merely the
/// shortest that fits.
pub(crate) const NEGATIVE_DURATION: f64 = 0.5;

/// The offset of two clocks by many traces, that the truth lies within its error. What could be wrong: most calls are
/// of one sender that does not wait for answers, or a clock was set between the calls and the trace.
pub(crate) fn offset(offset: &Offset) -> f64 {
    let agreement = count(offset.agreeing_percent) / 100.0;
    // The rule of succession: how probable it is that one more call agrees, too.
    let sampled = f64::from(u32::try_from(offset.sampled).unwrap_or(u32::MAX));
    let seen = (agreement * sampled + 1.0) / (sampled + 2.0);
    OFFSET_MAX.min(seen) * OFFSET_LINK.powi(i32::try_from(offset.via.len()).unwrap_or(i32::MAX))
}

/// However many calls agree.
const OFFSET_MAX: f64 = 0.97;

/// Each further pair of a chain has its own chance to be wrong.
const OFFSET_LINK: f64 = 0.97;

/// The offset of two clocks by one trace: `calls` of its `crossings` are the two sides of a call, and
/// `is_bounded` says whether there is an error that the truth should lie within.
pub(crate) fn one_trace(calls: usize, crossings: usize, is_bounded: bool) -> f64 {
    match (is_bounded, calls) {
        (false, _) => ONE_TRACE_LEAST,
        (true, 0) => ONE_TRACE_KINDLESS,
        (true, calls) if calls >= 3 && calls == crossings => ONE_TRACE_CALLS,
        (true, _) => ONE_TRACE_CALL,
    }
}

/// Only a least offset is known, and the truth may be far beyond.
const ONE_TRACE_LEAST: f64 = 0.3;

/// Nothing says that the parents waited for their children.
const ONE_TRACE_KINDLESS: f64 = 0.7;

/// The two sides of a call or two: they may not have waited for each other.
const ONE_TRACE_CALL: f64 = 0.8;

/// Three calls that agree.
const ONE_TRACE_CALLS: f64 = 0.85;

/// An absent parent whose child was called from an address that one service held at that time. Wrong where a proxy
/// that takes no part in the trace stands between.
pub(crate) const MISSING_PARENT_BY_ADDRESS: f64 = 0.95;

/// An absent parent whose child has a usual caller: how probable it is that this call was by it, too, by the rule of
/// succession, which is cautious while calls are few.
pub(crate) fn usual_caller(calls_by_it: u64, calls: u64) -> f64 {
    let calls_by_it = calls_by_it.min(calls);
    MISSING_PARENT * ((count(calls_by_it) + 1.0) / (count(calls) + 2.0))
}

/// By one clock, a root is later than what is directly below it. What could be wrong is the link: a child that took the
/// root for its parent by accident.
pub(crate) const LATE_ROOT: f64 = 0.95;

/// A service that logs the id of a span was called with it, or for its work.
pub(crate) const LOGGED_BELOW_NAMED: f64 = 0.95;

/// Everything in a trace is below its root, though seldom directly; of several roots it may be another one.
pub(crate) const LOGGED_WITHIN_ROOT: f64 = 0.9;

/// The root is lost, and the earliest of what is left of the trace need not be above the service.
pub(crate) const LOGGED_WITHIN_TREE: f64 = 0.5;

/// That the service took part is all that is said.
pub(crate) const LOGGED_ALONE: f64 = 0.97;

/// Exact up to 2^32, above which no ratio of counts changes by it.
fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
