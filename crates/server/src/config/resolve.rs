//! Layers → options → checked settings.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use figment::Figment;
use figment::providers::{Format, Serialized};
use model::parse_duration;
use query::{ClassicHistograms, PrometheusView};
use store::RetentionRules;

use super::memory::{MemoryPlan, system_memory};
use super::options::{PrometheusOptions, QueryOptions, ServerOptions};
use super::quantity::parse_bytes;
use super::services_file::ServicesFile;
use crate::log::{LogFormat, LogSettings};

/// Where the server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// OTLP over gRPC.
    pub otlp_grpc: SocketAddr,
    /// OTLP over HTTP.
    pub otlp_http: SocketAddr,
    /// Page, API and everything else.
    pub api: SocketAddr,
}

/// Everything the server needs to know, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder that everything is kept in.
    pub data_dir: PathBuf,
    /// File that states who owns which service; `None` for none.
    pub services_file: Option<PathBuf>,
    /// Addresses.
    pub listen: Listen,
    /// Token that every request must carry; `None` accepts anyone.
    pub token: Option<String>,
    /// Memory that the server means to stay within, bytes.
    pub memory_max: u64,
    /// Bytes of requests in work at once.
    pub in_flight_bytes_max: u64,
    /// Bytes a tenant may send in a second; `None` for no limit.
    pub tenant_bytes_per_second: Option<u32>,
    /// Series of a tenant that are live at once.
    pub series_max: usize,
    /// Connections of one address at once.
    pub connections_max: usize,
    /// The store's own.
    pub store: store::Config,
    /// The query engine's own.
    pub query: query::Config,
    /// The log's own.
    pub log: LogSettings,
}

/// An option that cannot be used, by name, with what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

/// Variables with our prefix that other verbs and the tests read; one with an underscore at its end stands for a family.
const OTHER_VARIABLES: [&str; 5] =
    ["NUNCHI_SERVER", "NUNCHI_TOKEN_FILE", "NUNCHI_CONFORMANCE_DIR", "NUNCHI_BIN", "NUNCHI_DEMO_"];

/// Merges the layers and checks the outcome. `flags` holds what came by flag or variable; `variables`
/// are the names of the environment.
pub fn settings(flags: &ServerOptions, variables: impl Iterator<Item = String>) -> Result<Settings, ConfigError> {
    refuse_unknown_variables(variables)?;
    let mut layers = Figment::new();
    if let Some(path) = &flags.config {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("cannot read the config file {}: {error}", path.display())))?;
        layers = layers.merge(Yaml::string(&text));
    }
    let options: ServerOptions = layers
        .merge(Serialized::defaults(flags))
        .extract()
        .map_err(|error| name_key(&error, flags.config.as_deref()))?;
    resolve(options)
}

fn name_key(error: &figment::Error, file: Option<&Path>) -> ConfigError {
    let place = file.map(|path| format!("{}: ", path.display())).unwrap_or_default();
    let messages: Vec<String> = error
        .clone()
        .into_iter()
        .map(|error| {
            let key = error.path.join(".");
            if key.is_empty() { error.kind.to_string() } else { format!("{key}: {}", error.kind) }
        })
        .collect();
    ConfigError(format!("{place}{}; nunchi server --help lists the options", messages.join("; ")))
}

fn refuse_unknown_variables(variables: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let command = ServerOptions::augment_args(clap::Command::new("server"));
    let known: BTreeSet<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .chain(OTHER_VARIABLES.map(str::to_owned))
        .collect();
    let is_known = |name: &str| {
        known.contains(name) || OTHER_VARIABLES.iter().any(|other| other.ends_with('_') && name.starts_with(other))
    };
    match variables.into_iter().find(|name| name.starts_with("NUNCHI_") && !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            Err(ConfigError(format!("{name}: there is no such option; nunchi server --help lists the variables")))
        }
    }
}

