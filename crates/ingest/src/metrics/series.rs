//! What each series of a request is → rows of `series`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, UInt64Array};
use model::UnixNanos;

use super::metric::{Kind, Metric};
use crate::columns::{BytesColumn, ListOffsets, TextColumn, times};
use crate::source::SourceColumns;

/// What of a point describes its series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenPoint<'a> {
    pub(crate) series_id: u64,
    pub(crate) time: UnixNanos,
    pub(crate) attributes: &'a [u8],
    /// Upper bounds of its buckets, or its quantiles.
    pub(crate) bounds: &'a [f64],
}

/// What is known of a series of the request.
#[derive(Debug)]
struct SeenSeries {
    is_admitted: bool,
    /// Its newest row's hour, and where in the column its bounds are; `None` before the first.
    described: Option<(UnixNanos, Range<usize>)>,
}

/// The columns of `series` while they grow.
#[derive(Debug)]
pub(crate) struct SeriesColumns {
    seen: HashMap<u64, SeenSeries>,
    metric_name: TextColumn,
    rows_of_metric: usize,
    series_id: Vec<u64>,
    time: Vec<i64>,
    kind: TextColumn,
    temporality: TextColumn,
    is_monotonic: Vec<Option<bool>>,
    unit: TextColumn,
    description: TextColumn,
    metadata: BytesColumn,
    attributes: BytesColumn,
    bounds: Vec<f64>,
    bounds_offsets: ListOffsets,
    pub(crate) source: SourceColumns,
}

impl SeriesColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            seen: HashMap::new(),
            metric_name: TextColumn::of_shared(block_bytes),
            rows_of_metric: 0,
            series_id: Vec::new(),
            time: Vec::new(),
            kind: TextColumn::of_shared(block_bytes),
            temporality: TextColumn::of_shared(block_bytes),
            is_monotonic: Vec::new(),
            unit: TextColumn::of_shared(block_bytes),
            description: TextColumn::of_shared(block_bytes),
            metadata: BytesColumn::of_shared(block_bytes),
            attributes: BytesColumn::new(block_bytes),
            bounds: Vec::new(),
            bounds_offsets: ListOffsets::new(),
            source: SourceColumns::new(block_bytes),
        }
    }

    /// Notes a point and gives its series a row, unless that has one of the same hour and bounds. Says whether the series
    /// is admitted, which is asked once for each.
    #[inline]
    pub(crate) fn note(&mut self, point: SeenPoint<'_>, metric: &Metric<'_>, admits: impl FnOnce() -> bool) -> bool {
        let SeenPoint { series_id, time, attributes, bounds } = point;
        let admitted = || SeenSeries { is_admitted: admits(), described: None };
        let seen = self.seen.entry(series_id).or_insert_with(admitted);
        let hour = time.hour();
        let is_described = |(of, known): &(UnixNanos, Range<usize>)| {
            *of == hour
                && self.bounds[known.clone()]
                    .iter()
                    .map(|bound| bound.to_bits())
                    .eq(bounds.iter().map(|bound| bound.to_bits()))
        };
        if !seen.is_admitted || seen.described.as_ref().is_some_and(is_described) {
            return seen.is_admitted;
        }
        let first_bound = self.bounds.len();
        self.bounds.extend_from_slice(bounds);
        seen.described = Some((hour, first_bound..self.bounds.len()));
        self.bounds_offsets.push(self.bounds.len());
        self.rows_of_metric += 1;
        self.series_id.push(series_id);
        self.time.push(time.get());
        self.is_monotonic.push((metric.kind == Kind::Sum).then_some(metric.is_monotonic));
        self.attributes.push(attributes);
        self.source.push_row();
        true
    }

    /// Describes the rows since the last metric ended; what a metric's series share is stored once.
    pub(crate) fn end_metric(&mut self, metric: &Metric<'_>, metadata: &[u8]) {
        let rows = std::mem::take(&mut self.rows_of_metric);
        if rows == 0 {
            return;
        }
        self.metric_name.repeat(&metric.name, rows);
        self.kind.repeat(metric.kind.word(), rows);
        self.temporality.repeat_unless_empty(metric.temporality().unwrap_or_default(), rows);
        self.unit.repeat_unless_empty(&metric.unit, rows);
        self.description.repeat_unless_empty(&metric.description, rows);
        self.metadata.repeat(Some(metadata), rows);
    }

    /// The series that were seen and are not admitted, in no order.
    pub(crate) fn refused(&self) -> Vec<u64> {
        self.seen.iter().filter(|(_, seen)| !seen.is_admitted).map(|(series_id, _)| *series_id).collect()
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            self.metric_name.finish(),
            Arc::new(UInt64Array::from(self.series_id)),
            times(self.time),
            self.kind.finish(),
            self.temporality.finish(),
            Arc::new(BooleanArray::from(self.is_monotonic)),
            self.unit.finish(),
            self.description.finish(),
            self.metadata.finish(),
            self.attributes.finish(),
            self.bounds_offsets.finish(Arc::new(Float64Array::from(self.bounds))),
        ];
        columns.extend(self.source.finish());
        columns
    }
}
