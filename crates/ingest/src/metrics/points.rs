//! What points of every kind share: when and of which series they are, and what hangs on them.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, UInt64Array};
use model::{Mark, Marks, UnixNanos};

use super::exemplars::ExemplarColumns;
use super::metric::Metric;
use super::series::{SeenPoint, SeriesColumns};
use crate::attributes::AttributeSet;
use crate::columns::{TextColumn, optional_times, set_time, times};
use crate::error::DecodeError;
use crate::identity::Identity;
use crate::rejection::Rejection;
use crate::source::Source;
use crate::tally::Tally;
use crate::wire::{Field, Reader};

/// Where the fields that all kinds of points have stand in one kind. `start_time` is 2 and `time` is 3 in each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PointFields {
    pub(crate) attributes: u32,
    pub(crate) flags: u32,
    /// `None` for summaries, which have none.
    pub(crate) exemplars: Option<u32>,
}

/// A point whose fields have all been seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholePoint<'a> {
    /// To read it again for its exemplars: only at its end it is known that and when it is.
    pub(crate) reader: Reader<'a>,
    pub(crate) fields: &'static PointFields,
    /// Upper bounds of its buckets, or its quantiles; of other kinds empty.
    pub(crate) bounds: &'a [f64],
}

/// The fields that all kinds of points have, of one point.
#[derive(Debug)]
pub(crate) struct Head {
    start_time: u64,
    time: u64,
    pub(crate) flags: u32,
    has_exemplars: bool,
    marks: Marks,
}

/// OTLP's flag of a point that stands for "no value here".
const NO_RECORDED_VALUE: u32 = 1;

/// Not OTLP's: the point has exemplars and stands for nothing else. Obeyed only where [`Points::bare_exemplars`] says so.
pub(crate) const BARE_EXEMPLARS: u32 = 1 << 31;

impl Head {
    pub(crate) fn has_value(&self) -> bool {
        self.flags & NO_RECORDED_VALUE == 0
    }
}

/// Takes points of every kind: finds their series, keeps their exemplars, counts them.
#[derive(Debug)]
pub(crate) struct Points<'a> {
    pub(crate) tally: Tally<'a>,
    pub(crate) identity: Identity,
    attribute_set: AttributeSet,
    exemplars: ExemplarColumns,
    series: SeriesColumns,
    /// Whether the body was rewritten from one in which exemplars may come without a point.
    pub(crate) bare_exemplars: bool,
}

impl<'a> Points<'a> {
    pub(crate) fn new(tally: Tally<'a>, block_bytes: u32) -> Self {
        Self {
            tally,
            identity: Identity::default(),
            attribute_set: AttributeSet::default(),
            exemplars: ExemplarColumns::new(block_bytes),
            series: SeriesColumns::new(block_bytes),
            bare_exemplars: false,
        }
    }

    /// Begins a point.
    #[inline]
    pub(crate) fn begin(&mut self, metric: &Metric<'_>) -> Head {
        self.attribute_set.clear();
        Head { start_time: 0, time: 0, flags: 0, has_exemplars: false, marks: metric.marks }
    }

    /// Takes a field that all kinds have; leaves any other alone.
    #[inline]
    pub(crate) fn field(
        &mut self,
        head: &mut Head,
        field: &Field<'_>,
        fields: &PointFields,
    ) -> Result<(), DecodeError> {
        match field.number {
            2 => head.start_time = field.fixed64()?,
            3 => head.time = field.fixed64()?,
            number if number == fields.attributes => {
                self.attribute_set.push(field.message("KeyValue")?, &mut head.marks)?;
            }
            number if number == fields.flags => head.flags = field.uint32()?,
            number if Some(number) == fields.exemplars => head.has_exemplars = true,
            _ => {}
        }
        Ok(())
    }

