//! `query`, `query_range`: an expression at an instant, or at the steps of a range.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::TenantId;
use promql::{Annotations, EvaluateError, Expr, Steps, Value, ValueType};
use protocol::{PromAnswer, PromErrorBody, QueryResult};
use query::{PromqlError, PromqlQuestion};

use super::fields::Fields;
use super::parameter::{expression, limit, lookback, optional_time, steps, timeout};
use crate::answer::{PromError, QueryStatistics, TRUNCATED, query_response};
use crate::routes::Api;

/// An expression at an instant
///
/// PromQL as Prometheus 3.16 has it, experimental functions, duration expressions, `anchored`, `smoothed` and `fill`
/// included.
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/query",
    tag = "prometheus",
    params(
        ("query" = String, Query, description = "PromQL"),
        ("time" = Option<String>, Query, description = "RFC 3339 or unix seconds; default now"),
        ("timeout" = Option<String>, Query, description = "how long it may take, if less than any question may"),
        ("limit" = Option<usize>, Query, description = "series at most; 0 for all"),
        ("lookback_delta" = Option<String>, Query, description = "how old the last sample of a series may be; default 5m"),
        ("stats" = Option<String>, Query, description = "true or all: say what it took"),
    ),
    responses(
        (status = 200, body = PromAnswer<QueryResult>),
        (status = 400, description = "a parameter cannot be read", body = PromErrorBody),
        (status = 422, description = "the expression cannot be evaluated, or costs too much", body = PromErrorBody),
        (status = 503, description = "it took too long", body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn query(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let limit = limit(&fields)?;
    let now = (api.now)().get().div_euclid(1_000_000);
    let steps = Steps::instant(optional_time(&fields, "time")?.unwrap_or(now));
    let question = Asked { tenant, steps, limit, fields }.question()?;
    question.answer(&api).await
}

/// An expression at the steps of a range
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/query_range",
    tag = "prometheus",
    params(
        ("query" = String, Query, description = "PromQL, of a number or of values per series"),
        ("start" = String, Query, description = "the first step: RFC 3339 or unix seconds"),
        ("end" = String, Query, description = "the last step at most, same forms"),
        ("step" = String, Query, description = "between two steps: seconds, or as in 1h30m; at most 11 000 of them"),
        ("timeout" = Option<String>, Query, description = "how long it may take, if less than any question may"),
        ("limit" = Option<usize>, Query, description = "series at most; 0 for all"),
        ("lookback_delta" = Option<String>, Query, description = "how old the last sample of a series may be; default 5m"),
        ("stats" = Option<String>, Query, description = "true or all: say what it took"),
    ),
    responses(
        (status = 200, body = PromAnswer<QueryResult>),
        (status = 400, description = "a parameter cannot be read", body = PromErrorBody),
        (status = 422, description = "the expression cannot be evaluated, or costs too much", body = PromErrorBody),
        (status = 503, description = "it took too long", body = PromErrorBody),
    )
)]
pub(in crate::routes) async fn query_range(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let limit = limit(&fields)?;
    let steps = steps(&fields)?;
    let asked = Asked { tenant, steps, limit, fields }.question()?;
    let value_type = asked.question.expr.value_type();
    if !matches!(value_type, ValueType::Vector | ValueType::Scalar) {
        let documented = value_type.documented();
        let problem =
            format!("invalid expression type \"{documented}\" for range query, must be Scalar or instant Vector");
        return Err(PromError::parameter("query", problem));
    }
    asked.answer(&api).await
}

/// What both have been asked.
struct Asked {
    tenant: TenantId,
    steps: Steps,
    limit: Option<usize>,
    fields: Fields,
}

/// A question, and how its answer is wanted.
struct Wanted {
    tenant: TenantId,
    question: PromqlQuestion,
    limit: Option<usize>,
    /// The parameter `stats` as it was given.
    statistics: String,
}

impl Asked {
    fn question(self) -> Result<Wanted, PromError> {
        let Self { tenant, steps, limit, fields } = self;
        let (timeout, lookback) = (timeout(&fields)?, lookback(&fields)?);
        let expr: Expr = expression(&fields)?;
        let mut question = PromqlQuestion { timeout, ..PromqlQuestion::new(expr, fields.first("query"), steps) };
        if let Some(lookback) = lookback {
            question.lookback = Duration::from_millis(lookback.unsigned_abs());
        }
        Ok(Wanted { tenant, question, limit, statistics: fields.first("stats").to_owned() })
    }
}

impl Wanted {
    async fn answer(self, api: &Api) -> Result<Response, PromError> {
        let Self { tenant, question, limit, statistics } = self;
        let asked = Instant::now();
        let found = api.prometheus_engine()?.promql(&tenant, question).await?;
        let mut outcome = found.outcome;
        outcome.annotations.warnings.extend(found.warnings);
        if limit.is_some_and(|limit| cut(&mut outcome.value, limit)) {
            outcome.annotations.warnings.insert(TRUNCATED.to_owned());
        }
        remark_on_statistics(&statistics, &mut outcome.annotations);
        let took = QueryStatistics { seconds: asked.elapsed().as_secs_f64(), samples: outcome.samples };
        let took = (!statistics.is_empty()).then_some(took);
        Ok(query_response(outcome.value, took, outcome.annotations.into()))
    }
}

/// Leaves out series beyond the limit, and says whether there were any.
fn cut(value: &mut Value, limit: usize) -> bool {
    let (before, after) = match value {
        Value::Scalar { .. } | Value::Text { .. } => return false,
        Value::Vector { series, .. } | Value::Matrix { series, .. } => {
            let before = series.len();
            series.truncate(limit);
            (before, series.len())
        }
        Value::Samples(series) => {
            let before = series.len();
            series.truncate(limit);
            (before, series.len())
        }
    };
    after < before
}

/// Any word switches statistics on, but for two that is deprecated.
fn remark_on_statistics(word: &str, annotations: &mut Annotations) {
    if !matches!(word, "" | "true" | "all") {
        annotations.warnings.insert(format!(
            "value {word:?} for parameter \"stats\" is deprecated and will be rejected in the next major release, \
             use \"true\" or \"all\""
        ));
    }
}

impl From<PromqlError> for PromError {
    fn from(error: PromqlError) -> Self {
        match error {
            PromqlError::Query(error) => error.into(),
            // Duration expressions are computed when the instants are known, and are wrong parameters all the same.
            PromqlError::Evaluate(EvaluateError::Parse(error)) => Self::parameter("query", error),
            PromqlError::Evaluate(error) => Self::execution(error),
        }
    }
}
