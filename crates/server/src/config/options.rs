//! Each option once. A field is at the same time a flag, a `NUNCHI_…` variable and a key of the YAML
//! file: `--store-retention`, `NUNCHI_STORE_RETENTION` and `store: {retention: …}`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

/// Options of `nunchi server`.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerOptions {
    /// YAML file with any of these options, as in `store: {retention: 30d}`
    #[arg(long, env = "NUNCHI_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Folder that everything is kept in [default: ./data]
    #[arg(long, env = "NUNCHI_DATA_DIR", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,

    /// Memory that the server may take, from which other limits derive [default: three quarters of the machine's or of the container's, at most 2GiB]
    #[arg(long, env = "NUNCHI_MEMORY_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_max: Option<String>,

    /// YAML file that states who owns which service, with runbook, repository and contact; read again when it changes [default: none]
    #[arg(long, env = "NUNCHI_SERVICES_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_file: Option<PathBuf>,

    #[command(flatten)]
    #[serde(default)]
    pub(crate) listen: ListenOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) auth: AuthOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) receive: ReceiveOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) store: StoreOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) query: QueryOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) prometheus: PrometheusOptions,
    #[command(flatten)]
    #[serde(default)]
    pub(crate) log: LogOptions,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Addresses")]
pub(crate) struct ListenOptions {
    /// OTLP over gRPC [default: 127.0.0.1:4317]
    #[arg(long = "listen-otlp-grpc", env = "NUNCHI_LISTEN_OTLP_GRPC", value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) otlp_grpc: Option<SocketAddr>,

    /// OTLP over HTTP [default: 127.0.0.1:4318]
    #[arg(long = "listen-otlp-http", env = "NUNCHI_LISTEN_OTLP_HTTP", value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) otlp_http: Option<SocketAddr>,

    /// Page, API, /healthz, /readyz, /metrics [default: 127.0.0.1:4319]
    #[arg(long = "listen-api", env = "NUNCHI_LISTEN_API", value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api: Option<SocketAddr>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Who may talk to it")]
pub(crate) struct AuthOptions {
    /// File with a bearer token that every request must carry [default: none]
    #[arg(long = "auth-token-file", env = "NUNCHI_AUTH_TOKEN_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_file: Option<PathBuf>,

    /// Accept anyone on addresses that others can reach; for networks that guard it themselves
    #[arg(long = "auth-insecure-open", env = "NUNCHI_AUTH_INSECURE_OPEN", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) insecure_open: Option<bool>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Receiving")]
pub(crate) struct ReceiveOptions {
    /// Bytes of requests in work at once; more are told to come back [default: a sixth of memory-max]
    #[arg(long = "receive-in-flight-bytes-max", env = "NUNCHI_RECEIVE_IN_FLIGHT_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_flight_bytes_max: Option<String>,

    /// Bytes a tenant may send in a second, as received; more are told to come back [default: no limit]
    #[arg(
        long = "receive-tenant-bytes-per-second",
        env = "NUNCHI_RECEIVE_TENANT_BYTES_PER_SECOND",
        value_name = "SIZE"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tenant_bytes_per_second: Option<String>,

    /// Series of a tenant that are live at once; points of further ones are refused [default: 1000000]
    #[arg(long = "receive-series-max", env = "NUNCHI_RECEIVE_SERIES_MAX", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series_max: Option<usize>,

    /// Connections of one address at once [default: 4096]
    #[arg(long = "receive-connections-max", env = "NUNCHI_RECEIVE_CONNECTIONS_MAX", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connections_max: Option<usize>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Keeping")]
pub(crate) struct StoreOptions {
    /// What an acknowledgement promises: fsync (survives power loss), os (survives a crash of the process), none [default: fsync]
    #[arg(long = "store-durability", env = "NUNCHI_STORE_DURABILITY", value_name = "MODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) durability: Option<String>,

    /// Records are deleted once their hour is older, where no rule says otherwise [default: 7d]
    #[arg(long = "store-retention", env = "NUNCHI_STORE_RETENTION", value_name = "DURATION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<String>,

    /// Keep some records longer or shorter, as in "keep squad=payments 30d; keep app=noisy,tier!=prod 1d"
    ///
    /// A rule is "keep SELECTOR DURATION" or "tenant NAME DURATION". Of the selectors that match a record's resource the
    /// longest decides; where none does, the tenant's rule, else --store-retention. Semicolons separate rules; the flag may
    /// be repeated, and YAML takes a list.
    #[arg(long = "store-retention-rules", env = "NUNCHI_STORE_RETENTION_RULES", value_name = "RULE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retention_rules: Option<Vec<String>>,

