//! Exemplars of points → rows of `exemplars`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, UInt64Array};
use model::{Marks, SpanId, TraceId, UnixNanos};

use super::metric::Metric;
use super::numbers::Number;
use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, IdColumn, TextColumn, optional_span_id, optional_trace_id, set_time, times};
use crate::error::DecodeError;
use crate::wire::Reader;

/// The columns of `exemplars` while they grow.
#[derive(Debug)]
pub(crate) struct ExemplarColumns {
    attribute_set: AttributeSet,
    metric_name: TextColumn,
    rows_of_metric: usize,
    resource_id: Vec<u64>,
    series_id: Vec<u64>,
    time: Vec<i64>,
    point_time: Vec<i64>,
    value: Vec<Option<f64>>,
    int_value: Vec<Option<i64>>,
    trace_id: IdColumn<{ TraceId::BYTES }>,
    span_id: IdColumn<{ SpanId::BYTES }>,
    attributes: BytesColumn,
}

impl ExemplarColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            attribute_set: AttributeSet::default(),
            metric_name: TextColumn::of_shared(block_bytes),
            rows_of_metric: 0,
            resource_id: Vec::new(),
            series_id: Vec::new(),
            time: Vec::new(),
            point_time: Vec::new(),
            value: Vec::new(),
            int_value: Vec::new(),
            trace_id: IdColumn::new(),
            span_id: IdColumn::new(),
            attributes: BytesColumn::new(block_bytes),
        }
    }

    /// Adds an exemplar of a point of that series and time. What is odd about it is marked on the point.
    pub(crate) fn push(
        &mut self,
        mut exemplar: Reader<'_>,
        (series_id, point_time): (u64, UnixNanos),
        marks: &mut Marks,
    ) -> Result<(), DecodeError> {
        self.attribute_set.clear();
        let (mut time, mut number) = (0, Number::default());
        let (mut trace_id, mut span_id) = (&[][..], &[][..]);
        while let Some(field) = exemplar.next_field()? {
            match field.number {
                2 => time = field.fixed64()?,
                3 => number = Number::of_double(&field)?,
                4 => span_id = field.bytes()?,
                5 => trace_id = field.bytes()?,
                6 => number = Number::of_int(&field)?,
                7 => self.attribute_set.push(field.message("KeyValue")?, marks)?,
                _ => {}
            }
        }
        self.rows_of_metric += 1;
        self.series_id.push(series_id);
        self.time.push(set_time(time).unwrap_or(point_time).get());
        self.point_time.push(point_time.get());
        self.value.push(number.value);
        self.int_value.push(number.int_value);
        self.trace_id.push(optional_trace_id(trace_id, marks).as_ref().map(TraceId::as_bytes));
        self.span_id.push(optional_span_id(span_id, marks).as_ref().map(SpanId::as_bytes));
        self.attributes.push(self.attribute_set.as_bytes());
        Ok(())
    }

    /// Says of which metric and resource the rows since the last metric ended are; the name is stored once.
    pub(crate) fn end_metric(&mut self, metric: &Metric<'_>) {
        let rows = std::mem::take(&mut self.rows_of_metric);
        if rows > 0 {
            self.metric_name.repeat(&metric.name, rows);
            self.resource_id.resize(self.resource_id.len() + rows, metric.resource_id);
        }
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        vec![
            self.metric_name.finish(),
            Arc::new(UInt64Array::from(self.resource_id)),
            Arc::new(UInt64Array::from(self.series_id)),
            times(self.time),
            times(self.point_time),
            Arc::new(Float64Array::from(self.value)),
            Arc::new(Int64Array::from(self.int_value)),
            self.trace_id.finish(),
            self.span_id.finish(),
            self.attributes.finish(),
        ]
    }
}
