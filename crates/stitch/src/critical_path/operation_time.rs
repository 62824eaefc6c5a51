//! What one operation has of a critical path.

/// What all spans of one service and operation have of one critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationTime<'a> {
    /// The service; empty when nobody said.
    pub service: &'a str,
    /// The operation; empty when nobody said, as of a phantom.
    pub operation: &'a str,
    /// How many spans of it the path goes through; at least 1.
    pub spans: usize,
    /// Their self time on the path together, in nanoseconds.
    pub self_ns: u64,
    /// What of it failed spans have, in nanoseconds; at most `self_ns`.
    pub failed_self_ns: u64,
}
