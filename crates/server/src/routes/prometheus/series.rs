//! `series`, `labels`, `label/{name}/values`: what there is.

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use model::TenantId;
use query::{LabelAnswer, SeriesQuestion};

use super::fields::Fields;
use super::parameter::{label_name, limit, selectors, time_range};
use crate::answer::{PromError, Said, TRUNCATED, answer, series_response};
use crate::routes::Api;

/// The series that match
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/series",
    tag = "prometheus",
    params(
        ("match[]" = Vec<String>, Query, description = "selectors, such as up{job=\"a\"}; a series matches one of them"),
        ("start" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("end" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("limit" = Option<usize>, Query, description = "0 for all"),
    ),
    responses(
        (status = 200, body = protocol::PromAnswer<Vec<protocol::PromLabels>>),
        (status = 400, body = protocol::PromErrorBody),
    )
)]
pub(in crate::routes) async fn series(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    if fields.all("match[]").next().is_none() {
        return Err(PromError::bad_data("no match[] parameter provided"));
    }
    let (limit, range) = (limit(&fields)?, time_range(&fields)?);
    let matchers = selectors(&fields).map_err(|problem| PromError::parameter("match[]", problem))?;
    let found = api.prometheus_engine()?.series(&tenant, SeriesQuestion { matchers, range, limit }).await?;
    let cut = found.is_cut.then(|| TRUNCATED.to_owned());
    Ok(series_response(found.series, Said::warnings(found.warnings.into_iter().chain(cut))))
}

/// Names of labels
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/labels",
    tag = "prometheus",
    params(
        ("match[]" = Option<Vec<String>>, Query, description = "only of series that match one of these"),
        ("start" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("end" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("limit" = Option<usize>, Query, description = "0 for all"),
    ),
    responses(
        (status = 200, body = protocol::PromAnswer<Vec<String>>),
        (status = 400, body = protocol::PromErrorBody),
    )
)]
pub(in crate::routes) async fn labels(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let question = question(&fields)?;
    Ok(label_answer(&api.prometheus_engine()?.label_names(&tenant, question).await?))
}

/// Values of a label
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/label/{name}/values",
    tag = "prometheus",
    params(
        ("name" = String, Path, description = "a label's name; one that begins with U__ is unescaped first"),
        ("match[]" = Option<Vec<String>>, Query, description = "only of series that match one of these"),
        ("start" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("end" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("limit" = Option<usize>, Query, description = "0 for all"),
    ),
    responses(
        (status = 200, body = protocol::PromAnswer<Vec<String>>),
        (status = 400, body = protocol::PromErrorBody),
    )
)]
pub(in crate::routes) async fn label_values(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    name: Result<Path<String>, PathRejection>,
    fields: Fields,
) -> Result<Response, PromError> {
    let Path(name) = name.map_err(|problem| PromError::bad_data(format!("invalid label name: {problem}")))?;
    let name = label_name(&name);
    if name.is_empty() {
        return Err(PromError::bad_data("invalid label name: \"\""));
    }
    let question = question(&fields)?;
    Ok(label_answer(&api.prometheus_engine()?.label_values(&tenant, &name, question).await?))
}

fn question(fields: &Fields) -> Result<SeriesQuestion, PromError> {
    let (limit, range) = (limit(fields)?, time_range(fields)?);
    Ok(SeriesQuestion { matchers: selectors(fields).map_err(PromError::bad_data)?, range, limit })
}

fn label_answer(found: &LabelAnswer) -> Response {
    let cut = found.is_cut.then(|| TRUNCATED.to_owned());
    let texts: Vec<&str> = found.texts.iter().map(|text| &**text).collect();
    answer(texts, Said::warnings(found.warnings.iter().cloned().chain(cut)))
}
