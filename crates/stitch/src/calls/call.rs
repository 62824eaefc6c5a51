//! One step of a trace from one node to another.

use model::UnixNanos;

use super::Node;

/// What a caller asked of a callee, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call<'a> {
    /// Who asked; `None` where the work begins, or nothing tells who asked for it.
    pub caller: Option<Node<'a>>,
    /// Who was asked.
    pub callee: Node<'a>,
    /// What was asked: the name of the callee's span or, where that has not arrived, of the caller's.
    pub operation: &'a str,
    /// Which sides say so.
    pub seen_by: Sides,
    /// When it began, by the clock of the side that names the operation.
    pub start: UnixNanos,
    /// How long it took by the same side, in nanoseconds; never negative.
    pub duration_ns: i64,
    /// Whether it failed, as either side saw it. One error has as many failed calls as it has callers above it.
    pub is_error: bool,
    /// Whether an error began in the work that was asked for, so that no call below is to blame. Each error begins in one
    /// call. That may be one that did not fail, if the error was dealt with.
    pub begins_error: bool,
    /// How many such calls it stands for, as the spans were sampled; 1 if they were not.
    pub weight: f64,
    /// Index in the input of the span that called. `None` if it has not arrived or there is none, and behind a queue.
    pub client: Option<usize>,
    /// Index in the input of the span with which the work arrived in the callee; `None` if no span of it arrived.
    pub server: Option<usize>,
}

/// Which sides of a call say that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sides {
    /// The span that called, and one of the callee.
    Both,
    /// Only the span that called.
    Client,
    /// Only a span of the callee.
    Server,
}

impl Sides {
    /// The sides in one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Sides::Both => "both",
            Sides::Client => "client",
            Sides::Server => "server",
        }
    }

    /// Of what has arrived of each.
    pub(super) fn of(client: Option<usize>, server: Option<usize>) -> Self {
        match (client, server) {
            (Some(_), Some(_)) => Sides::Both,
            (Some(_), None) => Sides::Client,
            (None, _) => Sides::Server,
        }
    }
}
