//! Points of exponential histograms → rows of `metric_exp_histograms`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, UInt64Array};

use super::histograms::{TotalColumns, Totals};
use super::metric::Metric;
use super::points::{PointColumns, PointFields, Points, WholePoint};
use crate::columns::ListOffsets;
use crate::error::DecodeError;
use crate::limits::EXP_BUCKETS_MAX;
use crate::rejection::Rejection;
use crate::wire::Reader;

const FIELDS: PointFields = PointFields { attributes: 1, flags: 10, exemplars: Some(11) };

/// The columns of `metric_exp_histograms` while they grow.
#[derive(Debug)]
pub(crate) struct ExpHistogramColumns {
    pub(crate) points: PointColumns,
    totals: TotalColumns,
    scale: Vec<i32>,
    zero_count: Vec<u64>,
    zero_threshold: Vec<f64>,
    positive: BucketColumns,
    negative: BucketColumns,
}

/// The buckets on one side of zero.
#[derive(Debug)]
struct BucketColumns {
    offset: Vec<i32>,
    counts: Vec<u64>,
    offsets: ListOffsets,
}

impl BucketColumns {
    fn new() -> Self {
        Self { offset: Vec::new(), counts: Vec::new(), offsets: ListOffsets::new() }
    }

    /// Adds the counts of a `Buckets` message to the current point, and gives its offset if it has one.
    fn read(&mut self, mut buckets: Reader<'_>, offset: &mut i32) -> Result<(), DecodeError> {
        while let Some(field) = buckets.next_field()? {
            match field.number {
                1 => *offset = field.sint32()?,
                2 => field.each_varint(|count| self.counts.push(count))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn end_point(&mut self, offset: i32) {
        self.offset.push(offset);
        self.offsets.push(self.counts.len());
    }

    fn finish(self) -> [ArrayRef; 2] {
        let counts = self.offsets.finish(Arc::new(UInt64Array::from(self.counts)));
        [Arc::new(Int32Array::from(self.offset)), counts]
    }
}

impl ExpHistogramColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            points: PointColumns::new(block_bytes),
            totals: TotalColumns::default(),
            scale: Vec::new(),
            zero_count: Vec::new(),
            zero_threshold: Vec::new(),
            positive: BucketColumns::new(),
            negative: BucketColumns::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        point: Reader<'_>,
        metric: &Metric<'_>,
        points: &mut Points<'_>,
    ) -> Result<(), DecodeError> {
        let mut head = points.begin(metric);
        let mut totals = Totals::default();
        let (mut scale, mut zero_count, mut zero_threshold) = (0, 0, 0.0);
        let (mut positive_offset, mut negative_offset) = (0, 0);
        let (first_positive, first_negative) = (self.positive.counts.len(), self.negative.counts.len());
        let mut fields = point;
        while let Some(field) = fields.next_field()? {
            match field.number {
                4 => totals.count = field.fixed64()?,
                5 => totals.sum = Some(field.double()?),
                6 => scale = field.sint32()?,
                7 => zero_count = field.fixed64()?,
                8 => self.positive.read(field.message("Buckets")?, &mut positive_offset)?,
                9 => self.negative.read(field.message("Buckets")?, &mut negative_offset)?,
                12 => totals.min = Some(field.double()?),
                13 => totals.max = Some(field.double()?),
                14 => zero_threshold = field.double()?,
                _ => points.field(&mut head, &field, &FIELDS)?,
            }
        }
        let positive = self.positive.counts.len() - first_positive;
        let negative = self.negative.counts.len() - first_negative;
        if positive.max(negative) > EXP_BUCKETS_MAX {
            self.positive.counts.truncate(first_positive);
            self.negative.counts.truncate(first_negative);
            points.tally.reject(Rejection::ExpBuckets, 1);
            return Ok(());
        }
        let Some(row) = points.accept(head, metric, WholePoint { reader: point, fields: &FIELDS, bounds: &[] })? else {
            self.positive.counts.truncate(first_positive);
            self.negative.counts.truncate(first_negative);
            return Ok(());
        };
        self.points.push(row);
        self.totals.push(totals);
        self.scale.push(scale);
        self.zero_count.push(zero_count);
        self.zero_threshold.push(zero_threshold);
        self.positive.end_point(positive_offset);
        self.negative.end_point(negative_offset);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        let mut values = Vec::from(self.totals.finish());
        values.push(Arc::new(Int32Array::from(self.scale)));
        values.push(Arc::new(UInt64Array::from(self.zero_count)));
        values.push(Arc::new(Float64Array::from(self.zero_threshold)));
        values.extend(self.positive.finish());
        values.extend(self.negative.finish());
        self.points.finish(values)
    }
}
