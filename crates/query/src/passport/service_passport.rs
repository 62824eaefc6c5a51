//! The question and its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{TenantId, TimeRange, UnixNanos};

use super::facts::{Fact, StatedFacts, stated};
use super::presence::{Presence, PresenceQuestion};
use super::requests::{Requests, RequestsQuestion};
use super::{Deploy, InstanceSeen, NeighbourCalls, NodeSeen, OperationCalls, PlaceSeen, VersionSeen};
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::graph::{Red, whole_minutes};
use crate::session::View;

/// Of which service, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct PassportQuestion {
    /// `service.name`.
    pub service: String,
    /// Only in this `deployment.environment.name`; `None` for all.
    pub environment: Option<String>,
    /// The time that is looked back on; its end is the "as of".
    pub range: TimeRange,
    /// So long before the end of the range is "now".
    pub window: Duration,
    /// Nothing that begins later has come: rates are by the time until then.
    pub now: UnixNanos,
    /// What an operator states of it; `None` where nothing.
    pub stated: Option<StatedFacts>,
}

/// All that is known of a service as of a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Passport {
    /// `service.name`.
    pub service: String,
    /// The time that is looked back on.
    pub range: TimeRange,
    /// Of that, what counts as "now", in whole minutes.
    pub window: TimeRange,
    /// The squad that owns it.
    pub owner: Option<Fact>,
    /// Where it is told what to do when it fails.
    pub runbook: Option<Fact>,
    /// Where its source code is.
    pub repository: Option<Fact>,
    /// How its owner is reached.
    pub contact: Option<Fact>,
    /// What it is for.
    pub description: Option<Fact>,
    /// What else an operator states, by name.
    pub labels: BTreeMap<String, String>,
    /// Where it was there, the one heard from last first; empty where nothing was heard.
    pub places: Vec<PlaceSeen>,
    /// What it ran, the one heard from last first.
    pub versions: Vec<VersionSeen>,
    /// Changes of version, the last first.
    pub deploys: Vec<Deploy>,
    /// Its pods, the one heard from last first.
    pub instances: Vec<InstanceSeen>,
    /// The nodes that it was on, the one heard from last first.
    pub nodes: Vec<NodeSeen>,
    /// All that it was asked.
    pub calls: CallsOf,
    /// Of that, what nobody is known to have asked: requests from outside, and work that it began by itself.
    pub entries: CallsOf,
    /// The same by operation, those asked for most first.
    pub operations: Vec<OperationCalls>,
    /// Who asked, those that asked most first.
    pub callers: Vec<NeighbourCalls>,
    /// Whom it asked, those asked most first.
    pub callees: Vec<NeighbourCalls>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// Calls now, and in all of the time that is looked back on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallsOf {
    /// Within the passport's window.
    pub now: Red,
    /// Within its range.
    pub all: Red,
}

impl Engine {
    /// All that is known of a service as of a time; an error of kind `NotFound` where that is nothing.
    pub async fn passport(&self, tenant: &TenantId, question: PassportQuestion) -> Result<Passport, QueryError> {
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { passport(&engine, view, question).await }
        })
        .await
    }
}

async fn passport(engine: &Engine, view: View, question: PassportQuestion) -> Result<Passport, QueryError> {
    let PassportQuestion { service, environment, range, window, now, stated: by_operator } = question;
    let environment = environment.as_deref();
    let view = engine.digested(view).await?;
    let presence = Presence::of(engine, &view, PresenceQuestion { service: &service, environment, range }).await?;

    let (minutes, within) = whole_minutes(range, now);
    let (window, within_window) =
        whole_minutes(TimeRange { from: range.to.minus(window).max(range.from), ..range }, now);
    let requests = RequestsQuestion {
        service: &service,
        environment,
        now_from: window.from,
        within: [within_window, within],
        range: minutes,
    };
    let requests = Requests::of(engine, &View { range: minutes, ..view.clone() }, &requests).await?;

    let nothing = presence.places.is_empty() && requests.callees.is_empty() && requests.calls.all.seen == 0;
    if nothing && by_operator.is_none() {
        return Err(unknown(&service, range));
    }
    let Presence { facts, places, versions, deploys, instances, nodes, cut } = presence;
    let by_operator = by_operator.unwrap_or_default();
    let mut known = stated(&by_operator);
    known.iter_mut().zip(facts).for_each(|(known, told)| *known = known.take().or(told));
    let [owner, runbook, repository, contact, description] = known;
    let mut coverage = view.tally.coverage(1);
    cut.into_iter().chain(requests.cut).for_each(|note| coverage.cut(note));
    Ok(Passport {
        service,
        range,
        window,
        owner,
        runbook,
        repository,
        contact,
        description,
        labels: by_operator.labels,
        places,
        versions,
        deploys,
        instances,
        nodes,
        calls: requests.calls,
        entries: requests.entries,
        operations: requests.operations,
        callers: requests.callers,
        callees: requests.callees,
        coverage,
    })
}

fn unknown(service: &str, range: TimeRange) -> QueryError {
    let TimeRange { from, to } = range;
    QueryError::new(
        QueryErrorKind::NotFound,
        format!("no service {service:?} was heard from between {from} and {to}"),
        "GET /api/v1/services lists those that were; from and at say how far to look back, and from when",
    )
}
