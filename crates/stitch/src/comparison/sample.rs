//! What comparing needs to know of one trace.

use crate::OperationTime;

/// One trace among many of one operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceSample<'a> {
    /// How long its critical path is, in nanoseconds ([`CriticalPath::duration_ns`](crate::CriticalPath::duration_ns)).
    pub duration_ns: u64,
    /// Whether it failed, by the status of the operation's span.
    pub is_error: bool,
    /// The path's time by operation ([`CriticalPath::by_operation`](crate::CriticalPath::by_operation)). Their self
    /// times add up to `duration_ns`.
    pub operations: &'a [OperationTime<'a>],
    /// Keys and values of attributes that occur in it, in any order. A pair that is given twice counts once.
    pub attributes: &'a [(&'a str, &'a str)],
}
