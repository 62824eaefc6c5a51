//! `metadata`, `query_exemplars`: what metrics are about, and single measurements of them.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::{TenantId, TimeRange};
use promql::{Expr, Matcher};
use protocol::{MetricMetadata, PromAnswer, PromErrorBody, SeriesExemplars};
use query::{MetadataQuestion, SeriesExemplarsQuestion};

use super::fields::Fields;
use super::parameter::{head, time_range, whole_number};
use crate::answer::{PromError, Said, answer, exemplars_data, metadata_data};
use crate::routes::Api;

/// What metrics are about
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/metadata",
    tag = "prometheus",
    params(
        ("metric" = Option<String>, Query, description = "only of this metric"),
        ("limit" = Option<i64>, Query, description = "metrics at most; below 0 all, as by default"),
        ("limit_per_metric" = Option<i64>, Query, description = "entries of a metric at most; below 1 all, as by default"),
    ),
    responses(
        (status = 200, body = PromAnswer<std::collections::BTreeMap<String, Vec<MetricMetadata>>>),
        (status = 400, body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn metadata(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let number = |name: &str| match fields.first(name) {
        "" => Ok(-1),
        text => whole_number(text).map_err(|_| PromError::bad_data(format!("{name} must be a number"))),
    };
    let question = MetadataQuestion {
        metric: Some(fields.first("metric")).filter(|metric| !metric.is_empty()).map(str::to_owned),
        range: head((api.now)()),
        limit: usize::try_from(number("limit")?).ok(),
        limit_per_metric: usize::try_from(number("limit_per_metric")?).ok().filter(|limit| *limit > 0),
    };
    let engine = api.prometheus_engine()?;
    let mut found = engine.metric_metadata(&tenant, question.clone()).await?;
    if found.is_empty() {
        found = engine.metric_metadata(&tenant, MetadataQuestion { range: TimeRange::ALL, ..question }).await?;
    }
    Ok(answer(metadata_data(found), Said::default()))
}

/// Exemplars of the series that an expression selects
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/query_exemplars",
    tag = "prometheus",
    params(
        ("query" = String, Query, description = "PromQL"),
        ("start" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
        ("end" = Option<String>, Query, description = "RFC 3339 or unix seconds, inclusive"),
    ),
    responses(
        (status = 200, body = PromAnswer<Vec<SeriesExemplars>>),
        (status = 204, description = "the expression selects nothing"),
        (status = 400, body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn query_exemplars(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let range = time_range(&fields)?;
    if range.to <= range.from {
        return Err(PromError::bad_data("end timestamp must not be before start timestamp"));
    }
    let expr = Expr::parse(fields.first("query")).map_err(PromError::bad_data)?;
    let mut matchers = Vec::new();
    collect_selectors(&expr, &mut matchers);
    if matchers.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let question = SeriesExemplarsQuestion { matchers, range };
    let found = api.prometheus_engine()?.exemplars_of(&tenant, question).await?;
    Ok(answer(exemplars_data(found.series), Said::warnings(found.warnings)))
}

/// The matchers of each selector. How deep an expression may nest is bounded by the parser.
fn collect_selectors(expr: &Expr, found: &mut Vec<Vec<Matcher>>) {
    match expr {
        Expr::Number(_) | Expr::Text(_) => {}
        Expr::Selector(selector) => found.push(selector.matchers.clone()),
        Expr::Range(range) => found.push(range.selector.matchers.clone()),
        Expr::Subquery(subquery) => collect_selectors(&subquery.inner, found),
        Expr::Call(call) => call.arguments.iter().for_each(|argument| collect_selectors(argument, found)),
        Expr::Aggregate(aggregate) => {
            collect_selectors(&aggregate.inner, found);
            aggregate.parameter.iter().for_each(|parameter| collect_selectors(parameter, found));
        }
        Expr::Binary(binary) => {
            collect_selectors(&binary.left, found);
            collect_selectors(&binary.right, found);
        }
        Expr::Unary(unary) => collect_selectors(&unary.inner, found),
        Expr::Paren(paren) => collect_selectors(&paren.inner, found),
    }
}
