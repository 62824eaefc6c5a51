//! `GET /api/v1/repairs` and `GET /api/v1/clocks`

use axum::extract::State;
use axum::{Extension, Json};
use model::{Signal, TenantId, TimeRange, UnixNanos};
use protocol::{ClocksAnswer, ErrorBody, RepairsAnswer};
use query::{ClocksQuestion, RepairsQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{Parameters, repair_kind, time_range};
use crate::answer::{ApiError, clocks_answer, repairs_answer};

/// Buckets where nothing is said: one minute each of the hour that is looked at then.
const BUCKETS_DEFAULT: usize = 60;

/// How far back is looked where nothing is said.
const LOOK_BACK_NANOS: i64 = 3_600_000_000_000;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RepairsParameters {
    /// Only repairs of this kind, such as missing_parent
    kind: Option<String>,
    /// Only repairs of which this service is the cause
    service: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h (default)
    from: Option<String>,
    /// Last time, exclusive: same forms; default now
    to: Option<String>,
    /// Into how many equal times the range is cut, 1 to 500; default 60
    buckets: Option<usize>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClocksParameters {
    /// Only pairs with this host
    host: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h (default)
    from: Option<String>,
    /// Last time, exclusive: same forms; default now
    to: Option<String>,
}

/// What was repaired in traces, over time
#[utoipa::path(
    get,
    path = "/api/v1/repairs",
    params(RepairsParameters),
    responses((status = 200, body = RepairsAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn repairs(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<RepairsParameters>,
) -> Result<Json<RepairsAnswer>, ApiError> {
    let RepairsParameters { kind, service, from, to, buckets } = parameters;
    let question = RepairsQuestion {
        kind: repair_kind("kind", kind.as_deref())?,
        service: service.filter(|service| !service.is_empty()),
        range: recent(from.as_deref(), to.as_deref(), (api.now)())?,
        buckets: buckets.unwrap_or(BUCKETS_DEFAULT),
    };
    let found = api.engine()?.repairs(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Traces]);
    Ok(Json(repairs_answer(&found, coverage)))
}

/// How far the clocks of hosts were apart, over time
#[utoipa::path(
    get,
    path = "/api/v1/clocks",
    params(ClocksParameters),
    responses((status = 200, body = ClocksAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn clocks(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<ClocksParameters>,
) -> Result<Json<ClocksAnswer>, ApiError> {
    let ClocksParameters { host, from, to } = parameters;
    let question = ClocksQuestion {
        host: host.filter(|host| !host.is_empty()),
        range: recent(from.as_deref(), to.as_deref(), (api.now)())?,
    };
    let found = api.engine()?.clocks(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Traces]);
    Ok(Json(clocks_answer(&found, coverage)))
}

/// The range; the last hour where no ends are given.
fn recent(from: Option<&str>, to: Option<&str>, now: UnixNanos) -> Result<TimeRange, ApiError> {
    let range = time_range(from, to, now)?;
    let to = if range.to == UnixNanos::MAX { now } else { range.to };
    let earlier = UnixNanos::new(to.get().saturating_sub(LOOK_BACK_NANOS));
    let from = if range.from == UnixNanos::MIN { earlier } else { range.from };
    if from >= to {
        return Err(ApiError::bad_request("from is not before to", "give from and to, or neither"));
    }
    Ok(TimeRange { from, to })
}
