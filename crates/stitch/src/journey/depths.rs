//! How many hops each trace is from where the work began.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, VecDeque};

use model::{TraceId, UnixNanos};

use super::hop::Hop;

/// The depth of each of the traces, in their order: 0 for those that no hop leads to, and the fewest hops from one of
/// these for the rest. Of traces that lead to each other in a ring, the one that started first has depth 0.
///
/// Hops within a trace, and to traces that are not among these, count for nothing. A trace is given once.
pub fn depths(traces: &[(TraceId, UnixNanos)], hops: &[Hop]) -> Vec<u32> {
    let indexes: HashMap<TraceId, usize> = traces.iter().enumerate().map(|(index, (id, _))| (*id, index)).collect();
    let mut onward = vec![BTreeSet::new(); traces.len()];
    let mut is_led_to = vec![false; traces.len()];
    for hop in hops {
        let ends = (indexes.get(&hop.from.span.trace_id), indexes.get(&hop.to.span.trace_id));
        if let (Some(&from), Some(&to)) = ends
            && from != to
        {
            onward[from].insert(to);
            is_led_to[to] = true;
        }
    }
    let mut depths: Vec<Option<u32>> = vec![None; traces.len()];
    let mut reach = |tops: Vec<usize>| {
        let mut next: VecDeque<(usize, u32)> = tops.into_iter().map(|top| (top, 0)).collect();
        while let Some((index, depth)) = next.pop_front() {
            if depths[index].is_none() {
                depths[index] = Some(depth);
                next.extend(onward[index].iter().map(|to| (*to, depth + 1)));
            }
        }
        depths.iter().enumerate().filter(|(_, depth)| depth.is_none()).map(|(index, _)| index).collect::<Vec<_>>()
    };
    let mut left = reach((0..traces.len()).filter(|index| !is_led_to[*index]).collect());
    while let Some(&first) = left.iter().min_by_key(|index| (traces[**index].1, Reverse(onward[**index].len()))) {
        left = reach(vec![first]);
    }
    depths.into_iter().map(Option::unwrap_or_default).collect()
}
