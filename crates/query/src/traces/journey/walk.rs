//! From trace to trace, breadth first, both ways.

use std::collections::{HashMap, HashSet, VecDeque};

use model::{TraceId, UnixNanos};
use stitch::{Link, MessageKey, Role, SpanRef, Stop};

use super::answer::{Journey, JourneyTrace, TraceBeyond};
use super::limits::{
    JOURNEY_DEPTH_MAX, JOURNEY_HOPS_MAX, JOURNEY_LINKS_PER_TRACE_MAX, JOURNEY_SPANS_MAX, JOURNEY_TRACES_MAX,
    MESSAGE_SEARCHES_MAX, MESSAGES_PER_SEARCH_MAX, TRACES_NAMED_MAX, TRACES_SOUGHT_MAX,
};
use super::messages::{SoughtMessage, traces_with};
use super::reading::{Reading, read};
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;
use crate::traces::story::not_found;

/// A journey while it is followed.
#[derive(Debug)]
pub(super) struct Walk {
    engine: Engine,
    view: View,
    start: TraceId,
    /// Traces yet to be read, the nearest first.
    ahead: VecDeque<Ahead>,
    /// Every trace that was ever ahead, so that rings end, and the best reason why.
    met: HashMap<TraceId, Why>,
    traces: Vec<JourneyTrace>,
    stops: Vec<Stop>,
    links: Vec<Link>,
    links_met: HashSet<Link>,
    missing: Vec<TraceBeyond>,
    not_followed: Vec<TraceBeyond>,
    /// Traces that only name a message of the journey and were not read: nobody knows whether they are part of it.
    not_looked_into: HashSet<TraceId>,
    sought: usize,
    spans_left: usize,
    searches_left: usize,
    notes: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Ahead {
    trace: TraceBeyond,
    why: Why,
}

/// What a trace is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Asked,
    Link,
    /// It names a message that another names, which makes it part of the journey only if the one sent what the other took.
    Message,
}

