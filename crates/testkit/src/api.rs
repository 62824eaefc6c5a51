//! Questions to a server, answers as JSON.

use std::sync::OnceLock;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::deadline::DEADLINE;

/// One server's API.
#[derive(Clone, Debug)]
pub struct Api {
    address: String,
    client: Client,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it is text.
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text))
    }

    /// The value of a header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Api {
    /// The API at `address`, as in `127.0.0.1:4319`.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), client: client().clone() }
    }

    /// Where it is, as in `http://127.0.0.1:4319`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request to be filled further; `path` begins with `/`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url() + path)
    }

    /// What the server answers to the request.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        self.try_send(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// What the server answers to the request, if it does.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Reply> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes })
    }

    /// `GET` with parameters.
    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.send(self.request(Method::GET, path).query(parameters)).await
    }

    /// `GET` that must succeed, as JSON.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let reply = self.get(path, parameters).await;
        assert_eq!(reply.status, StatusCode::OK, "GET {path} {parameters:?}: {}", reply.text);
        reply.json()
    }

    /// The rows of a SQL query that must succeed and be complete.
    ///
    /// # Panics
    ///
    /// When it does not, or is cut.
    pub async fn sql(&self, query: &str) -> Vec<Vec<Value>> {
        let request = self.request(Method::POST, "/api/v1/sql").json(&json!({ "query": query }));
        let reply = self.send(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{query}: {}", reply.text);
        let mut answer = reply.json();
        assert_eq!(answer["coverage"]["complete"], true, "{query}: {}", answer["coverage"]);
        serde_json::from_value(answer["rows"].take()).expect("rows are arrays")
    }

    /// The one number that a SQL query gives.
    ///
    /// # Panics
    ///
    /// When it gives anything else.
    pub async fn number(&self, query: &str) -> i64 {
        let rows = self.sql(query).await;
        rows.first().and_then(|row| row.first()).and_then(Value::as_i64).unwrap_or_else(|| panic!("{query}: {rows:?}"))
    }
}

/// One client for all: it keeps connections, as senders do.
fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().timeout(DEADLINE).tls_certs_only([]);
        client.build().expect("a client without TLS needs nothing")
    })
}