fn resolve(options: ServerOptions) -> Result<Settings, ConfigError> {
    let ServerOptions { config: _, data_dir, memory_max, services_file, listen, auth, .. } = options;
    let ServerOptions { receive, store, query, prometheus, log, .. } = options;
    ServicesFile::open(services_file.clone()).map_err(ConfigError)?;
    let memory_is_said = memory_max.is_some();
    let memory = MemoryPlan::new(bytes("memory_max", memory_max.as_deref())?, system_memory())?;
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let listen = Listen {
        otlp_grpc: listen.otlp_grpc.unwrap_or(local(4317)),
        otlp_http: listen.otlp_http.unwrap_or(local(4318)),
        api: listen.api.unwrap_or(local(4319)),
    };
    let token = auth.token_file.as_deref().map(read_token).transpose()?;
    refuse_open_door(listen, token.is_some(), auth.insecure_open.unwrap_or(false))?;

    let rate = bytes("receive.tenant_bytes_per_second", receive.tenant_bytes_per_second.as_deref())?;
    let defaults = store::Config::default();
    let memtable_bytes_max =
        bytes("store.memtable_bytes_max", store.memtable_bytes_max.as_deref())?.unwrap_or(memory.memtable);
    let store = store::Config {
        durability: match store.durability {
            None => defaults.durability,
            Some(mode) => mode.parse().map_err(|error| ConfigError(format!("store.durability: {error}")))?,
        },
        flush_bytes: bytes("store.flush_bytes", store.flush_bytes.as_deref())?.unwrap_or(memtable_bytes_max / 4),
        flush_interval: duration("store.flush_interval", store.flush_interval.as_deref())?
            .unwrap_or(defaults.flush_interval),
        memtable_bytes_max,
        disk_reserve_bytes: bytes("store.disk_reserve_bytes", store.disk_reserve_bytes.as_deref())?,
        retention: duration("store.retention", store.retention.as_deref())?.unwrap_or(defaults.retention),
        retention_rules: RetentionRules::parse(store.retention_rules.iter().flatten().map(String::as_str))
            .map_err(|error| ConfigError(format!("store.retention_rules: {error}")))?,
        wal: defaults.wal,
    };
    store.validate().map_err(|error| ConfigError(error.to_string()))?;

    let query = query_config(query, prometheus, &memory)?;
    let in_flight_bytes_max =
        bytes("receive.in_flight_bytes_max", receive.in_flight_bytes_max.as_deref())?.unwrap_or(memory.in_flight);
    if memory_is_said {
        memory.check(in_flight_bytes_max, memtable_bytes_max, query.memory_bytes_max as u64)?;
    }
    Ok(Settings {
        data_dir: data_dir.unwrap_or_else(|| PathBuf::from("data")),
        services_file,
        listen,
        token,
        memory_max: memory.memory_max,
        in_flight_bytes_max,
        tenant_bytes_per_second: rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)).filter(|rate| *rate > 0),
        series_max: receive.series_max.unwrap_or(1_000_000),
        connections_max: receive.connections_max.unwrap_or(4_096).max(1),
        store,
        query,
        log: LogSettings {
            filter: log.filter.unwrap_or_else(|| "info,memory_serve=warn".to_owned()),
            format: match log.format.as_deref() {
                None | Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(other) => {
                    return Err(ConfigError(format!("log.format: {other:?} is not a format: use text or json")));
                }
            },
        },
    })
}

fn query_config(
    options: QueryOptions,
    prometheus: PrometheusOptions,
    plan: &MemoryPlan,
) -> Result<query::Config, ConfigError> {
    let defaults = query::Config::default();
    let to_usize = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let memory = bytes("query.memory_bytes_max", options.memory_bytes_max.as_deref())?.unwrap_or(plan.query);
    let series_index = bytes("query.series_index_bytes_max", options.series_index_bytes_max.as_deref())?;
    Ok(query::Config {
        timeout: duration("query.timeout", options.timeout.as_deref())?.unwrap_or(defaults.timeout),
        concurrency: options.concurrency.unwrap_or(defaults.concurrency).max(1),
        memory_bytes_max: to_usize(memory),
        sql_rows_max: options.sql_rows_max.unwrap_or(defaults.sql_rows_max),
        sql_bytes_max: bytes("query.sql_bytes_max", options.sql_bytes_max.as_deref())?
            .map_or(to_usize(memory / 4), to_usize),
        series_index_bytes_max: to_usize(series_index.unwrap_or(plan.series_index)),
        points_kept_bytes_max: bytes("query.points_kept_bytes_max", options.points_kept_bytes_max.as_deref())?
            .map_or(to_usize(memory / 4), to_usize),
        selected_series_max: options.selected_series_max.unwrap_or(defaults.selected_series_max),
        prometheus: prometheus_view(prometheus)?,
    })
}

fn prometheus_view(options: PrometheusOptions) -> Result<PrometheusView, ConfigError> {
    let names = options.translation_strategy.as_deref().map(str::parse).transpose();
    Ok(PrometheusView {
        names: names
            .map_err(|error| ConfigError(format!("prometheus.translation_strategy: {error}")))?
            .unwrap_or_default(),
        promoted_resource_attributes: options.promote_resource_attributes.unwrap_or_default(),
        classic_histograms: match options.histograms.as_deref() {
            None | Some("classic") => ClassicHistograms::Series,
            Some("native") => ClassicHistograms::Native,
            Some(other) => {
                let problem = format!("prometheus.histograms: {other:?} is not a kind: use classic or native");
                return Err(ConfigError(problem));
            }
        },
    })
}

fn bytes(key: &str, text: Option<&str>) -> Result<Option<u64>, ConfigError> {
    text.map(parse_bytes).transpose().map_err(|error| ConfigError(format!("{key}: {error}")))
}

fn duration(key: &str, text: Option<&str>) -> Result<Option<Duration>, ConfigError> {
    text.map(parse_duration).transpose().map_err(|error| ConfigError(format!("{key}: {error}")))
}

