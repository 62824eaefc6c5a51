//! What metric points should become.

use std::collections::HashMap;

use model::{Mark, Marks, Value};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, SummaryDataPoint, exemplar,
    metric::Data, number_data_point,
};
use xxhash_rust::xxh3::xxh3_64;

use super::{Expected, RECEIVED, Row, Source, attributes, canonical, entries, optional_id, optional_time};

/// Rows of each table, in the order of the batches: numbers, histograms, exponential, summaries, exemplars, series.
#[derive(Default)]
struct Tables {
    rows: [Vec<String>; 6],
    /// What the newest row of each series is: its hour and its bounds.
    series: HashMap<u64, (i64, Vec<u64>)>,
    expected: Expected,
}

const TABLES: [&str; 4] = ["metric_numbers", "metric_histograms", "metric_exp_histograms", "metric_summaries"];
const EXEMPLARS: usize = 4;
const SERIES: usize = 5;

pub(crate) fn metrics(request: &ExportMetricsServiceRequest) -> Expected {
    let mut tables = Tables::default();
    for resource in &request.resource_metrics {
        for scope in &resource.scope_metrics {
            let source = Source {
                resource: resource.resource.clone().unwrap_or_default(),
                resource_schema_url: &resource.schema_url,
                scope: scope.scope.clone().unwrap_or_default(),
                scope_schema_url: &scope.schema_url,
            };
            scope.metrics.iter().for_each(|metric| tables.metric(metric, &source));
        }
    }
    Expected { rows: tables.rows.concat(), ..tables.expected }
}

/// What all points have, whatever their kind.
struct Point<'a> {
    table: usize,
    kind: u8,
    temporality: Option<i32>,
    is_monotonic: Option<bool>,
    attributes: &'a [KeyValue],
    start: u64,
    time: u64,
    flags: u32,
    exemplars: &'a [Exemplar],
    bounds: Vec<f64>,
    /// The columns of its table.
    values: Vec<(&'static str, Option<String>)>,
}

impl Tables {
    fn metric(&mut self, metric: &Metric, source: &Source<'_>) {
        let points: Vec<Option<Point<'_>>> = match &metric.data {
            None => Vec::new(),
            Some(Data::Gauge(data)) => data.data_points.iter().map(|point| Some(number(point, 1))).collect(),
            Some(Data::Sum(data)) => {
                let sum = |point| Point {
                    temporality: Some(data.aggregation_temporality),
                    is_monotonic: Some(data.is_monotonic),
                    ..number(point, 2)
                };
                data.data_points.iter().map(|point| Some(sum(point))).collect()
            }
            Some(Data::Histogram(data)) => {
                data.data_points.iter().map(|point| histogram(point, data.aggregation_temporality)).collect()
            }
            Some(Data::ExponentialHistogram(data)) => {
                data.data_points.iter().map(|point| Some(exp_histogram(point, data.aggregation_temporality))).collect()
            }
            Some(Data::Summary(data)) => data.data_points.iter().map(|point| Some(summary(point))).collect(),
        };
        for point in points {
            match point {
                Some(point) if !metric.name.is_empty() => self.point(&point, metric, source),
                _ => self.expected.rejected += 1,
            }
        }
    }

    fn point(&mut self, point: &Point<'_>, metric: &Metric, source: &Source<'_>) {
        let mut marks = Marks::default();
        let time = optional_time(point.time).unwrap_or_else(|| {
            marks.add(Mark::TimeFromReceipt);
            RECEIVED.get()
        });
        let labels = attributes(point.attributes);
        let series_id = series_id(point, metric, source, &labels);
        let head = |table: &str| {
            let mut row = Row::new(table);
            row.required("metric_name", format!("{:?}", metric.name));
            if table != "series" {
                row.required("resource_id", source.resource_id());
            }
            row.required("series_id", series_id);
            row.required("time", time);
            row
        };
        for exemplar in point.exemplars {
            let mut row = Row::new("exemplars");
            row.required("metric_name", format!("{:?}", metric.name));
            row.required("resource_id", source.resource_id());
            row.required("series_id", series_id);
            row.required("time", optional_time(exemplar.time_unix_nano).unwrap_or(time));
            row.required("point_time", time);
            show_exemplar(exemplar, &mut row, &mut marks);
            self.rows[EXEMPLARS].push(row.0);
        }
        let mut row = head(TABLES[point.table]);
        row.optional("start_time", optional_time(point.start));
        for (name, cell) in &point.values {
            row.optional(name, cell.as_ref());
        }
        row.required("flags", point.flags);
        row.marks(marks);
        self.rows[point.table].push(row.0);
        self.expected.accept(time, marks);
        let bounds: Vec<u64> = point.bounds.iter().map(|bound| bound.to_bits()).collect();
        let described = (time.div_euclid(3_600_000_000_000), bounds);
        if self.series.get(&series_id) != Some(&described) {
            self.series.insert(series_id, described);
            let mut row = head("series");
            show_series(point, metric, &labels, &mut row);
            source.show(&mut row);
            self.rows[SERIES].push(row.0);
        }
    }
}

