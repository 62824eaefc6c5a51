//! What arrived, by span id: which copies are shown, and which of them an id means.

use std::collections::HashMap;

use model::SpanId;

use crate::{Mark, Marks, SpanInput, SpanKind};

/// All copies of a trace's spans. A *copy* is one element of the input, named by its index.
pub(crate) struct Arrivals<'s, 'a> {
    spans: &'s [SpanInput<'a>],
    /// Copies by span id, and within one id the newest first.
    by_id: Vec<usize>,
    shown: HashMap<SpanId, Shown>,
}

/// Which copies of one id are shown.
#[derive(Clone, Copy)]
struct Shown {
    copies: Copies,
    /// Whether there are further copies, which are not shown.
    duplicated: bool,
}

/// The copies that one id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
    /// The newest.
    One(usize),
    /// The two sides of one call: each the newest of its kind.
    Shared { client: usize, server: usize },
}

/// What a copy's parent comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// It names none.
    None,
    /// This copy.
    Arrived(usize),
    /// It names an id under which nothing arrived.
    Missing(SpanId),
}

impl<'s, 'a> Arrivals<'s, 'a> {
    pub(crate) fn new(spans: &'s [SpanInput<'a>]) -> Self {
        let mut by_id: Vec<usize> = (0..spans.len()).collect();
        by_id
            .sort_unstable_by_key(|&copy| (spans[copy].span_id, std::cmp::Reverse((spans[copy].received_order, copy))));
        let mut shown = HashMap::new();
        for group in by_id.chunk_by(|&a, &b| spans[a].span_id == spans[b].span_id) {
            let copies = choose(spans, group);
            shown.insert(spans[group[0]].span_id, Shown { copies, duplicated: group.len() > copies.len() });
        }
        Self { spans, by_id, shown }
    }

    pub(crate) fn spans(&self) -> &'s [SpanInput<'a>] {
        self.spans
    }

    /// The copies of each id, the newest first, in the order of ids; and which of them are shown.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&[usize], Copies)> {
        self.by_id
            .chunk_by(|&a, &b| self.spans[a].span_id == self.spans[b].span_id)
            .map(|group| (group, self.shown(group[0]).copies))
    }

    /// Whether the stitched view shows this copy.
    pub(crate) fn is_shown(&self, copy: usize) -> bool {
        self.shown(copy).copies.contains(copy)
    }

    /// The client side, if this copy is the server side of a shared id.
    pub(crate) fn client_side(&self, copy: usize) -> Option<usize> {
        match self.shown(copy).copies {
            Copies::Shared { client, server } if server == copy => Some(client),
            _ => None,
        }
    }

    /// The parent as the copy names it.
    pub(crate) fn named_parent(&self, copy: usize) -> Parent {
        let child = &self.spans[copy];
        let Some(id) = child.parent_span_id else { return Parent::None };
        match self.shown.get(&id).map(|shown| shown.copies) {
            None => Parent::Missing(id),
            Some(Copies::One(parent)) => Parent::Arrived(parent),
            // Work done for a call is the server's. Only what began in the caller's own process is the client's.
            Some(Copies::Shared { client, .. })
                if child.kind.begins_in_parents_process() && child.service == self.spans[client].service =>
            {
                Parent::Arrived(client)
            }
            Some(Copies::Shared { server, .. }) => Parent::Arrived(server),
        }
    }

    /// The marks that follow from the copy and its id alone.
    pub(crate) fn marks(&self, copy: usize) -> Marks {
        let mut marks = Marks::default();
        let shown = self.shown(copy);
        if shown.duplicated {
            marks.insert(Mark::Duplicate);
        }
        if matches!(shown.copies, Copies::Shared { .. }) && shown.copies.contains(copy) {
            marks.insert(Mark::SharedSpanId);
        }
        if self.spans[copy].duration_ns < 0 {
            marks.insert(Mark::NegativeDuration);
        }
        marks
    }

    fn shown(&self, copy: usize) -> Shown {
        self.shown[&self.spans[copy].span_id]
    }
}

impl Copies {
    pub(crate) fn contains(self, copy: usize) -> bool {
        match self {
            Copies::One(one) => one == copy,
            Copies::Shared { client, server } => client == copy || server == copy,
        }
    }

    fn len(self) -> usize {
        match self {
            Copies::One(_) => 1,
            Copies::Shared { .. } => 2,
        }
    }
}

/// Chooses among the copies of one id, of which the newest is first: it is always shown, and beside it the newest
/// copy of a call's other side, if another service sent that one.
fn choose(spans: &[SpanInput<'_>], group: &[usize]) -> Copies {
    let newest = group[0];
    let kind = spans[newest].kind;
    // A producer may be answered by a server: what it sends is then a call in all but name.
    let is_other_side: fn(SpanKind) -> bool = match kind {
        SpanKind::Client | SpanKind::Producer => |kind| kind == SpanKind::Server,
        SpanKind::Server => SpanKind::is_sending,
        _ => return Copies::One(newest),
    };
    let other_side = |&&copy: &&usize| is_other_side(spans[copy].kind) && spans[copy].service != spans[newest].service;
    match group.iter().find(other_side) {
        None => Copies::One(newest),
        Some(&client) if kind == SpanKind::Server => Copies::Shared { client, server: newest },
        Some(&server) => Copies::Shared { client: newest, server },
    }
}
