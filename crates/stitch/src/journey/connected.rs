//! Which traces hops connect with one.

use std::collections::{HashMap, HashSet};

use model::TraceId;

use super::hop::Hop;

/// The trace, and all that hops lead to or from, from trace to trace, in either direction.
pub fn connected(trace_id: TraceId, hops: &[Hop]) -> HashSet<TraceId> {
    let mut beside: HashMap<TraceId, Vec<TraceId>> = HashMap::new();
    for hop in hops {
        let (from, to) = (hop.from.span.trace_id, hop.to.span.trace_id);
        beside.entry(from).or_default().push(to);
        beside.entry(to).or_default().push(from);
    }
    let mut found = HashSet::from([trace_id]);
    let mut next = vec![trace_id];
    while let Some(trace_id) = next.pop() {
        for other in beside.remove(&trace_id).unwrap_or_default() {
            if found.insert(other) {
                next.push(other);
            }
        }
    }
    found
}