fn series_id(point: &Point<'_>, metric: &Metric, source: &Source<'_>, labels: &[(String, Value)]) -> u64 {
    let text = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let scope = &source.scope;
    let scope_id =
        xxh3_64(&[text(&scope.name), text(&scope.version), canonical(&attributes(&scope.attributes))].concat());
    let temporality = point.temporality.filter(|number| [1, 2].contains(number)).unwrap_or(0) as u8;
    let metric_id = xxh3_64(
        &[
            source.resource_id().to_le_bytes().to_vec(),
            scope_id.to_le_bytes().to_vec(),
            text(&metric.name),
            vec![point.kind, temporality, u8::from(point.is_monotonic == Some(true))],
            text(&metric.unit),
        ]
        .concat(),
    );
    xxh3_64(&[metric_id.to_le_bytes().to_vec(), canonical(labels)].concat())
}

fn show_series(point: &Point<'_>, metric: &Metric, labels: &[(String, Value)], row: &mut Row) {
    let kinds = ["", "gauge", "sum", "histogram", "exponential_histogram", "summary"];
    row.text("kind", kinds[usize::from(point.kind)]);
    let word = |number| match number {
        1 => "\"delta\"",
        2 => "\"cumulative\"",
        _ => "\"unspecified\"",
    };
    row.optional("temporality", point.temporality.map(word));
    row.optional("is_monotonic", point.is_monotonic);
    row.text("unit", &metric.unit);
    row.text("description", &metric.description);
    row.required("metadata", entries(&attributes(&metric.metadata)));
    row.required("attributes", entries(labels));
    row.optional("bounds", list(&point.bounds));
}

fn show_exemplar(exemplar: &Exemplar, row: &mut Row, marks: &mut Marks) {
    match exemplar.value {
        Some(exemplar::Value::AsDouble(value)) => row.optional("value", Some(format!("{value:?}"))),
        Some(exemplar::Value::AsInt(value)) => {
            row.optional("value", Some(format!("{:?}", value as f64)));
            row.optional("int_value", Some(value));
        }
        None => {}
    }
    row.optional("trace_id", optional_id(&exemplar.trace_id, 16, marks));
    row.optional("span_id", optional_id(&exemplar.span_id, 8, marks));
    row.required("attributes", entries(&attributes(&exemplar.filtered_attributes)));
}

/// A cell of a column that cannot be null.
fn required(cell: impl ToString) -> Option<String> {
    Some(cell.to_string()).filter(|cell| cell != "0" && cell != "0.0" && cell != "[]")
}

fn double(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:?}"))
}

fn list<T: std::fmt::Debug>(values: &[T]) -> Option<String> {
    required(format!("{values:?}"))
}

fn number(point: &NumberDataPoint, kind: u8) -> Point<'_> {
    let value = point.value.filter(|_| point.flags & 1 == 0);
    let values = match value {
        None => vec![],
        Some(number_data_point::Value::AsDouble(value)) => vec![("value", double(Some(value)))],
        Some(number_data_point::Value::AsInt(value)) => {
            vec![("value", double(Some(value as f64))), ("int_value", Some(value.to_string()))]
        }
    };
    Point {
        table: 0,
        kind,
        temporality: None,
        is_monotonic: None,
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
        bounds: Vec::new(),
        values,
    }
}

fn histogram(point: &HistogramDataPoint, temporality: i32) -> Option<Point<'_>> {
    let (bounds, counts) = (&point.explicit_bounds, &point.bucket_counts);
    let ascending = bounds.iter().all(|bound| !bound.is_nan()) && bounds.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || (!counts.is_empty() && counts.len() != bounds.len() + 1) {
        return None;
    }
    Some(Point {
        table: 1,
        kind: 3,
        temporality: Some(temporality),
        is_monotonic: None,
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
        bounds: if counts.is_empty() { Vec::new() } else { bounds.clone() },
        values: vec![
            ("count", required(point.count)),
            ("sum", double(point.sum)),
            ("min", double(point.min)),
            ("max", double(point.max)),
            ("bounds", list(bounds)),
            ("bucket_counts", list(counts)),
        ],
    })
}

fn exp_histogram(point: &ExponentialHistogramDataPoint, temporality: i32) -> Point<'_> {
    let positive = point.positive.clone().unwrap_or_default();
    let negative = point.negative.clone().unwrap_or_default();
    Point {
        table: 2,
        kind: 4,
        temporality: Some(temporality),
        is_monotonic: None,
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
        bounds: Vec::new(),
        values: vec![
            ("count", required(point.count)),
            ("sum", double(point.sum)),
            ("min", double(point.min)),
            ("max", double(point.max)),
            ("scale", required(point.scale)),
            ("zero_count", required(point.zero_count)),
            ("zero_threshold", required(format!("{:?}", point.zero_threshold))),
            ("positive_offset", required(positive.offset)),
            ("positive_counts", list(&positive.bucket_counts)),
            ("negative_offset", required(negative.offset)),
            ("negative_counts", list(&negative.bucket_counts)),
        ],
    }
}

fn summary(point: &SummaryDataPoint) -> Point<'_> {
    let pairs =
        point.quantile_values.iter().map(|pair| format!("(quantile: {:?}, value: {:?})", pair.quantile, pair.value));
    Point {
        table: 3,
        kind: 5,
        temporality: None,
        is_monotonic: None,
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &[],
        bounds: point.quantile_values.iter().map(|pair| pair.quantile).collect(),
        values: vec![
            ("count", required(point.count)),
            ("sum", required(format!("{:?}", point.sum))),
            ("quantiles", required(format!("[{}]", pairs.collect::<Vec<_>>().join(", ")))),
        ],
    }
}
