//! Parameters of a question: of the URL and, where it is posted as a form, of its body.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use http::Method;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;

use crate::answer::PromError;
use crate::receive::discard_body;

/// A larger form is refused. Expressions of large dashboards reach some 20 KiB, and percent signs triple them.
const FORM_BYTES_MAX: usize = 1024 * 1024;

/// A form that has not come whole by then is cut off.
const FORM_TIME_MAX: Duration = Duration::from_secs(10);

/// Names and values, those of the body first. Unknown names are left alone, as Prometheus does: clients send their own.
#[derive(Clone, Debug, Default)]
pub(in crate::routes) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a name; empty where there is none.
    pub(super) fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn read(&mut self, text: &[u8]) {
        self.0.extend(form_urlencoded::parse(text).into_owned());
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = PromError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, PromError> {
        let (parts, body) = request.into_parts();
        let mut fields = Self::default();
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim();
        if parts.method == Method::POST && content_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            fields.read(&read_form(body).await?);
        }
        fields.read(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(fields)
    }
}

/// The whole body, within its limits.
async fn read_form(mut body: Body) -> Result<Vec<u8>, PromError> {
    let reading = tokio::time::timeout(FORM_TIME_MAX, read_body(&mut body));
    let read = reading.await.unwrap_or_else(|_| Err(PromError::bad_data("the form came too slowly")));
    if read.is_err() {
        // Else the asker would find the connection reset, and not the answer.
        discard_body(body).await;
    }
    read
}

async fn read_body(body: &mut Body) -> Result<Vec<u8>, PromError> {
    let mut form = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| PromError::bad_data("the form was cut off"))?;
        let Some(bytes) = frame.data_ref() else { continue };
        if form.len() + bytes.len() > FORM_BYTES_MAX {
            return Err(PromError::too_large(format!("the form is larger than {FORM_BYTES_MAX} bytes")));
        }
        form.extend_from_slice(bytes);
    }
    Ok(form)
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}
