//! HTTP to one server: what is asked, what is sent along, what may go wrong, and in which words it is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use protocol::{ErrorBody, ErrorDetail, PromErrorBody};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::session::Session;

/// A larger answer is refused, because it is held in memory as a whole. A trace of 100 000 spans with the
/// attributes of a Kubernetes pod on each has to fit. Tests need not move a quarter of a gigabyte.
const ANSWER_BYTES_MAX: usize = if cfg!(test) { 1 } else { 256 } * 1024 * 1024;

/// A larger body of an error is not ours and is not read on.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// A larger token file is not a token.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// A server on the network that does not accept a connection within this time is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What to try when nothing answers.
const UNREACHABLE_HINT: &str =
    "is the server running? start it with nunchi server, or point --server / NUNCHI_SERVER at it";

/// Where the native API is.
const NATIVE: [&str; 2] = ["api", "v1"];

/// Where the Prometheus API is.
const PROMETHEUS: [&str; 3] = ["prometheus", "api", "v1"];

/// Which server to ask, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArguments {
    /// The server's address
    #[arg(long, env = "NUNCHI_SERVER", value_name = "URL", default_value = "http://127.0.0.1:4319", value_parser = address)]
    server: Url,

    /// A file that holds the token to send as `Authorization: Bearer`
    #[arg(long, env = "NUNCHI_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// How long to wait for an answer, such as 60s or 5m
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = timeout)]
    timeout: Duration,
}

/// A client of one server.
#[derive(Debug)]
pub(crate) struct Connection {
    client: Client,
    server: Url,
    timeout: Duration,
    interrupt: Interrupt,
    progress: Progress,
}

