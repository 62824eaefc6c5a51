//! Exemplars of series: measurements that name a trace, by what Prometheus would call their series.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;
use datafusion::logical_expr::{Expr, col, lit};
use model::{Attributes, SpanId, Table, TenantId, TimeRange, TraceId, UnixNanos, value_text};
use promql::{Labels, Matcher};

use crate::cells::Cells;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::series::SeriesView;
use crate::session::View;

/// Exemplars of one answer. More are not worth drawing, and the newest are kept.
const EXEMPLARS_MAX: usize = 10_000;

/// Series that are named to the scan one by one. With more of them, all exemplars of their metrics are read.
const NAMED_SERIES_MAX: usize = 1_000;

/// The label that says which bucket a series is of.
const LE: &str = "le";

/// Exemplars of which series.
#[derive(Clone, Debug)]
pub struct SeriesExemplarsQuestion {
    /// A series must match all matchers of any of these; without any of these there are none.
    pub matchers: Vec<Vec<Matcher>>,
    /// Measured in this time.
    pub range: TimeRange,
}

/// Exemplars, by the labels of their series.
#[derive(Clone, Debug)]
pub struct SeriesExemplarsFound {
    /// Series with exemplars, by their labels.
    pub series: Vec<SeriesExemplars>,
    /// Why some may be missing.
    pub warnings: Vec<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// Exemplars of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesExemplars {
    /// Who it is. Of a classic histogram the bucket that the measurement is in.
    pub labels: Labels,
    /// By time, each once.
    pub exemplars: Vec<SeriesExemplar>,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesExemplar {
    /// `trace_id` and `span_id`, and what the sender keeps beside the labels of the series, by its own names.
    pub labels: Labels,
    /// What was measured.
    pub value: f64,
    /// When.
    pub time: UnixNanos,
}

/// A series that an exemplar may be of.
struct Bearer {
    labels: Labels,
    view: SeriesView,
    /// Whether its exemplars were asked for. Others tell which bucket is the one.
    is_asked: bool,
}

/// Series by the id of what is stored.
type Bearers = HashMap<u64, Vec<Bearer>>;

impl Engine {
    /// The exemplars of series, at most ten thousand and then the newest.
    pub async fn exemplars_of(
        &self,
        tenant: &TenantId,
        question: SeriesExemplarsQuestion,
    ) -> Result<SeriesExemplarsFound, QueryError> {
        self.ask(self.view(tenant, question.range), move |engine, view| {
            let question = question.clone();
            async move { of_series(&engine, &view, question).await }
        })
        .await
    }
}

async fn of_series(
    engine: &Engine,
    view: &View,
    question: SeriesExemplarsQuestion,
) -> Result<SeriesExemplarsFound, QueryError> {
    let (mut bearers, mut metrics, mut warnings) = (Bearers::new(), BTreeSet::new(), BTreeSet::new());
    for matchers in question.matchers {
        let (of_bucket, others): (Vec<Matcher>, Vec<Matcher>) =
            matchers.into_iter().partition(|matcher| matcher.name() == LE);
        let selected = engine.select_series(view, &others, question.range).await?;
        warnings.extend(selected.warnings);
        for series in selected.series {
            let bucket = series.labels.get(LE).unwrap_or_default();
            let is_asked = of_bucket.iter().all(|matcher| matcher.matches(bucket));
            metrics.insert(series.stored.metric_name.to_string());
            let known = bearers.entry(series.stored.series_id).or_default();
            match known.iter_mut().find(|known| known.labels == series.labels) {
                Some(known) => known.is_asked |= is_asked,
                None => known.push(Bearer { labels: series.labels, view: series.view, is_asked }),
            }
        }
    }
    let batches = if bearers.is_empty() { Vec::new() } else { read(engine, view, metrics, &bearers).await? };
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut coverage = view.tally.coverage(rows.min(EXEMPLARS_MAX));
    if rows > EXEMPLARS_MAX {
        coverage.cut(format!("cut at the newest {EXEMPLARS_MAX} exemplars: there are more"));
    }
    warnings.extend(coverage.notes.iter().cloned());
    let series = by_series(&batches, &bearers);
    Ok(SeriesExemplarsFound { series, warnings: warnings.into_iter().collect(), coverage })
}

/// Exemplars of the metrics, newest first, those of other series perhaps among them.
async fn read(
    engine: &Engine,
    view: &View,
    metrics: BTreeSet<String>,
    bearers: &Bearers,
) -> Result<Vec<RecordBatch>, QueryError> {
    let names: Vec<Expr> = metrics.into_iter().map(lit).collect();
    let mut frame = engine.sessions.open(view)?.table(Table::Exemplars.name()).await?;
    frame = frame.filter(col("metric_name").in_list(names, false))?;
    if bearers.len() <= NAMED_SERIES_MAX {
        frame = frame.filter(col("series_id").in_list(bearers.keys().map(|id| lit(*id)).collect(), false))?;
    }
    let newest_first = vec![col("time").sort(false, false)];
    Ok(frame.sort(newest_first)?.limit(0, Some(EXEMPLARS_MAX + 1))?.collect().await?)
}

fn by_series(batches: &[RecordBatch], bearers: &Bearers) -> Vec<SeriesExemplars> {
    let mut found: BTreeMap<&Labels, Vec<SeriesExemplar>> = BTreeMap::new();
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (Cells::new(batch), row)));
    for (cells, row) in rows.take(EXEMPLARS_MAX) {
        // Integers are in there as doubles; without a value there is nothing to draw.
        let Some(value) = cells.float("value", row) else { continue };
        let of = cells.uint("series_id", row).and_then(|id| bearers.get(&id)).map_or(&[][..], Vec::as_slice);
        for bearer in bearers_of(of, value) {
            let exemplar = SeriesExemplar {
                labels: labels_of(&cells, row),
                value,
                time: cells.time("time", row).unwrap_or_default(),
            };
            found.entry(&bearer.labels).or_default().push(exemplar);
        }
    }
    let series = found.into_iter().map(|(labels, mut exemplars)| {
        exemplars.sort_by(|a, b| {
            a.time.cmp(&b.time).then(a.value.total_cmp(&b.value)).then_with(|| a.labels.cmp(&b.labels))
        });
        exemplars.dedup();
        SeriesExemplars { labels: labels.clone(), exemplars }
    });
    series.collect()
}

