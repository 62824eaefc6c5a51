//! A description: one row of `series`, as far as Prometheus' view of the series needs it.

use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
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

impl DescriptionHead {
    /// The columns that it is read from.
    pub(super) const COLUMNS: [&str; 3] = ["series_id", "time", "bounds"];

    /// Of a row that has these columns.
    pub(super) fn read(cells: &Cells<'_>, row: usize) -> Option<Self> {
        let bounds = bounds_of(cells, row);
        let mut bytes = Vec::with_capacity(bounds.len() * size_of::<u64>());
        bounds.iter().for_each(|bound| bytes.extend_from_slice(&bound.to_bits().to_le_bytes()));
        let of_bounds = if bounds.is_empty() { 0 } else { xxh3_64(&bytes) };
        Some(Self { key: cells.uint("series_id", row)? ^ of_bounds, time: cells.time("time", row)? })
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
    pub(super) bounds: Vec<f64>,
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

    /// Of a row with all columns; `None` where it is not what ingest writes.
    pub(super) fn read(cells: &Cells<'a>, row: usize) -> Option<Self> {
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
            head: DescriptionHead::read(cells, row)?,
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
            bounds: bounds_of(cells, row),
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

fn bounds_of(cells: &Cells<'_>, row: usize) -> Vec<f64> {
    let list = cells.list("bounds", row);
    list.and_then(|list| Some(list.as_primitive_opt::<Float64Type>()?.values().to_vec())).unwrap_or_default()
}
