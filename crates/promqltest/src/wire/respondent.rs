//! Who is asked.

use promql::Series;
use reqwest::Method;
use testkit::Api;

use super::Answer;
use crate::{Evaluator, Subject, When};

/// Answers questions.
#[derive(Debug)]
pub enum Respondent {
    /// A server.
    Http {
        /// Its API.
        api: Api,
        /// What paths of Prometheus' API begin with there.
        prefix: &'static str,
    },
    /// This process.
    Evaluator(Evaluator),
}

impl Respondent {
    /// An evaluator that has these series. Panics where their samples are not in the order of time.
    pub fn evaluator(series: &[Series]) -> Self {
        let mut evaluator = Evaluator::new(2);
        evaluator.load(series).expect("they are in order");
        Self::Evaluator(evaluator)
    }

    /// What it answers. Panics where a server does not answer in JSON.
    pub async fn ask(&self, expr: &str, when: When) -> Answer {
        let (api, prefix) = match self {
            Self::Evaluator(evaluator) => return evaluator.ask(expr, when).into(),
            Self::Http { api, prefix } => (api, prefix),
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
        let request = api.request(Method::POST, &format!("{prefix}/api/v1/{path}")).form(&form);
        api.send(request).await.json().into()
    }
}
