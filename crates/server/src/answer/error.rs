//! Every error → status, code, message, hint.

use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use protocol::{ErrorBody, ErrorDetail};
use query::{QueryError, QueryErrorKind};

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: String,
}

impl ApiError {
    /// The request is not well formed.
    pub(crate) fn bad_request(message: impl ToString, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, hint)
    }

    /// There is nothing at that path.
    pub(crate) fn not_found(message: impl ToString, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message, hint)
    }

    /// No token, or not the right one.
    pub(crate) fn unauthenticated() -> Self {
        let hint = "send the header authorization: Bearer TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "a valid token is needed", hint)
    }

    /// The store is not open yet.
    pub(crate) fn starting() -> Self {
        let message = "the server is starting and reads its log";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "starting", message, "wait until /readyz answers 200")
    }

    /// The server failed.
    pub(crate) fn internal(error: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error, "the server's log may say more")
    }

    fn new(status: StatusCode, code: &'static str, message: impl ToString, hint: impl Into<String>) -> Self {
        Self { status, code, message: message.to_string(), hint: hint.into() }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let (status, code) = match error.kind() {
            QueryErrorKind::Invalid => (StatusCode::BAD_REQUEST, "bad_query"),
            QueryErrorKind::LimitExceeded => (StatusCode::UNPROCESSABLE_ENTITY, "limit_exceeded"),
            QueryErrorKind::Timeout => (StatusCode::SERVICE_UNAVAILABLE, "query_timeout"),
            QueryErrorKind::Busy => (StatusCode::TOO_MANY_REQUESTS, "busy"),
            QueryErrorKind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            QueryErrorKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        Self::new(status, code, &error, error.hint())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, message, hint } = self;
        let error = ErrorDetail { code: code.to_owned(), message, hint };
        let mut response = (status, axum::Json(ErrorBody { error })).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
