//! A description: one row of `series`, as far as Prometheus' view of the series needs it.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, TimestampNanosecondType, UInt64Type};
use model::{Attributes, REMOTE_WRITE_SCOPE, Table, UnixNanos, ValueRef};
use xxhash_rust::xxh3::xxh3_64;

use super::stored::Temporality;
use super::translation::{FamilyKind, StoredKind};
use crate::cells::Cells;

/// The metadata of a metric in which remote write says its kind, where OTLP has no such kind.
const PROMETHEUS_TYPE: &str = "prometheus.type";

/// What tells whether a description is known, and of when it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct DescriptionHead {
    /// Of the series with these bounds.
    pub(super) key: u64,
    /// Of a point of the hour that is described.
    pub(super) time: UnixNanos,
}

/// The heads of a batch. Many rows are looked at for each that is new.
#[derive(Clone, Copy, Debug)]
pub(super) struct DescriptionHeads<'a> {
    series_ids: &'a [u64],
    times: &'a [i64],
    bounds_ends: &'a [i32],
    bounds: &'a [f64],
}

impl<'a> DescriptionHeads<'a> {
    /// The columns that they are read from.
    pub(super) const COLUMNS: [&'static str; 3] = ["series_id", "time", "bounds"];

    /// Of a batch that has these columns, as ingest writes them.
    pub(super) fn of(batch: &'a RecordBatch) -> Option<Self> {
        let bounds = batch.column_by_name("bounds")?.as_list_opt::<i32>()?;
        Some(Self {
            series_ids: batch.column_by_name("series_id")?.as_primitive_opt::<UInt64Type>()?.values(),
            times: batch.column_by_name("time")?.as_primitive_opt::<TimestampNanosecondType>()?.values(),
            bounds_ends: bounds.offsets(),
            bounds: bounds.values().as_primitive_opt::<Float64Type>()?.values(),
        })
    }

    /// All of them, in the order of rows.
    pub(super) fn iter(self) -> impl Iterator<Item = DescriptionHead> {
        let mut bytes = Vec::new();
        (0..self.series_ids.len()).map(move |row| {
            let bounds = self.bounds(row);
            bytes.clear();
            bounds.iter().for_each(|bound| bytes.extend_from_slice(&bound.to_bits().to_le_bytes()));
            let of_bounds = if bounds.is_empty() { 0 } else { xxh3_64(&bytes) };
            DescriptionHead { key: self.series_ids[row] ^ of_bounds, time: UnixNanos::new(self.times[row]) }
        })
    }

    /// The earliest and the latest time, inclusive; `None` without rows.
    pub(super) fn times(self) -> Option<(UnixNanos, UnixNanos)> {
        let (first, last) = (self.times.iter().min()?, self.times.iter().max()?);
        Some((UnixNanos::new(*first), UnixNanos::new(*last)))
    }

    fn bounds(&self, row: usize) -> &'a [f64] {
        &self.bounds[self.bounds_ends[row] as usize..self.bounds_ends[row + 1] as usize]
    }
}

/// One row of `series`.
#[derive(Clone, Debug)]
pub(super) struct Description<'a> {
    pub(super) head: DescriptionHead,
    pub(super) series_id: u64,
    pub(super) metric_name: &'a str,
    pub(super) kind: FamilyKind<'a>,
    pub(super) temporality: Temporality,
    pub(super) unit: &'a str,
    pub(super) help: &'a str,
    pub(super) attributes: Attributes<'a>,
    pub(super) resource_id: u64,
    pub(super) resource: Attributes<'a>,
    /// Whether it came by remote write, so that names and labels are as Prometheus has them.
    pub(super) is_verbatim: bool,
    /// Upper bounds of buckets, or quantiles.
    pub(super) bounds: &'a [f64],
}

impl<'a> Description<'a> {
    /// The columns that it is read from.
    pub(super) const COLUMNS: [&'static str; 14] = [
        "metric_name",
        "series_id",
        "time",
        "kind",
        "temporality",
        "is_monotonic",
        "unit",
        "description",
        "metadata",
        "attributes",
        "bounds",
        "resource_id",
        "resource_attributes",
        "scope_name",
    ];

    /// All of a batch that has these columns, but for rows that are not what ingest writes.
    pub(super) fn all_of(batch: &'a RecordBatch) -> impl Iterator<Item = Self> {
        let (cells, heads) = (Cells::new(batch), DescriptionHeads::of(batch));
        let rows =
            heads.into_iter().flat_map(|heads| heads.iter().enumerate().map(move |(row, head)| (row, head, heads)));
        rows.filter_map(move |(row, head, heads)| Self::read(&cells, row, head, heads.bounds(row)))
    }

    fn read(cells: &Cells<'a>, row: usize, head: DescriptionHead, bounds: &'a [f64]) -> Option<Self> {
        let text = |column| cells.text(column, row).unwrap_or_default();
        let set = |column| Attributes::new(cells.bytes(column, row).unwrap_or_default());
        let temporality = match text("temporality") {
            "delta" => Temporality::Delta,
            "cumulative" => Temporality::Cumulative,
            _ => Temporality::None,
        };
        let said = match set("metadata").get(PROMETHEUS_TYPE) {
            Some(ValueRef::Text(said)) => Some(said),
            _ => None,
        };
        let stored = StoredKind::of_words(text("kind"), cells.bool("is_monotonic", row))?;
        Some(Self {
            head,
            series_id: cells.uint("series_id", row)?,
            metric_name: cells.text("metric_name", row)?,
            kind: FamilyKind { stored, temporality, said },
            temporality,
            unit: text("unit"),
            help: text("description"),
            attributes: set("attributes"),
            resource_id: cells.uint("resource_id", row)?,
            resource: set("resource_attributes"),
            is_verbatim: text("scope_name") == REMOTE_WRITE_SCOPE,
            bounds,
        })
    }

    /// The table of its points.
    pub(super) fn table(&self) -> Table {
        match self.kind.stored {
            StoredKind::Gauge | StoredKind::Counter | StoredKind::UpDown => Table::MetricNumbers,
            StoredKind::Histogram => Table::MetricHistograms,
            StoredKind::ExpHistogram => Table::MetricExpHistograms,
            StoredKind::Summary => Table::MetricSummaries,
        }
    }
}