impl Connection {
    /// Prepares to ask; nothing is sent yet. From here on Ctrl-C ends a wait instead of the process.
    pub(crate) fn open(arguments: &ConnectionArguments, session: &Session<'_>) -> Result<Self, Failure> {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(path) = &arguments.token_file {
            headers.insert(AUTHORIZATION, authorization(path)?);
        }
        let mut client = Client::builder()
            .default_headers(headers)
            .user_agent(concat!("nunchi/", env!("CARGO_PKG_VERSION")))
            .timeout(arguments.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(arguments.timeout))
            // The API redirects nowhere; what does is a login page or a wrong address, and is told so.
            .redirect(redirect::Policy::none());
        if is_loopback(&arguments.server) {
            client = client.no_proxy();
        }
        if arguments.server.scheme() == "http" {
            // Without TLS no certificates are needed, and a small container may have none to load.
            client = client.tls_certs_only([]);
        }
        let client = client
            .build()
            .map_err(|error| Failure::new(Exit::Server, format!("cannot set up HTTP: {}", causes(&error))))?;
        session.interrupt.listen();
        Ok(Self {
            client,
            server: arguments.server.clone(),
            timeout: arguments.timeout,
            interrupt: session.interrupt.clone(),
            progress: session.progress,
        })
    }

    /// Asks `GET /api/v1/{path}?{query}`.
    pub(crate) async fn get<A: DeserializeOwned>(&self, path: &[&str], query: &Query) -> Result<A, Failure> {
        let mut url = self.url(path);
        if !query.pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(&query.pairs);
        }
        self.ask(self.client.request(Method::GET, url)).await
    }

    /// Asks `POST /api/v1/{path}` with a JSON body.
    pub(crate) async fn post<A: DeserializeOwned, B: Serialize>(&self, path: &[&str], body: &B) -> Result<A, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| Failure::usage(error.to_string()))?;
        self.ask(self.client.post(self.url(path)).header(CONTENT_TYPE, "application/json").body(body)).await
    }

    /// Asks `GET /prometheus/api/v1/{path}?{query}`.
    pub(crate) async fn get_prometheus<A: DeserializeOwned>(&self, path: &[&str], query: &Query) -> Result<A, Failure> {
        let mut url = self.url_below(&PROMETHEUS, path);
        if !query.pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(&query.pairs);
        }
        self.ask(self.client.request(Method::GET, url)).await
    }

    /// Asks `POST /prometheus/api/v1/{path}` with the query as a form: an expression may be longer than an address.
    pub(crate) async fn post_prometheus<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &Query,
    ) -> Result<A, Failure> {
        let mut url = self.url_below(&PROMETHEUS, path);
        url.query_pairs_mut().extend_pairs(&query.pairs);
        let body = url.query().unwrap_or_default().to_owned();
        url.set_query(None);
        let request = self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(body)).await
    }

    /// Asks `DELETE /api/v1/{path}`.
    pub(crate) async fn delete<A: DeserializeOwned>(&self, path: &[&str]) -> Result<A, Failure> {
        self.ask(self.client.delete(self.url(path))).await
    }

    /// The server as the user would write it.
    fn name(&self) -> &str {
        self.server.as_str().trim_end_matches('/')
    }

    fn url(&self, path: &[&str]) -> Url {
        self.url_below(&NATIVE, path)
    }

    fn url_below(&self, api: &[&str], path: &[&str]) -> Url {
        let mut url = self.server.clone();
        url.path_segments_mut().expect("http addresses have a path").pop_if_empty().extend(api).extend(path);
        url
    }

    async fn ask<A: DeserializeOwned>(&self, request: RequestBuilder) -> Result<A, Failure> {
        let answer = self.progress.watch("waiting for the server", self.send(request));
        let body = tokio::select! {
            answer = answer => answer?,
            () = self.interrupt.wait() => return Err(Failure::interrupted()),
        };
        serde_json::from_slice(&body).map_err(|error| {
            Failure::new(Exit::Server, format!("cannot read the answer of {}: {error}", self.name()))
                .with_hint("is this a nunchi server, and of the same version as this program?")
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Failure> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return self.read(response, ANSWER_BYTES_MAX).await?.ok_or_else(|| {
                let mib = ANSWER_BYTES_MAX / 1024 / 1024;
                Failure::new(Exit::Server, format!("the answer is larger than {mib} MiB"))
                    .with_hint("ask for less: a smaller --limit, a narrower time range, or fewer columns")
            });
        }
        let location = response.headers().get("location").and_then(|to| to.to_str().ok()).map(str::to_owned);
        let body = self.read(response, ERROR_BYTES_MAX).await?.unwrap_or_default();
        Err(self.refused(status, &body, location.as_deref()))
    }

    /// The body, or `None` when it is larger than `bytes_max`.
    async fn read(&self, mut response: Response, bytes_max: usize) -> Result<Option<Vec<u8>>, Failure> {
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + bytes.len() > bytes_max {
                return Ok(None);
            }
            body.extend_from_slice(&bytes);
        }
        Ok(Some(body))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() && !error.is_connect() {
            let message = format!("{} gave no answer within {}s", self.name(), self.timeout.as_secs_f64());
            return Failure::new(Exit::Server, message).with_hint("narrow the time range, or raise --timeout");
        }
        let message = format!("cannot reach {}: {}", self.name(), causes(error));
        Failure::new(Exit::Server, message).with_hint(UNREACHABLE_HINT)
    }

    fn refused(&self, status: StatusCode, body: &[u8], location: Option<&str>) -> Failure {
        let detail = serde_json::from_slice::<ErrorBody>(body).ok().map(|body| body.error).or_else(|| {
            let PromErrorBody { error_type, error, .. } = serde_json::from_slice(body).ok()?;
            Some(ErrorDetail { code: error_type, message: error, hint: String::new() })
        });
        let exit = match status {
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Exit::Usage,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::Authentication,
            // Without our error body, 404 says that this is some other server.
            StatusCode::NOT_FOUND if detail.is_some() => Exit::NothingMatched,
            _ => Exit::Server,
        };
        if let Some(detail) = detail {
            let hint = match exit {
                Exit::Authentication if detail.hint.is_empty() => TOKEN_HINT.to_owned(),
                _ => detail.hint,
            };
            return Failure::new(exit, detail.message).with_hint(hint);
        }
        let message = match location {
            Some(location) => format!("{} answered {status} and points to {location}", self.name()),
            None => format!("{} answered {status}", self.name()),
        };
        let hint = if exit == Exit::Authentication { TOKEN_HINT } else { "does --server point at a nunchi server?" };
        Failure::new(exit, message).with_hint(hint)
    }
}

const TOKEN_HINT: &str = "give a token by --token-file or NUNCHI_TOKEN_FILE";

/// The parameters of a question; what is absent is not sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(&'static str, String)>,
}

impl Query {
    /// Adds a parameter, unless its value is absent.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.pairs.extend(value.map(|value| (name, value.to_string())));
        self
    }
}

/// Reads `--server`: an http or https address, possibly with a path that a proxy serves the API under.
fn address(text: &str) -> Result<Url, String> {
    let example = "an address looks like http://127.0.0.1:4319";
    let url: Url = text.parse().map_err(|error| format!("{error}; {example}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(example.to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no credentials; use --token-file".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("an address has no query and no fragment; {example}"));
    }
    Ok(url)
}

/// Reads `--timeout`: a duration longer than zero.
fn timeout(text: &str) -> Result<Duration, String> {
    match model::parse_duration(text) {
        Ok(duration) if duration.is_zero() => Err("a timeout is longer than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

fn authorization(path: &std::path::Path) -> Result<HeaderValue, Failure> {
    use std::io::Read;
    let shown = path.display();
    let mut token = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(TOKEN_BYTES_MAX as u64 + 1).read_to_string(&mut token))
        .map_err(|error| Failure::usage(format!("cannot read the token file {shown}: {error}")))?;
    let token = token.trim();
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::usage(format!("{shown} does not hold a token: one word of printable ASCII")));
    }
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).expect("printable ASCII fits a header");
    header.set_sensitive(true);
    Ok(header)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The innermost cause, which says what happened; the outer ones say where, and the message does that.
fn causes(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
