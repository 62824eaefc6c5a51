//! What of a trace goes into the graph of services: each step from one node to another, once.
//!
//! | file | holds |
//! |---|---|
//! | `call.rs` | one step: who asked whom for what, how it went, and which side says so |
//! | `node.rs` | what is asked and asks: services, databases, queues, and peers of which no span arrived |
//! | `steps.rs` | each span in its place: in whose service it is, whether work arrives with it, whether it calls |
//! | `callers.rs` | who called, and who was called |
//! | `errors.rs` | where each error began |
//!
//! ```text
//! server  web                 ─► web                   entry: nobody says who asked
//!   client  web
//!     server  cart            web ─► cart              both sides say so
//!       client  cart          cart ─► postgresql/shop  nothing of it arrived: the client alone says so
//!       producer  cart        cart ─► kafka/orders
//!         consumer  mail      kafka/orders ─► mail     the queue is a node of its own
//! ```
//!
//! - *Arrivals.* Work arrives in a service with each receiving span (server, consumer), with each span whose parent is of
//!   another service (its receiving span was lost, or never made), and with each root. An arrival is one call into
//!   its service, so the sum of calls into a service is its requests. Spans in between that name no service, or the
//!   caller's own, are looked through.
//! - *Calls.* A client below which neither work arrives nor another call is made is one call to what it names. A span without
//!   a kind that names the other side counts as a client. A producer is a call to its queue, whatever is below it.
//! - *Messages.* A consumer's caller is the queue it names or else its producer's or, if neither names one, the
//!   producer's service. A consumer within a consumer of its own service is the same message being worked on.
//! - *Absent parents* are not guessed: an orphan that receives is a call by whom it names itself, or by nobody; any other
//!   orphan began in its parent's process, and so in a request that has not arrived.
//! - *Errors.* A call failed if its callee's receiving span did, or the client that asked. And an error *begins* once: at
//!   a failed span below which none failed. It counts for the call whose work that span is (`errors.rs`).
//!
//! Nothing but the spans has a say: no clock is corrected and nothing is known from other traces, so the calls
//! of a set of spans are always the same, and what late spans add is the difference of two such sets.

mod callers;
mod errors;
mod call;
mod node;
mod steps;

use crate::arrivals::Arrivals;
use crate::{SpanInput, cycles, forest, order};
pub use call::{Call, Sides};
pub use node::{Node, NodeKind};
use steps::Steps;

/// The calls of one trace, in the order in which their spans stand in it: from the top, depth-first, siblings by start.
///
/// `spans` are all copies that arrived, in any order; of copies of one span the newest counts. Never fails and never
/// panics. Takes O(n log n) time and O(n) memory.
pub fn calls<'a>(spans: &[SpanInput<'a>]) -> Vec<Call<'a>> {
    let arrivals = Arrivals::new(spans);
    let (mut nodes, _) = forest::plant(&arrivals);
    cycles::cut(&mut nodes);
    let steps = Steps::new(&order::depth_first(&nodes), spans);
    let mut calls = Vec::new();
    let mut places = Vec::with_capacity(steps.all.len());
    for step in 0..steps.all.len() {
        let arrival = put(callers::arrival(&steps, step), &mut calls);
        let call = put(callers::call(&steps, step), &mut calls);
        places.push(errors::Places { arrival, call });
    }
    errors::begin(&steps, &places, &mut calls);
    calls
}

/// Puts a call behind the others, if there is one, and says where it is.
fn put<'a>(call: Option<Call<'a>>, calls: &mut Vec<Call<'a>>) -> Option<usize> {
    calls.push(call?);
    Some(calls.len() - 1)
}
