//! How long work waited between two spans.

use model::UnixNanos;

use super::hop::Hop;
use super::stop::Stop;

/// Fills in when the work left and went on, as far as the two ends have arrived.
pub(super) fn measure(hop: &mut Hop, from: Option<&Stop>, to: Option<&Stop>) {
    hop.received_at = to.map(|to| to.start);
    hop.sent_at = from.map(|from| sent_at(from, hop.received_at));
    hop.waiting_ns = hop.received_at.zip(hop.sent_at).map(|(to, from)| to.get().saturating_sub(from.get()));
    if hop.waiting_ns.is_some_and(|waiting| waiting < 0) {
        hop.evidence.push(EARLY.to_owned());
    }
}

const EARLY: &str = "it began before the other did, by their own clocks: these are apart by more than the wait";

/// A sender that awaits the queue's answer ends before its message is taken; one that has more to do, after.
fn sent_at(from: &Stop, received_at: Option<UnixNanos>) -> UnixNanos {
    let ended_in_time = received_at.is_none_or(|received_at| from.end() <= received_at);
    if ended_in_time { from.end() } else { from.start }
}
