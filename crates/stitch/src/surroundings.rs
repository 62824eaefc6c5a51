//! What is known from outside a trace when it is stitched.

use model::UnixNanos;

use crate::{AddressBook, Offsets, UsualCallers};

/// On the evidence of one trace alone, a host's clock is taken to be off by an hour at most. Nodes whose time zone was
/// mistaken for their time are off by that much; above it, work that was begun and not waited for is likelier.
pub const ONE_TRACE_SKEW_NS_MAX: i64 = 3_600_000_000_000;

/// The evidence of one trace is not heard where clocks need not be off by more than this for it: those of browsers and of
/// the stock SDK for JavaScript count in whole milliseconds, and two processes on one machine then seem a few
/// apart. A reader of a waterfall misses nothing by it that many traces would not tell better.
pub const ONE_TRACE_SKEW_NS_MIN: i64 = 10_000_000;

const _: () = assert!(ONE_TRACE_SKEW_NS_MIN < ONE_TRACE_SKEW_NS_MAX);

/// Knowledge from other traces and from Kubernetes; none by default.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'k> {
    /// How far the clocks of hosts are apart.
    pub offsets: Option<&'k Offsets>,
    /// Which service held an address when.
    pub addresses: Option<&'k AddressBook>,
    /// Who usually calls an operation.
    pub callers: Option<&'k UsualCallers>,
    /// When the trace was received, by the clock by which [`Exchange::at`](crate::Exchange::at) was; `None` takes the start of
    /// its root.
    pub at: Option<UnixNanos>,
    /// How far a host may be moved on the evidence of the trace alone, in nanoseconds, inclusive. At 0 such evidence
    /// moves nothing.
    pub one_trace_skew_ns_max: i64,
    /// How far a host's clock has to be off at least, on the evidence of the trace alone, to be moved or spoken of, in
    /// nanoseconds, exclusive. At 0 the least difference counts.
    pub one_trace_skew_ns_min: i64,
}

impl Default for Surroundings<'_> {
    fn default() -> Self {
        Self {
            offsets: None,
            addresses: None,
            callers: None,
            at: None,
            one_trace_skew_ns_max: ONE_TRACE_SKEW_NS_MAX,
            one_trace_skew_ns_min: ONE_TRACE_SKEW_NS_MIN,
        }
    }
}
