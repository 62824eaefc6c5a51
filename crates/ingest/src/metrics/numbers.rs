//! Points of gauges and sums → rows of `metric_numbers`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array};

use super::metric::Metric;
use super::points::{PointColumns, PointFields, Points, WholePoint};
use crate::error::DecodeError;
use crate::wire::{Field, Reader};

const FIELDS: PointFields = PointFields { attributes: 7, flags: 8, exemplars: Some(5) };

/// The columns of `metric_numbers` while they grow.
#[derive(Debug)]
pub(crate) struct NumberColumns {
    pub(crate) points: PointColumns,
    value: Vec<Option<f64>>,
    int_value: Vec<Option<i64>>,
}

/// A value as a double and, where it was sent as an integer, exactly.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Number {
    pub(crate) value: Option<f64>,
    pub(crate) int_value: Option<i64>,
}

impl Number {
    /// From the field `as_double`.
    #[inline]
    pub(crate) fn of_double(field: &Field<'_>) -> Result<Self, DecodeError> {
        Ok(Self { value: Some(field.double()?), int_value: None })
    }

    /// From the field `as_int`.
    #[inline]
    pub(crate) fn of_int(field: &Field<'_>) -> Result<Self, DecodeError> {
        let value = field.fixed64()? as i64;
        Ok(Self { value: Some(value as f64), int_value: Some(value) })
    }
}

impl NumberColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self { points: PointColumns::new(block_bytes), value: Vec::new(), int_value: Vec::new() }
    }

    pub(crate) fn push(
        &mut self,
        point: Reader<'_>,
        metric: &Metric<'_>,
        points: &mut Points<'_>,
    ) -> Result<(), DecodeError> {
        let mut head = points.begin(metric);
        let mut number = Number::default();
        let mut fields = point;
        while let Some(field) = fields.next_field()? {
            match field.number {
                4 => number = Number::of_double(&field)?,
                6 => number = Number::of_int(&field)?,
                _ => points.field(&mut head, &field, &FIELDS)?,
            }
        }
        if !head.has_value() {
            number = Number::default();
        }
        let Some(row) = points.accept(head, metric, WholePoint { reader: point, fields: &FIELDS, bounds: &[] })? else {
            return Ok(());
        };
        self.points.push(row);
        self.value.push(number.value);
        self.int_value.push(number.int_value);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        let (value, int_value) = (Float64Array::from(self.value), Int64Array::from(self.int_value));
        self.points.finish([Arc::new(value) as ArrayRef, Arc::new(int_value)])
    }
}
