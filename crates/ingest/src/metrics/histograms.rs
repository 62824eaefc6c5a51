//! Points of classic histograms → rows of `metric_histograms`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, UInt64Array};

use super::metric::Metric;
use super::points::{PointColumns, PointFields, Points, WholePoint};
use crate::columns::ListOffsets;
use crate::error::DecodeError;
use crate::rejection::Rejection;
use crate::wire::Reader;

const FIELDS: PointFields = PointFields { attributes: 9, flags: 10, exemplars: Some(8) };

/// The columns of `metric_histograms` while they grow.
#[derive(Debug)]
pub(crate) struct HistogramColumns {
    pub(crate) points: PointColumns,
    totals: TotalColumns,
    bounds: Vec<f64>,
    bounds_offsets: ListOffsets,
    bucket_counts: Vec<u64>,
    bucket_counts_offsets: ListOffsets,
}

/// The scalars that both kinds of histograms have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) count: u64,
    pub(crate) sum: Option<f64>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

/// Their columns.
#[derive(Debug, Default)]
pub(crate) struct TotalColumns {
    count: Vec<u64>,
    sum: Vec<Option<f64>>,
    min: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
}

impl TotalColumns {
    pub(crate) fn push(&mut self, totals: Totals) {
        self.count.push(totals.count);
        self.sum.push(totals.sum);
        self.min.push(totals.min);
        self.max.push(totals.max);
    }

    pub(crate) fn finish(self) -> [ArrayRef; 4] {
        [
            Arc::new(UInt64Array::from(self.count)),
            Arc::new(Float64Array::from(self.sum)),
            Arc::new(Float64Array::from(self.min)),
            Arc::new(Float64Array::from(self.max)),
        ]
    }
}

impl HistogramColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            points: PointColumns::new(block_bytes),
            totals: TotalColumns::default(),
            bounds: Vec::new(),
            bounds_offsets: ListOffsets::new(),
            bucket_counts: Vec::new(),
            bucket_counts_offsets: ListOffsets::new(),
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
        let (first_bound, first_count) = (self.bounds.len(), self.bucket_counts.len());
        let mut fields = point;
        while let Some(field) = fields.next_field()? {
            match field.number {
                4 => totals.count = field.fixed64()?,
                5 => totals.sum = Some(field.double()?),
                6 => field.each_fixed64(|count| self.bucket_counts.push(count))?,
                7 => field.each_fixed64(|bits| self.bounds.push(f64::from_bits(bits)))?,
                11 => totals.min = Some(field.double()?),
                12 => totals.max = Some(field.double()?),
                _ => points.field(&mut head, &field, &FIELDS)?,
            }
        }
        if let Some(rejection) = nonsense(&self.bounds[first_bound..], &self.bucket_counts[first_count..]) {
            self.bounds.truncate(first_bound);
            self.bucket_counts.truncate(first_count);
            points.tally.reject(rejection, 1);
            return Ok(());
        }
        // Bounds without counts have no buckets.
        let described = if self.bucket_counts.len() > first_count { first_bound } else { self.bounds.len() };
        let whole = WholePoint { reader: point, fields: &FIELDS, bounds: &self.bounds[described..] };
        let Some(row) = points.accept(head, metric, whole)? else {
            self.bounds.truncate(first_bound);
            self.bucket_counts.truncate(first_count);
            return Ok(());
        };
        self.points.push(row);
        self.totals.push(totals);
        self.bounds_offsets.push(self.bounds.len());
        self.bucket_counts_offsets.push(self.bucket_counts.len());
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<ArrayRef> {
        let bounds = self.bounds_offsets.finish(Arc::new(Float64Array::from(self.bounds)));
        let counts = self.bucket_counts_offsets.finish(Arc::new(UInt64Array::from(self.bucket_counts)));
        self.points.finish(self.totals.finish().into_iter().chain([bounds, counts]))
    }
}

/// Why these buckets cannot mean anything.
fn nonsense(bounds: &[f64], bucket_counts: &[u64]) -> Option<Rejection> {
    if !bucket_counts.is_empty() && bucket_counts.len() != bounds.len() + 1 {
        return Some(Rejection::BucketCounts);
    }
    let ascending = bounds.windows(2).all(|pair| pair[0] < pair[1]) && !bounds.iter().any(|bound| bound.is_nan());
    (!ascending).then_some(Rejection::Bounds)
}
