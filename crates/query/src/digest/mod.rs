//! What is worked out of rows when they are flushed, and committed with them: who called whom, what stitching repaired, what
//! calls say of clocks, who was there.
//!
//! ```text
//! fresh spans ─ by trace ─┬ with its older spans ─► calls by minute ─┐ minus what the older spans gave by themselves
//!                         │                          └─► clocks     ├─► batches of the digest tables
//!                         └ stitched, within what is known ─► repairs
//! fresh rows of all signals ───────────────────────────────► sightings
//! ```
//!
//! The numbers of digests add up. A trace of which some spans come later is digested twice: what it gives as a whole, less
//! what it gave before. So sums are right whenever spans come, within the limits of `traces.rs`, and no trace is waited for. What is in memory is digested in
//! the same way by whoever asks ([`Engine::digested`](crate::Engine)), so that answers are as fresh as the rows.
//!
//! | file | what |
//! |---|---|
//! | `span_columns.rs` | spans of a batch as stitching sees them, without a copy |
//! | `said.rs` | what a span says of the other side, by its attributes |
//! | `traces.rs` | fresh spans by trace, and older spans of the same traces |
//! | `mentions.rs` | log records that name a trace, of services without spans |
//! | `calls.rs` | calls, added up by minute |
//! | `durations.rs` | a sketch of durations that can be taken away from, too |
//! | `repairs.rs` | repairs of a trace as rows |
//! | `clocks.rs` | windows of offsets as rows, and back |
//! | `sightings.rs` | who was there |
//! | `columns.rs` | columns while they are filled |

mod calls;
mod clocks;
mod columns;
mod durations;
mod mentions;
mod repairs;
mod said;
mod sightings;
mod span_columns;
mod traces;

use arrow::array::RecordBatch;
use model::{Batch, Table};
use stitch::{SpanInput, Trace};
use store::{Fresh, Snapshot};
use tracing::warn;

use crate::knowledge::{Knowledge, Unread};
use calls::CallTally;
use repairs::RepairRows;
use sightings::Sightings;
use traces::{OlderSpans, Traces};

pub(crate) use calls::{CallCounts, MINUTE_NANOS};
pub(crate) use clocks::learn_offsets;
pub(crate) use mentions::Mentions;
pub(crate) use repairs::{culprit, rows_by_id};
pub(crate) use said::{CLIENT_ADDRESS_KEYS, CONNECTION_ADDRESS_KEYS};
pub(crate) use span_columns::SpanColumns;

/// Points, which say who they are of and when, and by their series who that is.
const POINTS: [Table; 4] =
    [Table::MetricNumbers, Table::MetricHistograms, Table::MetricExpHistograms, Table::MetricSummaries];

/// The digests of rows that are not in blocks, beside those of the snapshot's blocks. See [`store::Digester`].
pub fn digest(fresh: &Fresh<'_>, older: &Snapshot) -> Vec<Batch> {
    let rows = |table| fresh.tables.get(&table).map_or(&[][..], |batches| batches);
    let mut sightings = Sightings::default();
    for table in [Table::Spans, Table::Logs, Table::Series] {
        rows(table).iter().for_each(|batch| sightings.add(table, batch));
    }
    for table in POINTS {
        rows(table).iter().for_each(|batch| sightings.lengthen(batch));
    }
    let mut batches = vec![(Table::Sightings, sightings.into_rows())];
    let spans = rows(Table::Spans);
    if !spans.is_empty() {
        batches.extend(digest_traces(&Traces::of(spans), fresh, older));
    }
    let some = |(table, rows): (Table, RecordBatch)| (rows.num_rows() > 0).then_some(Batch { table, rows });
    batches.into_iter().filter_map(some).collect()
}

fn digest_traces(traces: &Traces<'_>, fresh: &Fresh<'_>, older: &Snapshot) -> [(Table, RecordBatch); 3] {
    let older_spans = OlderSpans::find(older, fresh.tenant, traces);
    let (mut calls, mut offsets) = (CallTally::default(), stitch::Offsets::new());
    let logged = Mentions::of(fresh.tables.get(&Table::Logs).map_or(&[][..], |batches| batches));
    let mut plain = Vec::new();
    for trace in traces.iter() {
        let before = older_spans.of(trace.id());
        let all = before.with(&trace.spans());
        calls.add(&all);
        if !before.is_empty() {
            calls.take_back(&before);
        }
        offsets.learn_beside(&all.inputs, before.inputs.len(), trace.received());
        let is_plain = before.is_empty() && logged.beside(trace.id(), &all.inputs).is_empty();
        plain.push(if is_plain && stitch::is_plain(&all.inputs) { pairs_of_hosts(&all.inputs) } else { None });
    }
    let mut knowledge = Knowledge::of_blocks(older, fresh.tenant, traces.received());
    for Unread { block, error, .. } in knowledge.unread() {
        let error = error as &dyn std::error::Error;
        warn!(%block, error, "digesting without what a block tells of clocks and callers");
    }
    knowledge.learn(&offsets);
    let apart = knowledge.hosts_apart(traces.received().to);
    let is_clean = |pairs: &[(&str, &str)]| {
        apart.is_empty() || pairs.iter().all(|(a, b)| !apart.contains(&((*a).to_owned(), (*b).to_owned())))
    };
    let mut repairs = RepairRows::default();
    for (trace, plain) in traces.iter().zip(plain) {
        if plain.is_some_and(|pairs| is_clean(&pairs)) {
            continue;
        }
        let before = older_spans.of(trace.id());
        let all = before.with(&trace.spans());
        let mut mentions = older_spans.logged(trace.id(), &all.inputs);
        mentions.extend(logged.beside(trace.id(), &all.inputs));
        let arrived = Trace { spans: &all.inputs, mentions: &mentions };
        let story = stitch::stitch_within(arrived, &knowledge.surroundings(trace.received()));
        let told = if before.is_empty() { Vec::new() } else { repairs::told_of(older, fresh.tenant, trace.id()) };
        repairs.replace(trace.id(), told, repairs::of_story(&story, &all.inputs));
    }
    [
        (Table::Calls, calls.into_rows()),
        (Table::Clocks, clocks::rows_of(&offsets)),
        (Table::Repairs, repairs.into_rows()),
    ]
}

/// Hosts of one trace whose pairs are looked at: of most traces all.
const HOSTS_MAX: usize = 6;

/// Each pair of hosts of a trace, the smaller name first; `None` where there are more hosts than are looked at.
fn pairs_of_hosts<'a>(spans: &[SpanInput<'a>]) -> Option<Vec<(&'a str, &'a str)>> {
    let mut hosts: Vec<&'a str> = Vec::new();
    for span in spans {
        if !hosts.contains(&span.host) {
            hosts.push(span.host);
        }
        if hosts.len() > HOSTS_MAX {
            return None;
        }
    }
    hosts.sort_unstable();
    let pairs = hosts.iter().enumerate().flat_map(|(n, host)| hosts[n + 1..].iter().map(move |other| (*host, *other)));
    Some(pairs.collect())
}
