//! The journey that is told.

use model::{TenantId, TimeRange, TraceId, UnixNanos};
use stitch::Hop;

use super::walk::Walk;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::traces::TraceSummary;

/// All traces that belong to one piece of work, as far as they were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// The trace that was asked for.
    pub trace_id: TraceId,
    /// Start of the earliest span.
    pub start: UnixNanos,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// Its traces, by start; the one asked for is among them.
    pub traces: Vec<JourneyTrace>,
    /// Where work goes from one span to another, by when it went on. At most [`super::JOURNEY_HOPS_MAX`].
    pub hops: Vec<Hop>,
    /// Traces that links lead to and of which nothing is stored.
    pub missing: Vec<TraceBeyond>,
    /// Traces where the journey goes on beyond a limit, as links say; those that only name a message of it are not here.
    pub not_followed: Vec<TraceBeyond>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// One trace of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyTrace {
    /// Its line. Without spans, it is told by its log records.
    pub summary: TraceSummary,
    /// Hops, of either direction, from the trace asked for.
    pub distance: u32,
    /// Hops from where the work began.
    pub depth: u32,
    /// Repairs that its story has.
    pub repair_count: u64,
}

/// A trace that is named and not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TraceBeyond {
    /// Its id.
    pub trace_id: TraceId,
    /// Hops, of either direction, from the trace asked for.
    pub distance: u32,
}

impl Engine {
    /// The journey that a trace is part of, found without a time range. A trace that is linked to no other is a
    /// journey of its own.
    ///
    /// # Errors
    ///
    /// As [`Engine::trace`]: not found where nothing of the trace itself is stored.
    pub async fn journey(&self, tenant: &TenantId, trace_id: TraceId) -> Result<Journey, QueryError> {
        let view = self.view(tenant, TimeRange::ALL);
        self.ask(view, move |engine, view| Walk::new(engine, view, trace_id).run()).await
    }
}
