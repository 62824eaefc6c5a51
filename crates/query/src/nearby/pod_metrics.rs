//! What was measured of a pod at the time of a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{Expr, col, lit};
use model::{Attributes, Table, TimeRange};

use super::pod::Pod;
use crate::cells::Cells;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Metrics of one pod that are shown: runtimes and their libraries have about a hundred.
pub(super) const METRICS_PER_POD_MAX: usize = 200;

/// Metrics of all pods and resources that are known by name, those that were described last. Where there are more, the
/// answer says so.
pub(super) const DESCRIBED_MAX: usize = 20_000;

/// So long before a pod's first span and after its last, points count as of the same time: SDKs export once a minute.
const MARGIN: Duration = Duration::from_secs(60);

/// Points in the range of the session, by metric. The tables are those of the pod.
const MEASURED: &str = "
    SELECT metric_name, count(*) AS points, count(DISTINCT series_id) AS series, min(value) AS least,
           max(value) AS greatest, last_value(value ORDER BY time) AS newest
    FROM metric_numbers GROUP BY metric_name
    UNION ALL
    SELECT metric_name, count(*), count(DISTINCT series_id), NULL, NULL, NULL FROM metric_histograms GROUP BY metric_name
    UNION ALL
    SELECT metric_name, count(*), count(DISTINCT series_id), NULL, NULL, NULL FROM metric_exp_histograms GROUP BY metric_name
    UNION ALL
    SELECT metric_name, count(*), count(DISTINCT series_id), NULL, NULL, NULL FROM metric_summaries GROUP BY metric_name";

/// The tables that have points.
const POINT_TABLES: [Table; 4] =
    [Table::MetricNumbers, Table::MetricHistograms, Table::MetricExpHistograms, Table::MetricSummaries];

/// One metric of a pod at the time of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct NearbyMetric {
    /// Its name.
    pub name: String,
    /// Its unit; empty where not said.
    pub unit: String,
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`; empty where not known.
    pub kind: String,
    /// Series of it that have points at that time.
    pub series: u64,
    /// Points at that time.
    pub points: u64,
    /// Of gauges and sums, over all series; `None` on other kinds and where no value was recorded.
    pub values: Option<ValueRange>,
}

/// Between what the points of a metric lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRange {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// That of the newest point.
    pub last: f64,
}

/// The series of some pods: under which resources, and what they are.
#[derive(Debug)]
pub(super) struct PodSeries {
    /// Per pod.
    of_pods: Vec<OfPod>,
    /// Whether there are more than [`DESCRIBED_MAX`].
    pub(super) is_cut: bool,
}

#[derive(Clone, Debug, Default)]
struct OfPod {
    resource_ids: BTreeSet<u64>,
    /// Unit and kind by metric.
    described: BTreeMap<String, (String, String)>,
}

impl PodSeries {
    /// Looks through `series` once for all pods.
    pub(super) async fn of(engine: &Engine, view: &View, pods: &[Pod]) -> Result<Self, QueryError> {
        let mut of_pods = vec![OfPod::default(); pods.len()];
        let view = View { range: TimeRange::ALL, ..view.clone() };
        let session = engine.sessions.open(&view)?;
        let predicates = pods.iter().map(|pod| pod.predicate(&session)).collect::<Result<Vec<Expr>, _>>()?;
        let Some(any) = predicates.into_iter().reduce(Expr::or) else {
            return Ok(Self { of_pods, is_cut: false });
        };
        let groups = ["resource_id", "metric_name", "unit", "kind"].map(col).to_vec();
        let newest = max(col("time")).alias("newest");
        let by_name = col("metric_name").sort(true, false);
        let batches = session
            .table(Table::Series.name())
            .await?
            .filter(any)?
            .aggregate(groups, vec![min(col("resource_attributes")).alias("resource_attributes"), newest])?
            .sort(vec![col("newest").sort(false, false), col("resource_id").sort(true, false), by_name])?
            .limit(0, Some(DESCRIBED_MAX + 1))?
            .collect()
            .await?;
        let is_cut = batches.iter().map(|batch| batch.num_rows()).sum::<usize>() > DESCRIBED_MAX;
        for batch in &batches {
            let cells = Cells::new(batch);
            for row in 0..batch.num_rows() {
                let id = cells.uint("resource_id", row).unwrap_or_default();
                let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
                let text = |column| cells.text(column, row).unwrap_or_default().to_owned();
                for (of_pod, _) in of_pods.iter_mut().zip(pods).filter(|(_, pod)| pod.has(id, resource)) {
                    of_pod.resource_ids.insert(id);
                    // What was said last holds.
                    of_pod.described.entry(text("metric_name")).or_insert_with(|| (text("unit"), text("kind")));
                }
            }
        }
        Ok(Self { of_pods, is_cut })
    }

    /// What was measured of the pod, which is so many-th of the pods given, at its time; and whether there is more.
    pub(super) async fn measured(
        &self,
        engine: &Engine,
        view: &View,
        pod: &Pod,
        number: usize,
    ) -> Result<(Vec<NearbyMetric>, bool), QueryError> {
        let OfPod { resource_ids, described } = &self.of_pods[number];
        if resource_ids.is_empty() {
            return Ok((Vec::new(), false));
        }
        let view = View { range: pod.range(MARGIN), ..view.clone() };
        let session = engine.sessions.open(&view)?;
        for table in POINT_TABLES {
            let ids = resource_ids.iter().map(|id| lit(*id)).collect();
            let chosen = session.table(table.name()).await?.filter(col("resource_id").in_list(ids, false))?.into_view();
            session.deregister_table(table.name())?;
            session.register_table(table.name(), chosen)?;
        }
        let batches = session
            .sql(MEASURED)
            .await?
            .sort(vec![col("metric_name").sort(true, false)])?
            .limit(0, Some(METRICS_PER_POD_MAX + 1))?
            .collect()
            .await?;
        let mut metrics = Vec::new();
        for batch in &batches {
            let cells = Cells::new(batch);
            metrics.extend((0..batch.num_rows()).map(|row| NearbyMetric::read(&cells, row, described)));
        }
        let there_are_more = metrics.len() > METRICS_PER_POD_MAX;
        metrics.truncate(METRICS_PER_POD_MAX);
        Ok((metrics, there_are_more))
    }
}

impl NearbyMetric {
    fn read(cells: &Cells<'_>, row: usize, described: &BTreeMap<String, (String, String)>) -> Self {
        let name = cells.text("metric_name", row).unwrap_or_default();
        let (unit, kind) = described.get(name).cloned().unwrap_or_default();
        let count = |column| cells.int(column, row).unwrap_or_default().unsigned_abs();
        let values = |column| cells.float(column, row);
        let range = values("least").zip(values("greatest"));
        let values = range.map(|(min, max)| ValueRange { min, max, last: values("newest").unwrap_or(max) });
        Self { name: name.to_owned(), unit, kind, series: count("series"), points: count("points"), values }
    }
}
