//! The page, from the binary itself.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use memory_serve::CacheControl;

/// Telemetry is hostile text: nothing in it may run, load, or be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The page and its assets; every other path of the page gets the page, which reads the path itself.
pub(crate) fn page_routes() -> Router {
    memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(StatusCode::OK)
        .enable_gzip(true)
        // Packed when the program is built; one that is built without optimisation does it at each start, for seconds.
        .enable_brotli(!cfg!(debug_assertions))
        .html_cache_control(CacheControl::NoCache)
        // Assets carry a hash of their content in their names.
        .cache_control(CacheControl::Long)
        .into_router()
        .layer(from_fn(only_read))
        .layer(map_response(secure))
}

/// A sender of OTLP that is pointed at this port must not take the page, with its 200, for an acknowledgement.
async fn only_read(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let hint =
        "this port has the page, and the API at /api/v1; OTLP is taken on others (default 4317 by gRPC, 4318 by HTTP)";
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,HEAD")], hint).into_response()
}

async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    response
}
