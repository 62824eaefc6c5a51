//! What a span says of the other side of its call: a service, database, queue or address, and in which attributes.

use crate::SpanKind;

/// The other side, as far as the span says. Each is empty where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer<'a> {
    /// The service's name: of the callee on a calling span, of the caller on a receiving one.
    pub service: &'a str,
    /// Which kind of database was asked, such as `postgresql`.
    pub database_system: &'a str,
    /// Which database was asked, within its server.
    pub database: &'a str,
    /// Which kind of broker the queue is in, such as `kafka`.
    pub queue_system: &'a str,
    /// The queue or topic that a message was put in, or was taken from.
    pub queue: &'a str,
    /// The host name or address that was called. Of no meaning on receiving spans, where it is their own.
    pub address: &'a str,
}

/// The attributes of a span that name the service at the other side, the best first.
pub const PEER_SERVICE_KEYS: [&str; 2] = ["service.peer.name", "peer.service"];

/// The attributes that say which kind of database was asked.
pub const DATABASE_SYSTEM_KEYS: [&str; 2] = ["db.system.name", "db.system"];

/// The attributes that say which database was asked.
pub const DATABASE_KEYS: [&str; 2] = ["db.namespace", "db.name"];

/// The attributes that say which kind of broker a queue is in.
pub const QUEUE_SYSTEM_KEYS: [&str; 1] = ["messaging.system"];

/// The attributes that name a queue or topic.
pub const QUEUE_KEYS: [&str; 2] = ["messaging.destination.name", "messaging.destination"];

/// The attributes that say what was done with a queue.
pub const QUEUE_OPERATION_KEYS: [&str; 2] = ["messaging.operation.type", "messaging.operation"];

/// The attributes of a calling span that say which host it called: a name rather than a number, if there is one.
pub const PEER_ADDRESS_KEYS: [&str; 6] = [
    "server.address",
    "net.peer.name",
    "net.sock.peer.name",
    "network.peer.address",
    "net.sock.peer.addr",
    "net.peer.ip",
];

/// All of these lists: whoever reads only some attributes has to read these.
pub const PEER_KEYS: [&[&str]; 7] = [
    &PEER_SERVICE_KEYS,
    &DATABASE_SYSTEM_KEYS,
    &DATABASE_KEYS,
    &QUEUE_SYSTEM_KEYS,
    &QUEUE_KEYS,
    &QUEUE_OPERATION_KEYS,
    &PEER_ADDRESS_KEYS,
];

/// What is done with a queue that puts no message in it: a client that asks a broker for messages, or tells it that they
/// are dealt with, sends nothing to anyone.
const TAKING_OPERATIONS: [&str; 3] = ["receive", "process", "settle"];

impl<'a> Peer<'a> {
    /// Says nothing.
    pub const NONE: Self =
        Self { service: "", database_system: "", database: "", queue_system: "", queue: "", address: "" };

    /// Of a span of this kind, of which `attribute` gives the attributes that are text, by key.
    pub fn read(kind: SpanKind, attribute: impl Fn(&str) -> Option<&'a str>) -> Self {
        let first = |keys: &[&str]| keys.iter().filter_map(|key| attribute(key)).find(|text| !text.is_empty());
        let said = |keys: &[&str]| first(keys).unwrap_or_default();
        let is_taking = TAKING_OPERATIONS.contains(&said(&QUEUE_OPERATION_KEYS));
        let queue = if is_taking && kind == SpanKind::Client { "" } else { said(&QUEUE_KEYS) };
        Self {
            service: said(&PEER_SERVICE_KEYS),
            database_system: said(&DATABASE_SYSTEM_KEYS),
            database: said(&DATABASE_KEYS),
            queue_system: said(&QUEUE_SYSTEM_KEYS),
            queue,
            address: if kind.is_receiving() { "" } else { said(&PEER_ADDRESS_KEYS) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: SpanKind, attributes: &[(&str, &'static str)], expected: Peer<'static>) {
        let attribute = |key: &str| attributes.iter().find(|(name, _)| *name == key).map(|&(_, value)| value);
        assert_eq!(Peer::read(kind, attribute), expected);
    }

    #[test]
    fn newer_names_of_attributes_go_before_older_ones() {
        let attributes =
            [("db.system", "old"), ("db.system.name", "redis"), ("db.name", "0"), ("peer.service", "cache")];
        let expected = Peer { service: "cache", database_system: "redis", database: "0", ..Peer::NONE };
        check(SpanKind::Client, &attributes, expected);
    }

    #[test]
    fn a_receiving_span_does_not_call_its_own_address() {
        check(SpanKind::Client, &[("server.address", "shop")], Peer { address: "shop", ..Peer::NONE });
        check(SpanKind::Server, &[("server.address", "shop")], Peer::NONE);
    }

    #[test]
    fn a_client_that_takes_messages_puts_none_in_the_queue() {
        let taking = [("messaging.destination.name", "orders"), ("messaging.operation.type", "receive")];
        check(SpanKind::Client, &taking, Peer::NONE);
        check(SpanKind::Consumer, &taking, Peer { queue: "orders", ..Peer::NONE });
        check(SpanKind::Client, &taking[..1], Peer { queue: "orders", ..Peer::NONE });
    }
}
