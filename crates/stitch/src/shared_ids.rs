//! Repair `shared_span_id`: Zipkin's propagation gives the client and the server span of one call the same id. Both
//! are shown, the server's below the client's.

use crate::arrivals::{Arrivals, Copies};
use crate::evidence::quote;
use crate::{Repair, RepairKind, SpanInput, confidence};

/// One repair for each id that stands for both sides of a call.
pub(crate) fn repairs(arrivals: &Arrivals<'_, '_>) -> Vec<Repair> {
    let spans = arrivals.spans();
    let mut repairs = Vec::new();
    for (_, shown) in arrivals.groups() {
        if let Copies::Shared { client, server } = shown {
            repairs.push(repair(&spans[client], &spans[server]));
        }
    }
    repairs
}

fn repair(client: &SpanInput<'_>, server: &SpanInput<'_>) -> Repair {
    let (caller, callee) = (quote(client.service), quote(server.service));
    let sides = format!("a {} span of {caller} and a server span of {callee}", client.kind.as_str());
    let (parents, confidence) = match server.parent_span_id {
        None => ("the server span names no parent".to_owned(), confidence::SHARED_SAME_PARENT),
        same if same == client.parent_span_id => {
            ("both name the same parent".to_owned(), confidence::SHARED_SAME_PARENT)
        }
        Some(own) => (
            format!("the server span names another parent than the client span: {own}"),
            confidence::SHARED_OTHER_PARENT,
        ),
    };
    let within = client.start <= server.start && server.end_as_sent() <= client.end_as_sent();
    let time = if within {
        "the server span lies within the client span's time"
    } else {
        "the server span does not lie within the client span's time: a clock may be off"
    };
    Repair {
        kind: RepairKind::SharedSpanId,
        span_ids: vec![client.span_id],
        before: format!("{sides} arrived under one id"),
        after: "both are shown, the server span as the child of the client span".to_owned(),
        method: "one client and one server span of different services under one id are the two sides of one call",
        evidence: vec![parents, time.to_owned()],
        confidence,
    }
}
