//! Whether a trace is plainly clean, which nearly all are: found in a fraction of the time that stitching takes.

use model::SpanId;

use crate::SpanInput;

/// Whether stitching would repair nothing of these spans, as long as no clock is known to be off by other traces.
///
/// `true` is certain; `false` says that it takes stitching to know. Takes O(n log n) time and O(n) memory.
pub fn is_plain(spans: &[SpanInput<'_>]) -> bool {
    let mut by_id: Vec<(SpanId, usize)> = spans.iter().enumerate().map(|(copy, span)| (span.span_id, copy)).collect();
    by_id.sort_unstable();
    if by_id.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return false;
    }
    let mut parents = Vec::with_capacity(spans.len());
    for span in spans {
        let parent = match span.parent_span_id {
            None => None,
            Some(id) => match by_id.binary_search_by_key(&id, |(id, _)| *id) {
                Ok(found) => Some(by_id[found].1),
                Err(_) => return false,
            },
        };
        if span.duration_ns < 0 || parent.is_some_and(|parent| !fits(span, &spans[parent])) {
            return false;
        }
        parents.push(parent);
    }
    all_have_a_root(&parents)
}

/// Whether a child stands where neither a clock nor a late root can be the matter.
fn fits(child: &SpanInput<'_>, parent: &SpanInput<'_>) -> bool {
    let begins_within = child.start >= parent.start;
    if child.host == parent.host {
        return begins_within || parent.parent_span_id.is_some();
    }
    // What ends later was perhaps not waited for, which is for stitching to tell.
    begins_within && child.end_as_sent() <= parent.end_as_sent()
}

/// Whether each walk along the parents ends.
fn all_have_a_root(parents: &[Option<usize>]) -> bool {
    /// Not walked yet; on the walk; known to end.
    #[derive(Clone, Copy, PartialEq)]
    enum Walk {
        New,
        Now,
        Ends,
    }
    let mut walked = vec![Walk::New; parents.len()];
    let mut way = Vec::new();
    for start in 0..parents.len() {
        let mut at = Some(start);
        while let Some(span) = at.filter(|span| walked[*span] == Walk::New) {
            walked[span] = Walk::Now;
            way.push(span);
            at = parents[span];
        }
        if at.is_some_and(|span| walked[span] == Walk::Now) {
            return false;
        }
        way.drain(..).for_each(|span| walked[span] = Walk::Ends);
    }
    true
}
