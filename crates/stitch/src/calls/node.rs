//! What asks and is asked.

use crate::Peer;

/// One node of the graph of services. Two are the same if all of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node<'a> {
    /// What it is.
    pub kind: NodeKind,
    /// Of a database or queue, which kind of it, such as `postgresql` or `kafka`; empty where not said, and on others.
    pub system: &'a str,
    /// What it is called; never empty. Of a database the name that an operator gave it or else its own, its address or,
    /// if nothing else is known, its system.
    pub name: &'a str,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A service, by `service.name` or as a caller or callee names it.
    Service,
    /// A database.
    Database,
    /// A queue or topic.
    Queue,
    /// Something that was called and has no name but its address: nothing of it arrives.
    Peer,
}

impl NodeKind {
    /// The kind in one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            NodeKind::Service => "service",
            NodeKind::Database => "database",
            NodeKind::Queue => "queue",
            NodeKind::Peer => "peer",
        }
    }
}

impl<'a> Node<'a> {
    /// A service, unless it has no name.
    pub(super) fn service(name: &'a str) -> Option<Self> {
        Self::named(NodeKind::Service, name)
    }

    /// The queue that a span names, if it does.
    pub(super) fn queue(peer: &Peer<'a>) -> Option<Self> {
        Self::named(NodeKind::Queue, peer.queue).map(|queue| Self { system: peer.queue_system, ..queue })
    }

    /// What a calling span names as its callee by more than its address.
    pub(super) fn named_by(peer: &Peer<'a>) -> Option<Self> {
        Self::database(peer).or_else(|| Self::queue(peer)).or_else(|| Self::service(peer.service))
    }

    /// What a calling span names as its callee.
    pub(super) fn called_by(peer: &Peer<'a>) -> Option<Self> {
        Self::named_by(peer).or_else(|| Self::named(NodeKind::Peer, peer.address))
    }

    fn database(peer: &Peer<'a>) -> Option<Self> {
        if peer.database_system.is_empty() && peer.database.is_empty() {
            return None;
        }
        let names = [peer.service, peer.database, peer.address, peer.database_system];
        let name = names.into_iter().find(|name| !name.is_empty())?;
        Some(Self { kind: NodeKind::Database, system: peer.database_system, name })
    }

    fn named(kind: NodeKind, name: &'a str) -> Option<Self> {
        if name.is_empty() { None } else { Some(Self { kind, system: "", name }) }
    }
}
