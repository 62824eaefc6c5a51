//! What each series of a request is → rows of `series`.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use model::UnixNanos;

use super::metric::{Kind, Metric};
use crate::columns::{BytesColumn, TextColumn, times};
use crate::source::SourceColumns;

/// The columns of `series` while they grow.
#[derive(Debug)]
pub(crate) struct SeriesColumns {
    /// And whether it is admitted.
    seen: HashMap<u64, bool>,
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
            source: SourceColumns::new(block_bytes),
        }
    }

    /// Whether a series that was seen before is admitted; `None` for one that was not.
    #[inline]
    pub(crate) fn admitted(&self, series_id: u64) -> Option<bool> {
        self.seen.get(&series_id).copied()
    }

    /// Notes a series that was not seen before and, where it is admitted, gives it its row. The time is of the point that
    /// it was seen by.
    pub(crate) fn note(&mut self, series_id: u64, admitted: Option<(UnixNanos, &[u8])>, metric: &Metric<'_>) {
        self.seen.insert(series_id, admitted.is_some());
        let Some((time, attributes)) = admitted else { return };
        self.rows_of_metric += 1;
        self.series_id.push(series_id);
        self.time.push(time.get());
        self.is_monotonic.push((metric.kind == Kind::Sum).then_some(metric.is_monotonic));
        self.attributes.push(attributes);
        self.source.push_row();
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
        self.seen.iter().filter(|(_, is_admitted)| !**is_admitted).map(|(series_id, _)| *series_id).collect()
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
        ];
        columns.extend(self.source.finish());
        columns
    }
}