    /// Requests are told to come back while less than this is free [default: a twentieth of the volume, at most 256MiB]
    #[arg(long = "store-disk-reserve-bytes", env = "NUNCHI_STORE_DISK_RESERVE_BYTES", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disk_reserve_bytes: Option<String>,

    /// Memory is flushed to blocks once it holds this much [default: a quarter of store-memtable-bytes-max]
    #[arg(long = "store-flush-bytes", env = "NUNCHI_STORE_FLUSH_BYTES", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flush_bytes: Option<String>,

    /// Memory is flushed to blocks at least this often [default: 60s]
    #[arg(long = "store-flush-interval", env = "NUNCHI_STORE_FLUSH_INTERVAL", value_name = "DURATION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flush_interval: Option<String>,

    /// Above this much memory, requests are told to come back [default: a quarter of memory-max]
    #[arg(long = "store-memtable-bytes-max", env = "NUNCHI_STORE_MEMTABLE_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memtable_bytes_max: Option<String>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Asking")]
pub(crate) struct QueryOptions {
    /// A question is cancelled after this long [default: 30s]
    #[arg(long = "query-timeout", env = "NUNCHI_QUERY_TIMEOUT", value_name = "DURATION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout: Option<String>,

    /// Questions that run at once; others wait [default: 8]
    #[arg(long = "query-concurrency", env = "NUNCHI_QUERY_CONCURRENCY", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<usize>,

    /// Memory of all running questions together [default: a quarter of memory-max]
    #[arg(long = "query-memory-bytes-max", env = "NUNCHI_QUERY_MEMORY_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory_bytes_max: Option<String>,

    /// Rows of a SQL answer; more are cut, and the answer says so [default: 100000]
    #[arg(long = "query-sql-rows-max", env = "NUNCHI_QUERY_SQL_ROWS_MAX", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sql_rows_max: Option<usize>,

    /// Bytes of a SQL answer in memory; more are cut, and the answer says so [default: a quarter of query-memory-bytes-max]
    #[arg(long = "query-sql-bytes-max", env = "NUNCHI_QUERY_SQL_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sql_bytes_max: Option<String>,

    /// Memory of the index of metric series; questions about a time with more series than fit are refused [default: a sixth of memory-max, which is some 800000 series at 2GiB]
    #[arg(long = "query-series-index-bytes-max", env = "NUNCHI_QUERY_SERIES_INDEX_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series_index_bytes_max: Option<String>,

    /// Metric series that a selector may match, or a list have; more are refused, and lists are cut and say so [default: 500000]
    #[arg(long = "query-selected-series-max", env = "NUNCHI_QUERY_SELECTED_SERIES_MAX", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) selected_series_max: Option<usize>,

    /// Memory of decoded points of metrics that are kept for the next question [default: a quarter of query-memory-bytes-max]
    #[arg(long = "query-points-kept-bytes-max", env = "NUNCHI_QUERY_POINTS_KEPT_BYTES_MAX", value_name = "SIZE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points_kept_bytes_max: Option<String>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "How metrics look in PromQL")]
pub(crate) struct PrometheusOptions {
    /// What OTLP's names become, as Prometheus calls it: UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation [default: UnderscoreEscapingWithSuffixes]
    #[arg(
        long = "prometheus-translation-strategy",
        env = "NUNCHI_PROMETHEUS_TRANSLATION_STRATEGY",
        value_name = "STRATEGY"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) translation_strategy: Option<String>,

    /// Resource attributes that are labels of every series, as in k8s.namespace.name,k8s.pod.name [default: none]
    #[arg(
        long = "prometheus-promote-resource-attributes",
        env = "NUNCHI_PROMETHEUS_PROMOTE_RESOURCE_ATTRIBUTES",
        value_name = "KEY",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) promote_resource_attributes: Option<Vec<String>>,

    /// What histograms with explicit bounds are: classic (_bucket, _sum and _count) or native (with custom buckets) [default: classic]
    #[arg(long = "prometheus-histograms", env = "NUNCHI_PROMETHEUS_HISTOGRAMS", value_name = "KIND")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) histograms: Option<String>,
}

#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Its own log")]
pub(crate) struct LogOptions {
    /// What is logged, as in info,store=debug [default: info,memory_serve=warn]
    #[arg(long = "log-filter", env = "NUNCHI_LOG_FILTER", value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<String>,

    /// text or json [default: text]
    #[arg(long = "log-format", env = "NUNCHI_LOG_FORMAT", value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
}
