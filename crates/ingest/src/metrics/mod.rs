//! OTLP metrics → rows of the metric tables.
//!
//! | file | what |
//! |---|---|
//! | `metric.rs` | a `Metric` without its points: its name, kind and identity |
//! | `points.rs` | what points of every kind share: time, series, exemplars, counting |
//! | `numbers.rs` `histograms.rs` `exp_histograms.rs` `summaries.rs` | one kind of point, one table each |
//! | `exemplars.rs` | the exemplars of points |
//! | `series.rs` | what each series is, for each hour of a request |
//!
//! ```text
//! Metric ─ Metric::read ─┐
//!   └ data points ───────┴─ numbers | histograms | exp_histograms | summaries ─ Points::accept ─ series, exemplars
//! ```

mod metric;
mod points;
mod numbers;
mod histograms;
mod exp_histograms;
mod summaries;
mod exemplars;
mod series;

pub(crate) use self::points::BARE_EXEMPLARS;

use model::{Batch, Table};

use self::exp_histograms::ExpHistogramColumns;
use self::histograms::HistogramColumns;
use self::metric::{Kind, Metric};
use self::numbers::NumberColumns;
use self::points::Points;
use self::summaries::SummaryColumns;
use crate::attributes::AttributeSet;
use crate::decoded::batch;
use crate::envelope::{Names, Rows};
use crate::error::DecodeError;
use crate::rejection::Rejection;
use crate::source::Source;
use crate::tally::Tally;
use crate::wire::Reader;

/// The columns of all metric tables while they grow.
#[derive(Debug)]
pub(crate) struct MetricRows<'a> {
    metadata: AttributeSet,
    scope_id: u64,
    numbers: NumberColumns,
    histograms: HistogramColumns,
    exp_histograms: ExpHistogramColumns,
    summaries: SummaryColumns,
    points: Points<'a>,
}

impl<'a> MetricRows<'a> {
    pub(crate) fn new(tally: Tally<'a>, block_bytes: u32) -> Self {
        Self {
            metadata: AttributeSet::default(),
            scope_id: 0,
            numbers: NumberColumns::new(block_bytes),
            histograms: HistogramColumns::new(block_bytes),
            exp_histograms: ExpHistogramColumns::new(block_bytes),
            summaries: SummaryColumns::new(block_bytes),
            points: Points::new(tally, block_bytes),
        }
    }

    /// For a body that was rewritten from remote write.
    pub(crate) fn of_remote_write(mut self) -> Self {
        self.points.bare_exemplars = true;
        self
    }

    /// The batches of tables that have rows, the series that were not admitted, and the counts.
    pub(crate) fn finish(self) -> (Vec<Batch>, Vec<u64>, Tally<'a>) {
        let (series, exemplars, refused, tally) = self.points.finish();
        let batches = [
            batch(Table::MetricNumbers, self.numbers.finish()),
            batch(Table::MetricHistograms, self.histograms.finish()),
            batch(Table::MetricExpHistograms, self.exp_histograms.finish()),
            batch(Table::MetricSummaries, self.summaries.finish()),
            batch(Table::Exemplars, exemplars),
            batch(Table::Series, series),
        ];
        (batches.into_iter().flatten().collect(), refused, tally)
    }

    fn read_points(&mut self, mut data: Reader<'_>, metric: &Metric<'_>) -> Result<(), DecodeError> {
        while let Some(field) = data.next_field()? {
            if field.number != 1 {
                continue;
            }
            let point = field.message(metric.kind.point_name())?;
            self.points.tally.take_row()?;
            if metric.name.is_empty() {
                self.points.tally.reject(Rejection::MetricName, 1);
                continue;
            }
            match metric.kind {
                Kind::Gauge | Kind::Sum => self.numbers.push(point, metric, &mut self.points)?,
                Kind::Histogram => self.histograms.push(point, metric, &mut self.points)?,
                Kind::ExpHistogram => self.exp_histograms.push(point, metric, &mut self.points)?,
                Kind::Summary => self.summaries.push(point, metric, &mut self.points)?,
            }
        }
        Ok(())
    }

    fn end_metric(&mut self, metric: &Metric<'_>) {
        self.numbers.points.end_metric(metric);
        self.histograms.points.end_metric(metric);
        self.exp_histograms.points.end_metric(metric);
        self.summaries.points.end_metric(metric);
        self.points.end_metric(metric, self.metadata.as_bytes());
    }
}

impl Rows for MetricRows<'_> {
    const NAMES: Names = Names {
        request: "ExportMetricsServiceRequest",
        resource: "ResourceMetrics",
        scope: "ScopeMetrics",
        record: "Metric",
    };

    fn begin_scope(&mut self, source: &Source) {
        self.scope_id = source.scope.id(&mut self.points.identity);
    }

    fn record(&mut self, record: Reader<'_>, source: &Source) -> Result<(), DecodeError> {
        let Some(mut metric) = Metric::read(record, &mut self.metadata)? else { return Ok(()) };
        metric.marks.add_all(source.marks());
        metric.identify(source.resource.id, self.scope_id, &mut self.points.identity);
        let mut fields = record;
        while let Some(field) = fields.next_field()? {
            if field.number == metric.kind.field() {
                self.read_points(field.message(metric.kind.name())?, &metric)?;
            }
        }
        self.end_metric(&metric);
        Ok(())
    }

    fn end_scope(&mut self, source: &Source) {
        self.points.end_scope(source);
    }

    fn end_resource(&mut self, source: &Source) {
        self.points.end_resource(source);
    }
}