fn read_token(path: &Path) -> Result<String, ConfigError> {
    let fail = |problem: &str| ConfigError(format!("auth.token_file: {}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fail(&error.to_string()))?;
    let token = text.trim();
    // An empty secret that is compared with an empty header lets everyone in.
    if token.len() < 16 {
        return Err(fail("the token must have at least 16 characters; make one with: openssl rand -hex 32"));
    }
    Ok(token.to_owned())
}

fn refuse_open_door(listen: Listen, has_token: bool, insecure_open: bool) -> Result<(), ConfigError> {
    let addresses =
        [("listen.otlp_grpc", listen.otlp_grpc), ("listen.otlp_http", listen.otlp_http), ("listen.api", listen.api)];
    match addresses.into_iter().find(|(_, address)| !address.ip().is_loopback()) {
        Some((key, address)) if !has_token && !insecure_open => Err(ConfigError(format!(
            "{key}: {address} can be reached by others and nobody is asked who they are: give --auth-token-file FILE, \
             or --auth-insecure-open if the network guards it, or listen on 127.0.0.1"
        ))),
        _ => Ok(()),
    }
}

/// YAML by a maintained library, as a layer.
struct Yaml;

impl Format for Yaml {
    type Error = serde_norway::Error;

    const NAME: &'static str = "YAML";

    fn from_str<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Self::Error> {
        serde_norway::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn from_yaml(text: &str, flags: ServerOptions) -> Result<Settings, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let flags = ServerOptions { config: Some(file.path().to_owned()), ..flags };
        settings(&flags, std::iter::empty()).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let error = from_yaml(text, ServerOptions::default()).map(|_| ()).unwrap_err();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let mut flags = ServerOptions::default();
        flags.store.retention = Some("2d".to_owned());
        flags.store.retention_rules = Some(vec!["keep a 1h; tenant b 2h".to_owned(), "keep c 3h".to_owned()]);
        let yaml = "store: {retention: 9d, flush_bytes: 64MiB, retention_rules: [keep d 4h]}\nquery: {timeout: 5s}";
        let settings = from_yaml(yaml, flags).unwrap();
        assert_eq!(settings.store.retention_rules.rules().len(), 3);
        assert_eq!(settings.store.retention, Duration::from_secs(2 * 86_400));
        assert_eq!(settings.store.flush_bytes, 64 << 20);
        assert_eq!(settings.query.timeout, Duration::from_secs(5));
        assert_eq!(settings.listen.api.to_string(), "127.0.0.1:4319");
    }

    #[test]
    fn an_option_that_cannot_be_used_is_named() {
        check_refused("stor: {}", "stor");
        check_refused("store: {retentoin: 1d}", "retentoin");
        check_refused("store: {retention: soon}", "store.retention");
        check_refused("store: {retention_rules: ['keep squad=payments']}", "store.retention_rules: in the rule");
        check_refused("store: {retention_rules: keep squad=payments 30d}", "store.retention_rules");
        check_refused("store: {durability: maybe}", "store.durability");
        check_refused("store: {flush_bytes: 1MiB, memtable_bytes_max: 1MiB}", "store.memtable_bytes_max");
        check_refused("store: {memtable_bytes_max: 1MiB}", "store.flush_bytes");
        check_refused("memory_max: 1MiB", "memory_max");
        check_refused("{memory_max: 1GiB, query: {memory_bytes_max: 900MiB}}", "lower one of them");
        check_refused("query: {concurrency: many}", "query.concurrency");
        check_refused("listen: {api: '0.0.0.0:4319'}", "listen.api");
        check_refused("log: {format: xml}", "log.format");
        check_refused("prometheus: {translation_strategy: none}", "use UnderscoreEscapingWithSuffixes");
        check_refused("prometheus: {histograms: both}", "prometheus.histograms");
    }

    #[test]
    fn metrics_look_in_promql_as_is_said() {
        let yaml = "prometheus: {translation_strategy: NoTranslation, promote_resource_attributes: [a, b.c]}";
        let said = from_yaml(yaml, ServerOptions::default()).unwrap().query.prometheus;
        let expected = PrometheusView {
            names: query::NameTranslation::NoTranslation,
            promoted_resource_attributes: vec!["a".to_owned(), "b.c".to_owned()],
            ..PrometheusView::default()
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn unknown_variables_are_refused_by_name() {
        let names = ["PATH", "NUNCHI_SERVER", "NUNCHI_DEMO_RATE", "NUNCHI_STORE_RETENTION", "NUNCHI_STORE_RETENTOIN"]
            .map(str::to_owned);
        let error = settings(&ServerOptions::default(), names.into_iter()).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("NUNCHI_STORE_RETENTOIN:"), "{error}");
    }

    #[test]
    fn an_open_door_needs_a_token_or_a_word() {
        let open = "listen: {api: '0.0.0.0:4319'}";
        let mut flags = ServerOptions::default();
        flags.auth.insecure_open = Some(true);
        assert!(from_yaml(open, flags).is_ok());
        let mut token = tempfile::NamedTempFile::new().unwrap();
        writeln!(token, "0123456789abcdef").unwrap();
        let mut flags = ServerOptions::default();
        flags.auth.token_file = Some(token.path().to_owned());
        assert_eq!(from_yaml(open, flags).unwrap().token.as_deref(), Some("0123456789abcdef"));
        let mut flags = ServerOptions::default();
        flags.auth.token_file = Some(tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap());
        assert!(from_yaml(open, flags).unwrap_err().contains("at least 16 characters"));
    }
}
