//! Points of summaries → rows of `metric_summaries`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StructArray, UInt64Array};
use model::quantile_fields;

use super::metric::Metric;
use super::points::{PointColumns, PointFields, Points, WholePoint};
use crate::columns::ListOffsets;
use crate::error::DecodeError;
use crate::wire::Reader;

const FIELDS: PointFields = PointFields { attributes: 7, flags: 8, exemplars: None };

/// The columns of `metric_summaries` while they grow.
#[derive(Debug)]
pub(crate) struct SummaryColumns {
    pub(crate) points: PointColumns,
    count: Vec<u64>,
    sum: Vec<f64>,
    quantile: Vec<f64>,
    value: Vec<f64>,
    offsets: ListOffsets,
}

impl SummaryColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            points: PointColumns::new(block_bytes),
            count: Vec::new(),
            sum: Vec::new(),
            quantile: Vec::new(),
            value: Vec::new(),
            offsets: ListOffsets::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        point: Reader<'_>,
        metric: &Metric<'_>,
        points: &mut Points<'_>,
    ) -> Result<(), DecodeError> {
        let mut head = points.begin(metric);
        let (mut count, mut sum) = (0, 0.0);
        let first_quantile = self.quantile.len();
        let mut fields = point;
        while let Some(field) = fields.next_field()? {
            match field.number {
                4 => count = field.fixed64()?,
                5 => sum = field.double()?,
                6 => self.push_quantile(field.message("ValueAtQuantile")?)?,
                _ => points.field(&mut head, &field, &FIELDS)?,
            }
        }
        let whole = WholePoint { reader: point, fields: &FIELDS, bounds: &self.quantile[first_quantile..] };
        let Some(row) = points.accept(head, metric, whole)? else {
            self.quantile.truncate(first_quantile);
            self.value.truncate(first_quantile);
            return Ok(());
        };
        self.points.push(row);
        self.count.push(count);
        self.sum.push(sum);
        self.offsets.push(self.quantile.len());
        Ok(())
    }

    fn push_quantile(&mut self, mut pair: Reader<'_>) -> Result<(), DecodeError> {
        let (mut quantile, mut value) = (0.0, 0.0);
        while let Some(field) = pair.next_field()? {
            match field.number {
                1 => quantile = field.double()?,
                2 => value = field.double()?,
                _ => {}
            }
        }
        self.quantile.push(quantile);
        self.value.push(value);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        let pairs: Vec<ArrayRef> =
            vec![Arc::new(Float64Array::from(self.quantile)), Arc::new(Float64Array::from(self.value))];
        let quantiles = self.offsets.finish(Arc::new(StructArray::new(quantile_fields(), pairs, None)));
        self.points.finish([
            Arc::new(UInt64Array::from(self.count)) as ArrayRef,
            Arc::new(Float64Array::from(self.sum)),
            quantiles,
        ])
    }
}
