//! `status/…`: what the server is, and how many series it has.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{TenantId, TimeRange};
use promql::AggregateOperator;
use protocol::{BuildInfo, ConfigText, PromAnswer, PromErrorBody, ReplayStatus, RuntimeInfo, TsdbStatus};
use query::CardinalityQuestion;

use super::fields::Fields;
use super::parameter::{head, whole_number};
use crate::answer::{PromError, Said, answer, tsdb_data};
use crate::routes::Api;

/// The version of Prometheus whose language and API are spoken. Clients choose by it what they ask: Grafana, for one, whether
/// `labels` takes selectors. Nunchi's own version would tell them that they speak to a very old Prometheus.
const PROMETHEUS_VERSION: &str = "3.16.0";

/// Entries of each list of `status/tsdb` where nothing is said.
const TOP_DEFAULT: usize = 10;

/// Entries of each list of `status/tsdb` that can be asked for.
const TOP_MAX: usize = 10_000;

/// Which Prometheus this is like, and which Nunchi it is
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/buildinfo",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<BuildInfo>))
)]
pub(in crate::routes) async fn build_info() -> Response {
    let info = BuildInfo {
        version: PROMETHEUS_VERSION.to_owned(),
        revision: env!("CARGO_PKG_VERSION").to_owned(),
        branch: "nunchi".to_owned(),
        build_user: String::new(),
        build_date: String::new(),
        go_version: String::new(),
    };
    answer(info, Said::default())
}

/// Since when the server runs
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/runtimeinfo",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<RuntimeInfo>))
)]
pub(in crate::routes) async fn runtime_info(State(api): State<Api>) -> Response {
    let started = api.metrics.started().to_string();
    let info = RuntimeInfo {
        start_time: started.clone(),
        working_directory: String::new(),
        hostname: String::new(),
        server_time: (api.now)().to_string(),
        reload_config_success: true,
        last_config_time: started,
        corruption_count: 0,
        goroutine_count: 0,
        cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64),
        go_memory_limit: 0,
        go_gc: String::new(),
        go_debug: String::new(),
        storage_retention: String::new(),
    };
    answer(info, Said::default())
}

/// The configuration of a Prometheus that scrapes nothing
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/config",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<ConfigText>))
)]
pub(in crate::routes) async fn config() -> Response {
    answer(ConfigText { yaml: "global: {}\n".to_owned() }, Said::default())
}

/// Flags that Prometheus was started with: none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/flags",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<BTreeMap<String, String>>))
)]
pub(in crate::routes) async fn flags() -> Response {
    answer(BTreeMap::<String, String>::new(), Said::default())
}

/// How far the log has been read: whoever is answered finds it read
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/walreplay",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<ReplayStatus>), (status = 503, body = PromErrorBody))
)]
pub(in crate::routes) async fn wal_replay(State(api): State<Api>) -> Result<Response, PromError> {
    api.prometheus_engine()?;
    Ok(answer(ReplayStatus { min: 0, max: 0, current: 0 }, Said::default()))
}

/// How many series there are, and what makes them many
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/status/tsdb",
    tag = "prometheus",
    params(("limit" = Option<usize>, Query, description = "entries of each list, 1 to 10000; default 10")),
    responses((status = 200, body = PromAnswer<TsdbStatus>), (status = 400, body = PromErrorBody))
)]
pub(in crate::routes) async fn tsdb(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    fields: Fields,
) -> Result<Response, PromError> {
    let limit = match fields.first("limit") {
        "" => TOP_DEFAULT,
        text => match whole_number(text).ok().and_then(|limit| usize::try_from(limit).ok()) {
            None | Some(0) => return Err(PromError::bad_data("limit must be a positive number")),
            Some(limit) if limit > TOP_MAX => {
                return Err(PromError::bad_data(format!("limit must not exceed {TOP_MAX}")));
            }
            Some(limit) => limit,
        },
    };
    let question = CardinalityQuestion { range: head((api.now)()), limit };
    let engine = api.prometheus_engine()?;
    let mut found = engine.cardinality(&tenant, question).await?;
    if found.series == 0 {
        found = engine.cardinality(&tenant, CardinalityQuestion { range: TimeRange::ALL, ..question }).await?;
    }
    let said = Said::warnings(std::mem::take(&mut found.warnings));
    Ok(answer(tsdb_data(found), said))
}

/// What of Prometheus' features there are
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/features",
    tag = "prometheus",
    responses((status = 200, body = PromAnswer<BTreeMap<String, BTreeMap<String, bool>>>))
)]
pub(in crate::routes) async fn features() -> Response {
    let api = [
        ("admin", false),
        ("exclude_alerts", false),
        ("label_values_match", true),
        ("lifecycle", false),
        ("otlp_write_receiver", true),
        ("query_cost", false),
        ("query_stats", true),
        ("query_warnings", true),
        ("remote_write_receiver", true),
        ("search", true),
        ("search_fuzz_alg_jarowinkler", true),
        ("search_fuzz_alg_subsequence", true),
        ("time_range_labels", true),
        ("time_range_series", true),
    ];
    let language = [
        ("anchored", true),
        ("at_modifier", true),
        ("bool", true),
        ("by", true),
        ("delayed_name_removal", true),
        ("duration_expr", true),
        ("fill", true),
        ("fill_left", true),
        ("fill_right", true),
        ("group_left", true),
        ("group_right", true),
        ("ignoring", true),
        ("negative_offset", true),
        ("offset", true),
        ("on", true),
        ("per_query_lookback_delta", true),
        ("per_step_stats", false),
        ("smoothed", true),
        ("subqueries", true),
        ("without", true),
    ];
    let binary = [
        "!=", "!~", "%", "*", "+", "-", "/", "<", "<=", "</", "==", "=~", ">", ">=", ">/", "@", "^", "and", "atan2",
        "or", "unless",
    ];
    let operators = binary.into_iter().chain(AggregateOperator::ALL.iter().map(|operator| operator.name()));
    let all = |names: Vec<&'static str>| names.into_iter().map(|name| (name, true)).collect();
    let categories: BTreeMap<&str, BTreeMap<&str, bool>> = BTreeMap::from([
        ("api", BTreeMap::from(api)),
        ("promql", BTreeMap::from(language)),
        ("promql_operators", all(operators.collect())),
        ("promql_functions", all(promql::Function::all().iter().map(|function| function.name).collect())),
    ]);
    answer(categories, Said::default())
}
