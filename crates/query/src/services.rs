//! Who is out there: services by their spans, log records and series in a time range.

use std::collections::{BTreeMap, HashSet};

use arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;
use model::{Attributes, Selectors, Table, TenantId, TimeRange, UnixNanos};

use crate::cells::Cells;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::matching::selected;
use crate::resource::{instance_of, squad_of};
use crate::session::View;

/// The rows of `series` in the range, several per series: when services said what they measure. Only seen from here.
const SERIES_DESCRIBED: &str = "series_described";

/// The `services` table of SQL.
const SERVICES_VIEW: &str = "
    SELECT service_name, service_namespace, deployment_environment,
           sum(spans) AS spans, sum(requests) AS requests, sum(errors) AS errors,
           sum(logs) AS logs, sum(error_logs) AS error_logs, max(last_seen) AS last_seen
    FROM (
        SELECT service_name, service_namespace, deployment_environment, count(*) AS spans,
               count(*) FILTER (WHERE kind IN (2, 5)) AS requests,
               count(*) FILTER (WHERE kind IN (2, 5) AND status_code = 2) AS errors,
               0 AS logs, 0 AS error_logs, max(start_time) AS last_seen
        FROM spans GROUP BY service_name, service_namespace, deployment_environment
        UNION ALL
        SELECT service_name, service_namespace, deployment_environment, 0, 0, 0, count(*),
               count(*) FILTER (WHERE severity_number >= 17), max(time)
        FROM logs GROUP BY service_name, service_namespace, deployment_environment
        UNION ALL
        SELECT service_name, service_namespace, deployment_environment, 0, 0, 0, 0, 0, max(time)
        FROM series_described GROUP BY service_name, service_namespace, deployment_environment
    ) AS sources
    GROUP BY service_name, service_namespace, deployment_environment";

/// Everything that one resource sent, by table; `counts` are what the service summary adds up.
const BY_RESOURCE: &str = "
    SELECT resource_id, min(resource_attributes) AS resource_attributes, sum(spans) AS spans, sum(requests) AS requests,
           sum(errors) AS errors, sum(logs) AS logs, sum(error_logs) AS error_logs, sum(series) AS series,
           max(last_seen) AS last_seen
    FROM (
        SELECT resource_id, min(resource_attributes) AS resource_attributes, count(*) AS spans,
               count(*) FILTER (WHERE kind IN (2, 5)) AS requests,
               count(*) FILTER (WHERE kind IN (2, 5) AND status_code = 2) AS errors,
               0 AS logs, 0 AS error_logs, 0 AS series, max(start_time) AS last_seen
        FROM spans GROUP BY resource_id
        UNION ALL
        SELECT resource_id, min(resource_attributes), 0, 0, 0, count(*),
               count(*) FILTER (WHERE severity_number >= 17), 0, max(time)
        FROM logs GROUP BY resource_id
        UNION ALL
        SELECT resource_id, min(resource_attributes), 0, 0, 0, 0, 0, count(DISTINCT series_id), max(time)
        FROM series_described GROUP BY resource_id
    ) AS sources
    GROUP BY resource_id";

const DURATIONS: &str = "
    SELECT service_name, service_namespace, deployment_environment,
           approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ns) AS p50,
           approx_percentile_cont(0.99) WITHIN GROUP (ORDER BY duration_ns) AS p99
    FROM spans WHERE kind IN (2, 5) GROUP BY service_name, service_namespace, deployment_environment";

/// Which services.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicesQuestion {
    /// Only resources that match; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only records of this time.
    pub range: TimeRange,
}

/// A service: its name, namespace and environment, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// `service.name`; empty where not given.
    pub name: String,
    /// `service.namespace`.
    pub namespace: Option<String>,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
}

/// What was heard from one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Which one.
    pub key: ServiceKey,
    /// Who owns it, where the telemetry says.
    pub squad: Option<String>,
    /// Distinct pods or instances.
    pub instances: u64,
    /// Spans; of them requests (server and consumer spans); of those errors.
    pub spans: u64,
    /// Server and consumer spans.
    pub requests: u64,
    /// Requests with status error.
    pub errors: u64,
    /// Median and 99th percentile of the requests' durations, nanoseconds.
    pub durations: Option<(i64, i64)>,
    /// Log records.
    pub logs: u64,
    /// Log records of severity ERROR or above.
    pub error_logs: u64,
    /// Metric series.
    pub series: u64,
    /// Newest record of any signal.
    pub last_seen: UnixNanos,
}

