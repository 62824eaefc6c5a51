//! `search/…`: names and values that look like what was typed, for those who complete it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use model::TenantId;
use promql::METRIC_NAME;
use protocol::{FoundMetric, FoundName, FoundValue, PromErrorBody, PromStatus, SearchBatch, SearchTrailer};
use query::{Engine, LabelAnswer, MetadataQuestion, MetricMetadata};
use serde::Serialize;

use super::fields::Fields;
use super::search_question::{Found, Scores, SearchQuestion, flag};
use crate::answer::PromError;
use crate::routes::Api;

/// Names of metrics that look like what was typed, as lines of JSON
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/search/metric_names",
    operation_id = "search_metric_names",
    tag = "prometheus",
    params(
        ("search[]" = Option<Vec<String>>, Query, description = "words; a name fits one of them"),
        ("match[]" = Option<Vec<String>>, Query, description = "only of series that match one of these"),
        ("include_metadata" = Option<bool>, Query, description = "say what they are about"),
        ("sort_by" = Option<String>, Query, description = "alpha or score"),
        ("limit" = Option<usize>, Query, description = "1 to 10000; default 100"),
    ),
    responses(
        (status = 200, body = SearchBatch<FoundMetric>, content_type = "application/x-ndjson"),
        (status = 400, body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn metric_names(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let search = read(&api, &fields, "metric_names")?;
    let with_metadata = flag(&fields, "include_metadata")?.unwrap_or(false);
    let engine = api.prometheus_engine()?;
    let names = engine.label_values(&tenant, METRIC_NAME, search.series_question()).await?;
    let mut metadata = BTreeMap::new();
    if with_metadata {
        let range = search.series_question().range;
        let question = MetadataQuestion { metric: None, range, limit: None, limit_per_metric: None };
        metadata = engine.metric_metadata(&tenant, question).await?;
    }
    lines(engine, search, names, move |name, score| {
        let found = FoundMetric { name: name.to_owned(), score, ..FoundMetric::default() };
        match metadata_of(&metadata, name) {
            None => found,
            Some(MetricMetadata { kind, help, unit }) => {
                FoundMetric { kind: kind.text().to_owned(), help: help.clone(), unit: unit.clone(), ..found }
            }
        }
    })
    .await
}

/// Names of labels that look like what was typed, as lines of JSON
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/search/label_names",
    operation_id = "search_label_names",
    tag = "prometheus",
    params(
        ("search[]" = Option<Vec<String>>, Query, description = "words; a name fits one of them"),
        ("match[]" = Option<Vec<String>>, Query, description = "only of series that match one of these"),
        ("sort_by" = Option<String>, Query, description = "alpha or score"),
        ("limit" = Option<usize>, Query, description = "1 to 10000; default 100"),
    ),
    responses(
        (status = 200, body = SearchBatch<FoundName>, content_type = "application/x-ndjson"),
        (status = 400, body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn label_names(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let search = read(&api, &fields, "label_names")?;
    let engine = api.prometheus_engine()?;
    let names = engine.label_names(&tenant, search.series_question()).await?;
    lines(engine, search, names, |name, score| FoundName { name: name.to_owned(), score }).await
}

/// Values of a label that look like what was typed, as lines of JSON
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/search/label_values",
    operation_id = "search_label_values",
    tag = "prometheus",
    params(
        ("label" = String, Query, description = "the label's name"),
        ("search[]" = Option<Vec<String>>, Query, description = "words; a value fits one of them"),
        ("match[]" = Option<Vec<String>>, Query, description = "only of series that match one of these"),
        ("sort_by" = Option<String>, Query, description = "alpha or score"),
        ("limit" = Option<usize>, Query, description = "1 to 10000; default 100"),
    ),
    responses(
        (status = 200, body = SearchBatch<FoundValue>, content_type = "application/x-ndjson"),
        (status = 400, body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn label_values(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let search = read(&api, &fields, "label_values")?;
    let label = fields.first("label");
    if label.is_empty() {
        return Err(PromError::bad_data("missing required parameter \"label\""));
    }
    let engine = api.prometheus_engine()?;
    let values = engine.label_values(&tenant, label, search.series_question()).await?;
    lines(engine, search, values, |value, score| FoundValue { value: value.to_owned(), score }).await
}

fn read(api: &Api, fields: &Fields, endpoint: &str) -> Result<SearchQuestion, PromError> {
    SearchQuestion::read(fields, endpoint, (api.now)().get().div_euclid(1_000_000))
}

/// Batches, the first of which is there even where nothing was found, and the trailer. Comparing a million names with words
/// takes seconds, so that is done where questions are answered.
async fn lines<T: Serialize>(
    engine: &Engine,
    search: SearchQuestion,
    all: LabelAnswer,
    result: impl Fn(&str, Option<f64>) -> T + Send + 'static,
) -> Result<Response, PromError> {
    let body = engine.work_aside(move |gone| body(&search, &all, gone, result)).await?;
    Ok(([(CONTENT_TYPE, "application/x-ndjson; charset=utf-8")], body).into_response())
}

fn body<T: Serialize>(
    search: &SearchQuestion,
    all: &LabelAnswer,
    gone: &AtomicBool,
    result: impl Fn(&str, Option<f64>) -> T,
) -> Vec<u8> {
    let Found { texts, has_more } = search.find(all.texts.iter().map(|text| &**text), gone);
    let results = texts.iter().map(|(text, score)| result(text, (search.scores == Scores::Told).then_some(*score)));
    let mut results = results.peekable();
    let mut warnings = all.warnings.clone();
    let mut body = Vec::new();
    loop {
        let batch = results.by_ref().take(search.batch).collect();
        push_line(&mut body, &SearchBatch { results: batch, warnings: std::mem::take(&mut warnings) });
        if results.peek().is_none() {
            break;
        }
    }
    push_line(&mut body, &SearchTrailer { status: PromStatus::Success, has_more });
    body
}

fn push_line(body: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *body, line).expect("texts and numbers always serialise, and a vector takes all");
    body.push(b'\n');
}

/// What a metric is about: by its name, or by that of the family that has such parts.
fn metadata_of<'a>(metadata: &'a BTreeMap<String, Vec<MetricMetadata>>, name: &str) -> Option<&'a MetricMetadata> {
    use query::MetricKind::{Counter, GaugeHistogram, Histogram, Info, Summary};
    if let Some(exact) = metadata.get(name).and_then(|entries| entries.first()) {
        return Some(exact);
    }
    let (family, suffix) = name.rsplit_once('_')?;
    metadata.get(family)?.iter().find(|entry| match suffix {
        "total" => entry.kind == Counter && !family.ends_with("_total"),
        "info" => entry.kind == Info && !family.ends_with("_info"),
        "bucket" => matches!(entry.kind, Histogram | GaugeHistogram),
        "sum" | "count" => matches!(entry.kind, Histogram | GaugeHistogram | Summary),
        "gsum" | "gcount" => entry.kind == GaugeHistogram,
        _ => false,
    })
}