impl Walk {
    pub(super) fn new(engine: Engine, view: View, start: TraceId) -> Self {
        let first = Ahead { trace: TraceBeyond { trace_id: start, distance: 0 }, why: Why::Asked };
        Self {
            engine,
            view,
            start,
            ahead: VecDeque::from([first]),
            met: HashMap::from([(start, Why::Asked)]),
            traces: Vec::new(),
            stops: Vec::new(),
            links: Vec::new(),
            links_met: HashSet::new(),
            missing: Vec::new(),
            not_followed: Vec::new(),
            not_looked_into: HashSet::new(),
            sought: 0,
            spans_left: JOURNEY_SPANS_MAX,
            searches_left: MESSAGE_SEARCHES_MAX,
            notes: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) -> Result<Journey, QueryError> {
        while let Some(next) = self.ahead.pop_front() {
            let has_room = self.traces.len() < JOURNEY_TRACES_MAX && self.sought < TRACES_SOUGHT_MAX;
            if !has_room || self.spans_left == 0 {
                self.leave_out(next);
                continue;
            }
            self.sought += 1;
            let reading = read(&self.engine, &self.view, next.trace.trace_id, self.spans_left).await?;
            if next.why == Why::Asked && reading.summary.is_none() {
                return Err(not_found(self.start, &self.view.tally.coverage(0)));
            }
            self.charge(next.trace.trace_id, reading.rows);
            if next.why != Why::Message || self.shares_a_message(&reading.stops) {
                self.take(next.trace, reading);
                self.search_messages(next.trace).await?;
            }
        }
        Ok(self.tell())
    }

    /// What was read was read, whether or not it turns out to be part of the journey.
    fn charge(&mut self, trace_id: TraceId, rows: usize) {
        if rows > self.spans_left {
            self.notes.push(format!(
                "more than {JOURNEY_SPANS_MAX} spans are to be read: of trace {trace_id} only a part was read"
            ));
        }
        self.spans_left = self.spans_left.saturating_sub(rows);
    }

    fn leave_out(&mut self, Ahead { trace, why }: Ahead) {
        match why {
            Why::Asked | Why::Link => self.not_followed.push(trace),
            Why::Message => {
                self.not_looked_into.insert(trace.trace_id);
            }
        }
    }

    fn take(&mut self, trace: TraceBeyond, reading: Reading) {
        let TraceBeyond { trace_id, distance } = trace;
        let Reading { summary, repair_count, rows: _, stops, links, is_cut } = reading;
        // A link to it says nothing new, also where it was found by a message.
        self.met.insert(trace_id, Why::Link);
        if is_cut {
            self.notes.push(format!(
                "trace {trace_id} has more than {JOURNEY_LINKS_PER_TRACE_MAX} links or spans about messages: the rest is \
                 not followed"
            ));
        }
        match summary {
            Some(summary) => {
                let repair_count = repair_count as u64;
                self.traces.push(JourneyTrace { summary, distance, depth: 0, repair_count });
            }
            None => self.missing.push(trace),
        }
        self.stops.extend(stops);
        for link in links {
            for end in [link.from.trace_id, link.to.trace_id] {
                self.go_to(end, distance + 1, Why::Link);
            }
            if self.links_met.insert(link) {
                self.links.push(link);
            }
        }
    }

    /// Puts a trace ahead that was not met yet, or of which only a message told so far and now a link does.
    fn go_to(&mut self, trace_id: TraceId, distance: u32, why: Why) {
        let known = self.met.get(&trace_id).copied();
        if known.is_some_and(|known| known != Why::Message || why == Why::Message) {
            return;
        }
        self.met.insert(trace_id, why);
        self.not_looked_into.remove(&trace_id);
        if known.is_some()
            && let Some(waiting) = self.ahead.iter_mut().find(|waiting| waiting.trace.trace_id == trace_id)
        {
            waiting.why = why;
            return;
        }
        let next = Ahead { trace: TraceBeyond { trace_id, distance }, why };
        if distance > JOURNEY_DEPTH_MAX {
            self.leave_out(next);
        } else {
            self.ahead.push_back(next);
        }
    }

    /// Whether one of the stops took what a stop of the journey sent, or the other way.
    fn shares_a_message(&self, stops: &[Stop]) -> bool {
        let known: HashSet<(MessageKey<'_>, bool)> = self.stops.iter().filter_map(side).collect();
        stops.iter().filter_map(side).any(|(message, takes)| known.contains(&(message, !takes)))
    }

    /// Looks for the other side of messages of the trace of which nothing else tells.
    async fn search_messages(&mut self, trace: TraceBeyond) -> Result<(), QueryError> {
        let hops = stitch::hops(&self.stops, &self.links);
        let ends = hops.iter().flat_map(|hop| [Some(&hop.from), Some(&hop.to), hop.through.as_ref()]);
        let told: HashSet<SpanRef> = ends.flatten().map(|end| end.span).collect();
        let untold = |stop: &&Stop| stop.span.trace_id == trace.trace_id && !told.contains(&stop.span);
        let mut seen = HashSet::new();
        let mut messages: Vec<SoughtMessage> = Vec::new();
        for (message, _) in self.stops.iter().filter(untold).filter_map(side) {
            if seen.insert(message) {
                messages.push(message.into());
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        if self.searches_left == 0 || messages.len() > MESSAGES_PER_SEARCH_MAX {
            self.notes.push(format!(
                "trace {} has more messages without links than are looked for ({MESSAGES_PER_SEARCH_MAX} of a trace, of \
                 {MESSAGE_SEARCHES_MAX} traces)",
                trace.trace_id
            ));
        }
        if self.searches_left == 0 {
            return Ok(());
        }
        self.searches_left -= 1;
        messages.truncate(MESSAGES_PER_SEARCH_MAX);
        let traces = traces_with(&self.engine, &self.view, &messages).await?;
        if traces.len() > JOURNEY_TRACES_MAX {
            self.notes.push(format!("the messages of trace {} are named by more traces than are read", trace.trace_id));
        }
        traces.into_iter().for_each(|other| self.go_to(other, trace.distance + 1, Why::Message));
        Ok(())
    }

    fn tell(mut self) -> Journey {
        let mut hops = stitch::hops(&self.stops, &self.links);
        // A trace that seemed to have sent a message is none of this journey once a likelier one was read.
        let connected = stitch::connected(self.start, &hops);
        hops.retain(|hop| connected.contains(&hop.from.span.trace_id));
        self.traces.retain(|trace| connected.contains(&trace.summary.trace_id));
        self.missing.retain(|trace| connected.contains(&trace.trace_id));
        self.traces.sort_by_key(|trace| (trace.summary.start, trace.summary.trace_id));
        let starts: Vec<_> = self.traces.iter().map(|trace| (trace.summary.trace_id, trace.summary.start)).collect();
        for (trace, depth) in self.traces.iter_mut().zip(stitch::depths(&starts, &hops)) {
            trace.depth = depth;
        }
        let mut coverage = self.view.tally.coverage(self.traces.len());
        self.notes.drain(..).for_each(|note| coverage.cut(note));
        let limits =
            format!("{JOURNEY_TRACES_MAX} traces, {JOURNEY_SPANS_MAX} spans and {JOURNEY_DEPTH_MAX} hops away");
        if !self.not_followed.is_empty() {
            coverage.cut(format!(
                "the journey goes on in {} traces that were not followed: it is read up to {limits}",
                self.not_followed.len()
            ));
        }
        if !self.not_looked_into.is_empty() {
            coverage.cut(format!(
                "the journey may go on in {} traces that name its messages: it is read up to {limits}",
                self.not_looked_into.len()
            ));
        }
        if hops.len() > JOURNEY_HOPS_MAX {
            coverage.cut(format!("the journey has {} hops: only {JOURNEY_HOPS_MAX} are shown", hops.len()));
            hops.truncate(JOURNEY_HOPS_MAX);
        }
        name_at_most(&mut self.missing, "are missing", &mut coverage);
        name_at_most(&mut self.not_followed, "were not followed", &mut coverage);
        let start = starts.first().map_or(UnixNanos::MIN, |(_, start)| *start);
        let end =
            self.traces.iter().map(|trace| trace.summary.start.get().saturating_add(trace.summary.duration_ns)).max();
        Journey {
            trace_id: self.start,
            start,
            duration_ns: end.unwrap_or(start.get()).saturating_sub(start.get()),
            traces: self.traces,
            hops,
            missing: self.missing,
            not_followed: self.not_followed,
            coverage,
        }
    }
}

/// The message that a stop sends or takes, and whether it takes it.
fn side(stop: &Stop) -> Option<(MessageKey<'_>, bool)> {
    let role = stop.role();
    stop.message().filter(|_| role != Role::Bystander).map(|message| (message, role.takes()))
}

/// Keeps the nearest.
fn name_at_most(traces: &mut Vec<TraceBeyond>, what: &str, coverage: &mut Coverage) {
    traces.sort_by_key(|trace| (trace.distance, trace.trace_id));
    if traces.len() > TRACES_NAMED_MAX {
        coverage.cut(format!("{} traces {what}: {TRACES_NAMED_MAX} are named", traces.len()));
        traces.truncate(TRACES_NAMED_MAX);
    }
}