    /// Accepts a point and gives what its row begins and ends with; `None` where its series is not admitted.
    #[inline]
    pub(crate) fn accept(
        &mut self,
        mut head: Head,
        metric: &Metric<'_>,
        point: WholePoint<'_>,
    ) -> Result<Option<PointRow>, DecodeError> {
        let WholePoint { reader, fields, bounds } = point;
        let time = set_time(head.time).unwrap_or_else(|| {
            head.marks.add(Mark::TimeFromReceipt);
            self.tally.received
        });
        let attributes = self.attribute_set.as_bytes();
        let series_id = self.identity.series_id(metric.id, attributes);
        let seen = SeenPoint { series_id, time, attributes, bounds };
        if !self.series.note(seen, metric, || self.tally.admits_series(series_id)) {
            self.tally.reject(Rejection::Series, 1);
            return Ok(None);
        }
        if head.has_exemplars {
            let mut rest = reader;
            while let Some(field) = rest.next_field()? {
                if Some(field.number) == fields.exemplars {
                    self.tally.take_row()?;
                    self.exemplars.push(field.message("Exemplar")?, (series_id, time), &mut head.marks)?;
                }
            }
        }
        if self.bare_exemplars && head.flags & BARE_EXEMPLARS != 0 {
            return Ok(None);
        }
        self.tally.accept(time, head.marks);
        let start_time = set_time(head.start_time);
        Ok(Some(PointRow { series_id, time, start_time, flags: head.flags, marks: head.marks }))
    }

    /// Fills the columns that are the same for all points of a metric.
    pub(crate) fn end_metric(&mut self, metric: &Metric<'_>, metadata: &[u8]) {
        self.exemplars.end_metric(metric);
        self.series.end_metric(metric, metadata);
    }

    pub(crate) fn end_scope(&mut self, source: &Source) {
        self.series.source.end_scope(&source.scope);
    }

    pub(crate) fn end_resource(&mut self, source: &Source) {
        self.series.source.end_resource(&source.resource);
    }

    /// The columns of `series` and of `exemplars`, the series that were not admitted, and the counts.
    pub(crate) fn finish(self) -> (Vec<ArrayRef>, Vec<ArrayRef>, Vec<u64>, Tally<'a>) {
        let refused = self.series.refused();
        (self.series.finish(), self.exemplars.finish(), refused, self.tally)
    }
}

/// The values of the columns that the tables of all kinds have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PointRow {
    series_id: u64,
    time: UnixNanos,
    start_time: Option<UnixNanos>,
    flags: u32,
    marks: Marks,
}

/// The columns that the tables of all kinds have.
#[derive(Debug)]
pub(crate) struct PointColumns {
    metric_name: TextColumn,
    rows_of_metric: usize,
    resource_id: Vec<u64>,
    series_id: Vec<u64>,
    time: Vec<i64>,
    start_time: Vec<Option<i64>>,
    flags: Vec<u32>,
    marks: TextColumn,
}

impl PointColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            metric_name: TextColumn::of_shared(block_bytes),
            rows_of_metric: 0,
            resource_id: Vec::new(),
            series_id: Vec::new(),
            time: Vec::new(),
            start_time: Vec::new(),
            flags: Vec::new(),
            marks: TextColumn::new(block_bytes),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, row: PointRow) {
        self.rows_of_metric += 1;
        self.series_id.push(row.series_id);
        self.time.push(row.time.get());
        self.start_time.push(row.start_time.map(UnixNanos::get));
        self.flags.push(row.flags);
        self.marks.push_marks(row.marks);
    }

    /// Says of which metric and resource the rows since the last metric ended are; the name is stored once.
    pub(crate) fn end_metric(&mut self, metric: &Metric<'_>) {
        let rows = std::mem::take(&mut self.rows_of_metric);
        if rows > 0 {
            self.metric_name.repeat(&metric.name, rows);
            self.resource_id.resize(self.resource_id.len() + rows, metric.resource_id);
        }
    }

    /// All columns of the table, `values` in the middle.
    pub(crate) fn finish(self, values: impl IntoIterator<Item = ArrayRef>) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            self.metric_name.finish(),
            Arc::new(UInt64Array::from(self.resource_id)),
            Arc::new(UInt64Array::from(self.series_id)),
            times(self.time),
            optional_times(self.start_time),
        ];
        columns.extend(values);
        columns.push(Arc::new(UInt32Array::from(self.flags)));
        columns.push(self.marks.finish());
        columns
    }
}
