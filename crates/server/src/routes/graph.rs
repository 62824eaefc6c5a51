//! `GET /api/v1/service-graph` and `GET /api/v1/service-graph/diff`

use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use model::{Signal, TenantId, TimeRange, UnixNanos};
use protocol::{ErrorBody, GraphDiffAnswer, ServiceGraphAnswer};
use query::GraphQuestion;
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::looked_at::{LookedAt, duration, ordered, time};
use super::parameters::{Parameters, selectors};
use crate::answer::{ApiError, graph_diff_answer, service_graph_answer};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GraphParameters {
    /// Kubernetes label selector: services of which a resource matches, and their neighbours; `||` between selectors for OR
    selector: Option<String>,
    /// Exactly this deployment.environment.name
    environment: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h; in whole minutes
    from: Option<String>,
    /// Last time, exclusive: same forms; default now
    to: Option<String>,
    /// Instead of from and to: the window before this time
    at: Option<String>,
    /// How long before `at` or `to`, as in 5m, which is the default
    window: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GraphDiffParameters {
    /// Kubernetes label selector: services of which a resource matches, and their neighbours; `||` between selectors for OR
    selector: Option<String>,
    /// Exactly this deployment.environment.name
    environment: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h; in whole minutes
    from: Option<String>,
    /// Last time, exclusive: same forms; default now
    to: Option<String>,
    /// Instead of from and to: the window before this time
    at: Option<String>,
    /// How long before `at` or `to`, as in 5m, which is the default
    window: Option<String>,
    /// First time of what it is held against; default: as long, right before
    before_from: Option<String>,
    /// Last time of what it is held against
    before_to: Option<String>,
    /// Instead of these: the same time so much earlier, as in 1d
    before: Option<String>,
}

/// Who called whom, how often, how it went, and how long it took; now or at any past time
#[utoipa::path(
    get,
    path = "/api/v1/service-graph",
    params(GraphParameters),
    responses((status = 200, body = ServiceGraphAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn service_graph(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<GraphParameters>,
) -> Result<Json<ServiceGraphAnswer>, ApiError> {
    let GraphParameters { selector, environment, from, to, at, window } = parameters;
    let now = (api.now)();
    let looked_at = LookedAt { from: from.as_deref(), to: to.as_deref(), at: at.as_deref(), window: window.as_deref() };
    let question = GraphQuestion {
        selectors: selectors(selector.as_deref())?,
        environment: environment.filter(|environment| !environment.is_empty()),
        range: looked_at.range(now)?,
        now,
    };
    let graph = api.engine()?.service_graph(&tenant, question).await?;
    let coverage = api.coverage(&graph.coverage, &[Signal::Traces]);
    Ok(Json(service_graph_answer(&graph, &*api.stated_services().await, coverage)))
}

/// What is new, gone or changed in the graph since another time, the largest change first
#[utoipa::path(
    get,
    path = "/api/v1/service-graph/diff",
    params(GraphDiffParameters),
    responses((status = 200, body = GraphDiffAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn graph_diff(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<GraphDiffParameters>,
) -> Result<Json<GraphDiffAnswer>, ApiError> {
    let GraphDiffParameters { selector, environment, from, to, at, window, before_from, before_to, before } =
        parameters;
    let now = (api.now)();
    let looked_at = LookedAt { from: from.as_deref(), to: to.as_deref(), at: at.as_deref(), window: window.as_deref() };
    let range = looked_at.range(now)?;
    let before = Before {
        from: time("before_from", before_from.as_deref(), now)?,
        to: time("before_to", before_to.as_deref(), now)?,
        earlier: duration("before", before.as_deref())?,
    };
    let question = GraphQuestion {
        selectors: selectors(selector.as_deref())?,
        environment: environment.filter(|environment| !environment.is_empty()),
        range,
        now,
    };
    let difference = api.engine()?.graph_difference(&tenant, question, before.range(range)?).await?;
    let coverage = api.coverage(&difference.coverage, &[Signal::Traces]);
    Ok(Json(graph_diff_answer(&difference, &*api.stated_services().await, coverage)))
}

/// What a time is held against.
#[derive(Clone, Copy, Debug)]
struct Before {
    from: Option<UnixNanos>,
    to: Option<UnixNanos>,
    earlier: Option<Duration>,
}

impl Before {
    fn range(self, after: TimeRange) -> Result<TimeRange, ApiError> {
        let length = Duration::from_nanos(after.to.get().abs_diff(after.from.get()));
        match self {
            Self { from: None, to: None, earlier } => {
                let earlier = earlier.unwrap_or(length);
                Ok(TimeRange { from: after.from.minus(earlier), to: after.to.minus(earlier) })
            }
            Self { earlier: Some(_), .. } => Err(ApiError::bad_request(
                "before cannot be given together with before_from or before_to",
                "before=1d is the same time a day earlier; for another range give before_from and before_to alone",
            )),
            Self { from: Some(from), to, .. } => ordered(TimeRange { from, to: to.unwrap_or(from.plus(length)) })
                .map_err(|_| ApiError::bad_request("before_from is later than before_to", "swap them")),
            Self { from: None, to: Some(to), .. } => Ok(TimeRange { from: to.minus(length), to }),
        }
    }
}
