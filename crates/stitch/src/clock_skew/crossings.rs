//! Spans whose parent is on another host, and what they say about the two clocks.

use super::clocks::Clocks;
use crate::clock::Interval;
use crate::forest::Node;
use crate::{Source, SpanInput, SpanKind};

/// One span whose parent is on another host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing {
    /// The clock of the parent.
    pub(super) parent_clock: usize,
    /// The clock of the child.
    pub(super) child_clock: usize,
    /// The child's node.
    pub(super) child: usize,
    /// What it says about the child's clock less the parent's. A child does not begin before its parent, and where the
    /// parent waits for it, does not end after it.
    pub(super) says: Interval,
    /// Whether the child began when its parent had ended. Either a clock is off, or nobody waited for it.
    pub(super) is_afterwards: bool,
    /// Whether the kinds say that the parent is the client and the child the server of one call.
    pub(super) is_call: bool,
}

impl Crossing {
    /// The clock at the other side.
    pub(super) fn other(&self, clock: usize) -> usize {
        if self.child_clock == clock { self.parent_clock } else { self.child_clock }
    }

    /// What it says about `clock` less the clock at the other side.
    pub(super) fn seen_by(&self, clock: usize) -> Interval {
        if self.child_clock == clock { self.says } else { self.says.negated() }
    }

    /// Whether the child stands outside its parent, as sent.
    pub(super) fn is_outside(&self) -> bool {
        !self.says.contains(0)
    }

    /// Whether it bounds the offset from both sides: the parent may have waited for the child.
    pub(super) fn may_be_waited_for(&self) -> bool {
        self.says.lower_ns != i64::MIN
    }
}

/// All crossings of a trace between known hosts.
pub(super) struct Crossings {
    all: Vec<Crossing>,
    by_clock: Vec<Vec<usize>>,
}

impl Crossings {
    pub(super) fn find(nodes: &[Node<'_>], spans: &[SpanInput<'_>], clocks: &Clocks<'_>) -> Self {
        let mut by_clock = vec![Vec::new(); clocks.hosts.len()];
        let mut all = find(nodes, spans, clocks);
        all.sort_by(|a, b| nodes[a.child].place(&nodes[b.child]));
        for (number, crossing) in all.iter().enumerate() {
            by_clock[crossing.parent_clock].push(number);
            by_clock[crossing.child_clock].push(number);
        }
        Self { all, by_clock }
    }

    /// Those of one clock, whichever side is on it, in the order of the children.
    pub(super) fn of(&self, clock: usize) -> impl Iterator<Item = &Crossing> {
        self.by_clock[clock].iter().map(|&crossing| &self.all[crossing])
    }
}

fn find(nodes: &[Node<'_>], spans: &[SpanInput<'_>], clocks: &Clocks<'_>) -> Vec<Crossing> {
    let mut crossings = Vec::new();
    for (child, node) in nodes.iter().enumerate() {
        let Some(parent) = node.parent else { continue };
        let (Some(child_clock), Some(parent_clock)) = (clocks.of_node[child], clocks.of_node[parent]) else { continue };
        if child_clock != parent_clock {
            let (says, is_call) = what_it_says(&nodes[parent], node, spans);
            let is_afterwards = node.start > nodes[parent].end;
            crossings.push(Crossing { parent_clock, child_clock, child, says, is_afterwards, is_call });
        }
    }
    crossings
}

/// What a child says about its clock less its parent's, and whether the two are the sides of one call.
pub(super) fn what_it_says(parent: &Node<'_>, child: &Node<'_>, spans: &[SpanInput<'_>]) -> (Interval, bool) {
    let upper_ns = child.start.get().saturating_sub(parent.start.get());
    let lower_ns = child.end.get().saturating_sub(parent.end.get());
    let (Some(parent), Some(child)) = (arrived(parent, spans), arrived(child, spans)) else {
        return (Interval { lower_ns: i64::MIN, upper_ns }, false);
    };
    let is_message = |span: &SpanInput<'_>| matches!(span.kind, SpanKind::Producer | SpanKind::Consumer);
    // A child that took longer than its parent was not waited for, or not to its end.
    let is_waited_for = lower_ns <= upper_ns && !is_message(parent) && !is_message(child) && !child.has_links;
    let is_call = parent.kind == SpanKind::Client && child.kind == SpanKind::Server;
    (Interval { lower_ns: if is_waited_for { lower_ns } else { i64::MIN }, upper_ns }, is_call)
}

fn arrived<'s, 'a>(node: &Node<'_>, spans: &'s [SpanInput<'a>]) -> Option<&'s SpanInput<'a>> {
    match node.source {
        Source::Arrived(span) => Some(&spans[span]),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    }
}
