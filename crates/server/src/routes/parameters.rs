//! Query parameters → parts of questions. A parameter that cannot be read is named in the error.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::Query;
use http::request::Parts;
use model::{Selectors, TextQuery, TimeRange, TraceId, UnixNanos, parse_duration};
use serde::de::DeserializeOwned;
use stitch::RepairKind;

use crate::answer::ApiError;

/// Query parameters of an endpoint; an unknown or ill-formed one is an error that names it.
#[derive(Debug)]
pub(super) struct Parameters<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(error) => {
                Err(ApiError::bad_request(error.body_text(), "GET /api/v1/openapi.json lists the parameters"))
            }
        }
    }
}

/// `from` (inclusive) and `to` (exclusive); without them all of time.
pub(super) fn time_range(from: Option<&str>, to: Option<&str>, now: UnixNanos) -> Result<TimeRange, ApiError> {
    let read = |name: &str, text: Option<&str>, otherwise: UnixNanos| match text.filter(|text| !text.is_empty()) {
        None => Ok(otherwise),
        Some(text) => {
            UnixNanos::parse(text, now).map_err(|error| ApiError::bad_request(format!("{name}: {error}"), ""))
        }
    };
    let range = TimeRange { from: read("from", from, UnixNanos::MIN)?, to: read("to", to, UnixNanos::MAX)? };
    if range.from > range.to {
        return Err(ApiError::bad_request("from is later than to", "swap them"));
    }
    Ok(range)
}

/// A selector; empty text selects everything.
pub(super) fn selectors(text: Option<&str>) -> Result<Option<Selectors>, ApiError> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parsed = text.map(Selectors::parse).transpose();
    parsed.map_err(|error| {
        ApiError::bad_request(
            format!("selector: {error}"),
            "kubernetes syntax: app=web,tier in (a,b),!canary; || between selectors for OR",
        )
    })
}

/// A text query; empty text matches everything.
pub(super) fn text_query(text: Option<&str>) -> Result<Option<TextQuery>, ApiError> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parsed = text.map(TextQuery::parse).transpose();
    parsed.map_err(|error| {
        ApiError::bad_request(
            format!("q: {error}"),
            "for example: timeout OR \"connection refused\" NOT healthz http.response.status_code>=500",
        )
    })
}

/// A duration with a unit; empty text is none.
pub(super) fn duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, ApiError> {
    let text = text.filter(|text| !text.is_empty());
    text.map(parse_duration).transpose().map_err(|error| ApiError::bad_request(format!("{name}: {error}"), ""))
}

/// One of a few words; empty text is none.
pub(super) fn word<T: Copy>(name: &str, text: Option<&str>, words: &[(&str, T)]) -> Result<Option<T>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, meaning)) => Ok(Some(*meaning)),
        None => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Err(ApiError::bad_request(format!("{name}: {text:?} is not one of {}", words.join(", ")), ""))
        }
    }
}

/// A kind of repair; empty text is none.
pub(super) fn repair_kind(name: &str, text: Option<&str>) -> Result<Option<RepairKind>, ApiError> {
    word(name, text, &RepairKind::ALL.map(|kind| (kind.as_str(), kind)))
}

/// A trace id in a path.
pub(super) fn trace_id(text: &str) -> Result<TraceId, ApiError> {
    let parsed = text.parse();
    parsed.map_err(|error| ApiError::bad_request(format!("trace_id: {error}"), "a trace id has 32 hex digits"))
}

/// Anything that is read from its text form.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: Option<&str>,
) -> Result<Option<T>, ApiError> {
    let text = text.filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|error: T::Err| ApiError::bad_request(format!("{name}: {error}"), ""))
}