/// The services, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicesFound {
    /// One per name, namespace and environment.
    pub services: Vec<Service>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl Engine {
    /// The services heard from in a time range.
    pub async fn services(&self, tenant: &TenantId, question: ServicesQuestion) -> Result<ServicesFound, QueryError> {
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { find(&engine, view, question).await }
        })
        .await
    }

    /// Makes `services` known to a session over the view.
    pub(crate) async fn register_services(&self, session: &SessionContext, view: &View) -> Result<(), QueryError> {
        session.register_table(SERIES_DESCRIBED, self.sessions.within_range(view, Table::Series)?)?;
        let services = session.sql(SERVICES_VIEW).await?.into_view();
        session.deregister_table(SERIES_DESCRIBED)?;
        session.register_table("services", services)?;
        Ok(())
    }
}

async fn find(engine: &Engine, view: View, question: ServicesQuestion) -> Result<ServicesFound, QueryError> {
    let session = engine.sessions.open(&view)?;
    session.register_table(SERIES_DESCRIBED, engine.sessions.within_range(&view, Table::Series)?)?;
    if let Some(selectors) = question.selectors {
        for table in [Table::Spans.name(), Table::Logs.name(), SERIES_DESCRIBED] {
            let chosen = session.table(table).await?.filter(selected(selectors.clone()))?.into_view();
            session.deregister_table(table)?;
            session.register_table(table, chosen)?;
        }
    }
    let mut services = merge_resources(&session.sql(BY_RESOURCE).await?.collect().await?);
    add_durations(&mut services, &session.sql(DURATIONS).await?.collect().await?);
    let services: Vec<Service> = services.into_values().collect();
    let coverage = view.tally.coverage(services.len());
    Ok(ServicesFound { services, coverage })
}

fn merge_resources(batches: &[RecordBatch]) -> BTreeMap<ServiceKey, Service> {
    let mut services: BTreeMap<ServiceKey, Service> = BTreeMap::new();
    let mut instances: BTreeMap<ServiceKey, HashSet<String>> = BTreeMap::new();
    for batch in batches {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
            let key = key_of(resource);
            let service =
                services.entry(key.clone()).or_insert_with(|| Service { key: key.clone(), ..Service::default() });
            let count = |column: &str| cells.int(column, row).unwrap_or_default().unsigned_abs();
            service.spans += count("spans");
            service.requests += count("requests");
            service.errors += count("errors");
            service.logs += count("logs");
            service.error_logs += count("error_logs");
            service.series += count("series");
            service.last_seen = service.last_seen.max(cells.time("last_seen", row).unwrap_or_default());
            service.squad = service.squad.take().or_else(|| squad_of(resource));
            let resource_id = cells.uint("resource_id", row).unwrap_or_default();
            let instance = instance_of(resource).unwrap_or_else(|| resource_id.to_string());
            instances.entry(key).or_default().insert(instance);
        }
    }
    for (key, names) in instances {
        if let Some(service) = services.get_mut(&key) {
            service.instances = names.len() as u64;
        }
    }
    services
}

fn key_of(resource: Attributes<'_>) -> ServiceKey {
    let text = |key: &str| match resource.get(key) {
        // An empty one is null in the columns, too.
        Some(model::ValueRef::Text(text)) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    };
    ServiceKey {
        name: text("service.name").unwrap_or_default(),
        namespace: text("service.namespace"),
        environment: text("deployment.environment.name").or_else(|| text("deployment.environment")),
    }
}

fn add_durations(services: &mut BTreeMap<ServiceKey, Service>, batches: &[RecordBatch]) {
    for batch in batches {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let text = |column: &str| cells.text(column, row).map(str::to_owned);
            let key = ServiceKey {
                name: text("service_name").unwrap_or_default(),
                namespace: text("service_namespace"),
                environment: text("deployment_environment"),
            };
            if let Some(service) = services.get_mut(&key) {
                service.durations = cells.int("p50", row).zip(cells.int("p99", row));
            }
        }
    }
}
