//! What every answer is wrapped in.

use std::convert::Infallible;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use promql::Annotations;
use protocol::{PromAnswer, PromStatus};
use serde::Serialize;

/// Warnings of an answer, and infos of it: more are counted and not told.
const TOLD_MAX: usize = 10;

/// A piece of a long body is sent when it is as long as this.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// What is told beside an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(super) warnings: Vec<String>,
    pub(super) infos: Vec<String>,
}

impl Said {
    /// Warnings, each of them once.
    pub(crate) fn warnings(warnings: impl IntoIterator<Item = String>) -> Self {
        Annotations { warnings: warnings.into_iter().collect(), ..Annotations::default() }.into()
    }
}

impl Said {
    /// Appends what stands behind the data, and the end of the body.
    pub(super) fn push_tail(&self, out: &mut Vec<u8>) {
        for (name, texts) in [("warnings", &self.warnings), ("infos", &self.infos)] {
            if !texts.is_empty() {
                out.extend_from_slice(format!(",\"{name}\":").as_bytes());
                serde_json::to_writer(&mut *out, texts).expect("texts always serialise, and a vector takes all");
            }
        }
        out.push(b'}');
    }
}

/// What a limit that left something out is told as.
pub(crate) const TRUNCATED: &str = "results truncated due to limit";

impl From<Annotations> for Said {
    fn from(annotations: Annotations) -> Self {
        let told = |texts: std::collections::BTreeSet<String>, noun: &str| {
            let omitted = texts.len().saturating_sub(TOLD_MAX);
            let mut told: Vec<String> = texts.into_iter().take(TOLD_MAX).collect();
            if omitted > 0 {
                told.push(format!("{omitted} more {noun} annotations omitted"));
            }
            told
        };
        Self { warnings: told(annotations.warnings, "warning"), infos: told(annotations.infos, "info") }
    }
}

/// A body of moderate size.
pub(crate) fn answer<T: Serialize>(data: T, said: Said) -> Response {
    let Said { warnings, infos } = said;
    Json(PromAnswer { status: PromStatus::Success, data, warnings, infos }).into_response()
}

/// A long body, which is written while it is sent. When the asker leaves, the rest is not written.
pub(super) fn in_pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Response {
    let pieces = futures::stream::iter(pieces.map(Ok::<Bytes, Infallible>));
    let mut response = Body::from_stream(pieces).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_ten_are_counted_and_not_told() {
        let texts = |count: usize| (0..count).map(|number| format!("{number:02}")).collect();
        let said = Said::from(Annotations { warnings: texts(10), infos: texts(13) });
        assert_eq!((said.warnings.len(), said.warnings.last().unwrap().as_str()), (10, "09"));
        assert_eq!((said.infos.len(), said.infos.last().unwrap().as_str()), (11, "3 more info annotations omitted"));
    }
}
