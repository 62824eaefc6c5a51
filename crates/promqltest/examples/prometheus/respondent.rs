//! Who is asked.

use std::sync::OnceLock;

use promql::Series;
use promqltest::{Evaluator, Subject, When};
use reqwest::Client;

use crate::answer::Answer;

/// Answers questions.
pub(crate) enum Respondent {
    /// A server, by the address of its API with `/api/v1`.
    Http(String),
    /// This process.
    Evaluator(Evaluator),
}

impl Respondent {
    /// An evaluator that has these series.
    pub(crate) fn evaluator(series: &[Series]) -> Self {
        let mut evaluator = Evaluator::new(2);
        evaluator.load(series).expect("they are in order");
        Self::Evaluator(evaluator)
    }

    /// What it answers.
    pub(crate) async fn ask(&self, expr: &str, when: When) -> Answer {
        let url = match self {
            Self::Evaluator(evaluator) => return evaluator.ask(expr, when).into(),
            Self::Http(url) => url,
        };
        let seconds = |millis: i64| format!("{}.{:03}", millis.div_euclid(1_000), millis.rem_euclid(1_000));
        let mut form = vec![("query", expr.to_owned())];
        let path = match when {
            When::Instant(at) => {
                form.push(("time", seconds(at)));
                "query"
            }
            When::Range { start, end, step } => {
                form.extend([("start", seconds(start)), ("end", seconds(end)), ("step", seconds(step))]);
                "query_range"
            }
        };
        let reply = client().post(format!("{url}/{path}")).form(&form).send().await;
        let reply = reply.unwrap_or_else(|error| panic!("{url}: {error}"));
        let body: serde_json::Value = reply.json().await.unwrap_or_else(|error| panic!("{url}: {expr}: {error}"));
        body.into()
    }
}

/// One for all requests.
pub(crate) fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| Client::builder().no_proxy().build().expect("a client of plain HTTP"))
}
