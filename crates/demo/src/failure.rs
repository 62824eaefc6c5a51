//! How a request fails: the status for the caller, and the exception for whoever reads the trace.

use std::borrow::Cow;
use std::error::Error;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use opentelemetry::KeyValue;
use serde_json::json;

use crate::call::CallError;

/// What was thrown, in the words of the semantic conventions.
#[derive(Clone, Debug)]
pub(crate) struct Exception {
    pub(crate) kind: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) stacktrace: Option<&'static str>,
}

impl Exception {
    pub(crate) fn new(kind: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), stacktrace: None }
    }

    pub(crate) fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![
            KeyValue::new("exception.type", self.kind),
            KeyValue::new("exception.message", self.message.clone().into_owned()),
        ];
        attributes.extend(self.stacktrace.map(|trace| KeyValue::new("exception.stacktrace", trace)));
        attributes
    }
}

/// A request that was not served.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    exception: Exception,
}

impl Failure {
    /// The caller asked for something that cannot be served (4xx).
    pub(crate) fn refused(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, exception: Exception::new("Refused", message) }
    }

    /// The service itself failed (500).
    pub(crate) const fn thrown(exception: Exception) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, exception }
    }

    /// The service has no room for the request (503).
    pub(crate) const fn overloaded(exception: Exception) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, exception }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let status = match &error {
            CallError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            CallError::NoPod { .. } => StatusCode::SERVICE_UNAVAILABLE,
            // What the caller did wrong here, our caller did wrong: it learns so.
            CallError::Status { status, .. } if status.is_client_error() => *status,
            CallError::Status { .. } | CallError::Broken { .. } => StatusCode::BAD_GATEWAY,
        };
        Self { status, exception: Exception::new(error.kind(), error.to_string()) }
    }
}

impl IntoResponse for Failure {
    /// The exception travels beside the response, so that the service can record it on its span.
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.exception.message }));
        let mut response = (self.status, body).into_response();
        response.extensions_mut().insert(self.exception);
        response
    }
}

/// What is at the bottom of an error: of a client's errors only that says what happened, such as a refused connection.
pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}
