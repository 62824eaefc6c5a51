//! What the attributes of a span say that stitching asks for.

use std::cell::Cell;
use std::sync::LazyLock;

use arrow::array::BinaryViewArray;
use model::{Attributes, ValueRef};
use stitch::{HOST_KEYS, PEER_KEYS, Peer, SpanKind};

/// Who began the call, behind proxies if the server saw through them; by its name before it was stable, too.
pub(crate) const CLIENT_ADDRESS_KEYS: [&str; 2] = ["client.address", "http.client_ip"];

/// Who the connection was from: the client, or a proxy.
pub(crate) const CONNECTION_ADDRESS_KEYS: [&str; 3] = ["network.peer.address", "net.sock.peer.addr", "net.peer.ip"];

/// Attributes that are kept of one span. No convention has more of those that are asked for on one span.
const KEPT_MAX: usize = 16;

/// The attributes of a span that are asked for, where they are text: read in one pass, as there are many others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    kept: [(&'a str, &'a str); KEPT_MAX],
    len: usize,
}

impl<'a> Said<'a> {
    /// By the attributes of a span.
    pub(crate) fn by(attributes: Attributes<'a>) -> Self {
        let mut said = Self { kept: [("", ""); KEPT_MAX], len: 0 };
        for entry in attributes.iter() {
            let Ok(entry) = entry else { break };
            if let ValueRef::Text(text) = entry.value
                && !text.is_empty()
                && said.len < KEPT_MAX
                && is_asked_for(entry.key)
            {
                said.kept[said.len] = (entry.key, cut_name(text));
                said.len += 1;
            }
        }
        said
    }

    /// Where the call that it received came from: the client, and the other end of the connection. Empty where not said.
    pub(crate) fn caller_addresses(&self) -> [&'a str; 2] {
        [self.first_of(&CLIENT_ADDRESS_KEYS), self.first_of(&CONNECTION_ADDRESS_KEYS)]
    }

    /// What is at the other side of its call.
    pub(crate) fn peer(&self, kind: SpanKind) -> Peer<'a> {
        Peer::read(kind, |key| self.text(key))
    }

    fn first_of(&self, keys: &[&str]) -> &'a str {
        keys.iter().find_map(|key| self.text(key)).unwrap_or_default()
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.kept[..self.len].iter().find(|(name, _)| *name == key).map(|(_, text)| *text)
    }
}

/// Whether anything asks for the attribute. Nearly all are told apart by their length.
fn is_asked_for(key: &str) -> bool {
    const LENGTHS: usize = 32;
    static BY_LENGTH: LazyLock<[Vec<&str>; LENGTHS]> = LazyLock::new(|| {
        let mut by_length = [const { Vec::new() }; LENGTHS];
        let of_peers = PEER_KEYS.into_iter().flatten();
        for key in of_peers.chain(&CLIENT_ADDRESS_KEYS).chain(&CONNECTION_ADDRESS_KEYS) {
            by_length[key.len()].push(*key);
        }
        by_length
    });
    BY_LENGTH.get(key.len()).is_some_and(|keys| keys.contains(&key))
}

/// Bytes of a name that are looked at. Digests say names once for each kind of call, where the batches of a memtable share
/// them: what is longer is cut, and none that anybody gave on purpose is.
const NAME_BYTES_MAX: usize = 256;

/// A name, cut between characters.
pub(crate) fn cut_name(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES_MAX)]
}

/// The hosts of the rows of a batch. Rows of one resource stand together, so that each is looked into about once, and only
/// when somebody asks.
#[derive(Debug)]
pub(crate) struct HostColumn<'a> {
    ids: &'a [u64],
    attributes: &'a BinaryViewArray,
    last: Cell<Option<(u64, &'a str)>>,
}

impl<'a> HostColumn<'a> {
    /// Of the columns `resource_id` and `resource_attributes`.
    pub(crate) fn new(ids: &'a [u64], attributes: &'a BinaryViewArray) -> Self {
        Self { ids, attributes, last: Cell::new(None) }
    }

    /// The host by whose clock the row's times are; empty where its resource does not say.
    pub(crate) fn at(&self, row: usize) -> &'a str {
        match self.last.get() {
            Some((id, host)) if id == self.ids[row] => host,
            _ => {
                let host = host_of(Attributes::new(self.attributes.value(row)));
                self.last.set(Some((self.ids[row], host)));
                host
            }
        }
    }
}

fn host_of(resource: Attributes<'_>) -> &str {
    let text = |key: &&str| match resource.get(key) {
        Some(ValueRef::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    HOST_KEYS.iter().find_map(text).unwrap_or_default()
}