/// Of which series a measurement is: of buckets the one that it is in, of what else has samples of values that.
fn bearers_of(of: &[Bearer], value: f64) -> impl Iterator<Item = &Bearer> {
    let upper = |bearer: &Bearer| match bearer.view {
        SeriesView::Bucket { upper } => Some(upper),
        _ => None,
    };
    let uppers = of.iter().filter_map(upper);
    let bucket = uppers.filter(|upper| *upper >= value || *upper == f64::INFINITY).min_by(f64::total_cmp);
    of.iter().filter(move |bearer| {
        bearer.is_asked
            && match bearer.view {
                SeriesView::Value | SeriesView::Native => true,
                SeriesView::Bucket { upper } => Some(upper) == bucket,
                _ => false,
            }
    })
}

fn labels_of(cells: &Cells<'_>, row: usize) -> Labels {
    let trace = cells.bytes("trace_id", row).and_then(|id| TraceId::from_bytes(id).ok()).map(|id| id.to_string());
    let span = cells.bytes("span_id", row).and_then(|id| SpanId::from_bytes(id).ok()).map(|id| id.to_string());
    let sent = Attributes::new(cells.bytes("attributes", row).unwrap_or_default());
    let sent = sent.iter().map_while(Result::ok);
    let sent = sent.filter_map(|entry| Some((entry.key.to_owned(), value_text(entry.value)?)));
    let ids = [("trace_id", trace), ("span_id", span)];
    let ids = ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?)));
    Labels::new(sent.chain(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_of_the_bucket_that_it_is_in_and_of_no_sum() {
        let bearer = |name: &str, view, is_asked| Bearer { labels: Labels::new([("n", name)]), view, is_asked };
        let bucket = |name, upper, is_asked| bearer(name, SeriesView::Bucket { upper }, is_asked);
        let histogram = [
            bucket("half", 0.5, true),
            bucket("one", 1.0, false),
            bucket("rest", f64::INFINITY, true),
            bearer("sum", SeriesView::Sum, true),
        ];
        let check = |of: &[Bearer], value, expected: &[&str]| {
            let found: Vec<&str> = bearers_of(of, value).map(|bearer| bearer.labels.get("n").unwrap()).collect();
            assert_eq!(found, expected, "{value}");
        };
        check(&histogram, 0.5, &["half"]);
        check(&histogram, 0.7, &[]);
        check(&histogram, 2.0, &["rest"]);
        check(&histogram, f64::NAN, &["rest"]);
        check(&[bearer("gauge", SeriesView::Value, true)], 7.0, &["gauge"]);
        check(&[bearer("other", SeriesView::Value, false)], 7.0, &[]);
    }
}
