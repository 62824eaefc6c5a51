//! Every error → status, error type, words.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use protocol::{PromErrorBody, PromStatus};
use query::{QueryError, QueryErrorKind};

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct PromError {
    kind: Kind,
    message: String,
}

/// Whose fault it is. The words are Prometheus' where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    BadData,
    Execution,
    Timeout,
    Internal,
    Unavailable,
    NotFound,
    WrongMethod,
    TooLarge,
    Unauthorized,
}

impl PromError {
    /// A parameter, or what they say together, is not well formed.
    pub(crate) fn bad_data(message: impl ToString) -> Self {
        Self::new(Kind::BadData, message)
    }

    /// A parameter is not well formed.
    pub(crate) fn parameter(name: &str, problem: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter \"{name}\": {problem}"))
    }

    /// The expression cannot be evaluated.
    pub(crate) fn execution(message: impl ToString) -> Self {
        Self::new(Kind::Execution, message)
    }

    /// It took too long.
    pub(crate) fn timeout(message: impl ToString) -> Self {
        Self::new(Kind::Timeout, message)
    }

    /// The server failed.
    pub(crate) fn internal(message: impl ToString) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// The store is not open yet.
    pub(crate) fn starting() -> Self {
        Self::new(Kind::Unavailable, "the server is starting and reads its log")
    }

    /// There is nothing at that path.
    pub(crate) fn not_found() -> Self {
        Self::new(Kind::NotFound, "there is no such endpoint")
    }

    /// There is something at that path, and it is asked otherwise.
    pub(crate) fn wrong_method() -> Self {
        Self::new(Kind::WrongMethod, "the endpoint does not take this method")
    }

    /// The body is too large.
    pub(crate) fn too_large(message: impl ToString) -> Self {
        Self::new(Kind::TooLarge, message)
    }

    /// No token, or not the right one.
    pub(crate) fn unauthorized() -> Self {
        Self::new(Kind::Unauthorized, "a valid token is needed: send the header authorization: Bearer TOKEN")
    }

    /// What happened.
    #[cfg(test)]
    pub(crate) fn words(&self) -> &str {
        &self.message
    }

    fn new(kind: Kind, message: impl ToString) -> Self {
        Self { kind, message: message.to_string() }
    }
}

impl Kind {
    fn error_type(self) -> &'static str {
        match self {
            Self::BadData | Self::TooLarge | Self::WrongMethod => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not_found",
            Self::Unauthorized => "unauthorized",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
        }
    }
}

/// Of a question about series. What an expression may go wrong with is told by the evaluator.
impl From<QueryError> for PromError {
    fn from(error: QueryError) -> Self {
        match error.kind() {
            QueryErrorKind::Invalid => Self::bad_data(error),
            QueryErrorKind::LimitExceeded => Self::execution(error),
            QueryErrorKind::Timeout => Self::timeout("query timed out in expression evaluation"),
            QueryErrorKind::Busy => Self::timeout("query timed out in query queue"),
            QueryErrorKind::NotFound => Self::new(Kind::NotFound, error),
            QueryErrorKind::Internal => Self::internal(error),
        }
    }
}

impl IntoResponse for PromError {
    fn into_response(self) -> Response {
        let Self { kind, message } = self;
        let body =
            PromErrorBody { status: PromStatus::Error, error_type: kind.error_type().to_owned(), error: message };
        let mut response = (kind.status(), Json(body)).into_response();
        if kind.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
