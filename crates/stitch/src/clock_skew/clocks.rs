//! Which clocks a trace has, which node is by which, and by which one the story is told.

use model::UnixNanos;

use crate::forest::Node;
use crate::{Mark, Source, SpanInput};

/// The clocks of a trace, numbered in the order of their hosts' names: it does not depend on the order of the input.
pub(super) struct Clocks<'a> {
    /// The host of each.
    pub(super) hosts: Vec<&'a str>,
    /// The clock of each node; `None` where its span names no host.
    pub(super) of_node: Vec<Option<usize>>,
    /// The one by which the story is told: the root's or, without one, the clock of the top of the earliest tree.
    pub(super) reference: usize,
    /// When the node began to which the reference belongs.
    pub(super) began: UnixNanos,
}

impl<'a> Clocks<'a> {
    /// `None` where there are not two clocks to compare.
    pub(super) fn of(nodes: &[Node<'a>], spans: &[SpanInput<'a>]) -> Option<Self> {
        let mut hosts: Vec<&'a str> = nodes.iter().filter_map(|node| host(node, spans)).collect();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() < 2 {
            return None;
        }
        let number = |host: &str| hosts.binary_search(&host).ok();
        let of_node: Vec<Option<usize>> = nodes.iter().map(|node| host(node, spans).and_then(number)).collect();
        let rank = |node: &Node<'_>| (node.parent.is_some(), !node.has(Mark::Root));
        let (top, reference) = of_node
            .iter()
            .enumerate()
            .filter_map(|(node, clock)| clock.map(|clock| (&nodes[node], clock)))
            .min_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.place(b)))?;
        Some(Self { began: top.start, hosts, of_node, reference })
    }

    /// The nodes of each clock, in their order.
    pub(super) fn members(&self, nodes: &[Node<'_>]) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.hosts.len()];
        for (node, clock) in self.of_node.iter().enumerate() {
            if let Some(clock) = clock {
                members[*clock].push(node);
            }
        }
        for nodes_of_clock in &mut members {
            nodes_of_clock.sort_by(|&a, &b| nodes[a].place(&nodes[b]));
        }
        members
    }
}

/// The host whose clock a node's times are by.
fn host<'a>(node: &Node<'a>, spans: &[SpanInput<'a>]) -> Option<&'a str> {
    match node.source {
        Source::Arrived(span) => Some(spans[span].host).filter(|host| !host.is_empty()),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    }
}
