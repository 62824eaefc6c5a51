//! One call as its two sides saw it.

use model::UnixNanos;

use super::bounds::Bounds;
use crate::arrivals::{Arrivals, Parent};
use crate::{SpanInput, SpanKind};

/// A call that was answered, with the span of its client and the span of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// The host by whose clock the client's times are.
    pub client_host: &'a str,
    /// The host by whose clock the server's times are.
    pub server_host: &'a str,
    /// When the client began.
    pub client_start: UnixNanos,
    /// When the client had its answer.
    pub client_end: UnixNanos,
    /// When the server began.
    pub server_start: UnixNanos,
    /// When the server had answered.
    pub server_end: UnixNanos,
    /// When it was, by one clock for all calls: the time of receipt is best, as a sender's clock may be off by hours.
    pub at: UnixNanos,
}

impl Exchange<'_> {
    /// What it says about the server's clock less the client's. `None` where the server took longer than its client
    /// waited, or a side ended before it began: then one did not wait for the other, or a clock was set meanwhile.
    pub fn bounds(&self) -> Option<Bounds> {
        let upper_ns = self.server_start.get().saturating_sub(self.client_start.get());
        let lower_ns = self.server_end.get().saturating_sub(self.client_end.get());
        let is_forward = self.client_start <= self.client_end && self.server_start <= self.server_end;
        (is_forward && lower_ns <= upper_ns).then_some(Bounds { at: self.at, lower_ns, upper_ns })
    }
}

/// The calls between known, different hosts that a trace holds both sides of, each side as it was received last; without
/// those of which both sides are among the first `known` spans.
pub(crate) fn exchanges<'a>(spans: &[SpanInput<'a>], known: usize, at: UnixNanos) -> Vec<Exchange<'a>> {
    let arrivals = Arrivals::new(spans);
    let mut calls = Vec::new();
    for (copy, server) in spans.iter().enumerate() {
        if server.kind != SpanKind::Server || server.host.is_empty() || server.has_links || !arrivals.is_shown(copy) {
            continue;
        }
        let parent = arrivals.client_side(copy).map_or_else(|| arrivals.named_parent(copy), Parent::Arrived);
        let Parent::Arrived(parent) = parent else { continue };
        if copy.max(parent) < known {
            continue;
        }
        let client = &spans[parent];
        if client.kind != SpanKind::Client || client.host.is_empty() || client.host == server.host {
            continue;
        }
        calls.push(Exchange {
            client_host: client.host,
            server_host: server.host,
            client_start: client.start,
            client_end: client.end_as_sent(),
            server_start: server.start,
            server_end: server.end_as_sent(),
            at,
        });
    }
    calls
}
