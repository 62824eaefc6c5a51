//! The tables: one per kind of row that is stored, each with a constant schema.
//!
//! | table | one row is | sorted by |
//! |---|---|---|
//! | `logs` | one log record | who sent it, time |
//! | `spans` | one span | who sent it, start |
//! | `links` | one link to a span of another trace, found by where it leads | who sent it, time |
//! | `metric_numbers` | one point of a gauge or sum | metric, series, time |
//! | `metric_histograms` | one point of a classic histogram | metric, series, time |
//! | `metric_exp_histograms` | one point of an exponential histogram | metric, series, time |
//! | `metric_summaries` | one point of a summary | metric, series, time |
//! | `exemplars` | one exemplar of a point | metric, series, time |
//! | `series` | what a series is: its metric, labels and resource, for each hour of a flush | metric, series |
//! | `calls` | what a caller asked of an operation in a minute | callee, caller and operation, time |
//! | `repairs` | what was repaired in a trace for one cause | service and kind, time |
//! | `clocks` | what calls said of the clocks of two hosts in five minutes | hosts, time |
//! | `sightings` | one resource in one flush | who it is, time |
//!
//! The last four are *digests*: nobody sends them; they are worked out of the others at a flush.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::SchemaRef;

use crate::{Signal, digests, links, logs, metrics, spans};

/// One kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Log records.
    Logs,
    /// Spans.
    Spans,
    /// Links between traces, found by where they lead.
    Links,
    /// Points of gauges and sums.
    MetricNumbers,
    /// Points of classic histograms.
    MetricHistograms,
    /// Points of exponential histograms.
    MetricExpHistograms,
    /// Points of summaries.
    MetricSummaries,
    /// Exemplars of points.
    Exemplars,
    /// What each series is.
    Series,
    /// Who called whom.
    Calls,
    /// What stitching repaired.
    Repairs,
    /// How far the clocks of hosts are apart.
    Clocks,
    /// Who was there.
    Sightings,
}

/// A name that is not a table's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no table {0:?}")]
pub struct UnknownTable(String);

impl Table {
    /// Every table.
    pub const ALL: [Self; 13] = [
        Self::Logs,
        Self::Spans,
        Self::Links,
        Self::MetricNumbers,
        Self::MetricHistograms,
        Self::MetricExpHistograms,
        Self::MetricSummaries,
        Self::Exemplars,
        Self::Series,
        Self::Calls,
        Self::Repairs,
        Self::Clocks,
        Self::Sightings,
    ];

    /// Those that are worked out of the others when these are flushed.
    pub const DIGESTS: [Self; 4] = [Self::Calls, Self::Repairs, Self::Clocks, Self::Sightings];

    /// The name in SQL, in folders and in the catalog.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Spans => "spans",
            Self::Links => "links",
            Self::MetricNumbers => "metric_numbers",
            Self::MetricHistograms => "metric_histograms",
            Self::MetricExpHistograms => "metric_exp_histograms",
            Self::MetricSummaries => "metric_summaries",
            Self::Exemplars => "exemplars",
            Self::Series => "series",
            Self::Calls => "calls",
            Self::Repairs => "repairs",
            Self::Clocks => "clocks",
            Self::Sightings => "sightings",
        }
    }

    /// The signal its rows come from.
    pub fn signal(self) -> Signal {
        match self {
            Self::Logs => Signal::Logs,
            // What tells of all signals, too, is told by traces most of all.
            Self::Spans | Self::Links | Self::Calls | Self::Repairs | Self::Clocks | Self::Sightings => Signal::Traces,
            _ => Signal::Metrics,
        }
    }

    /// The columns. The same for every block and batch of the table.
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Logs => logs::schema(),
            Self::Spans => spans::schema(),
            Self::Links => links::schema(),
            Self::MetricNumbers => metrics::numbers_schema(),
            Self::MetricHistograms => metrics::histograms_schema(),
            Self::MetricExpHistograms => metrics::exp_histograms_schema(),
            Self::MetricSummaries => metrics::summaries_schema(),
            Self::Exemplars => metrics::exemplars_schema(),
            Self::Series => metrics::series_schema(),
            Self::Calls => digests::calls_schema(),
            Self::Repairs => digests::repairs_schema(),
            Self::Clocks => digests::clocks_schema(),
            Self::Sightings => digests::sightings_schema(),
        }
    }

    /// The column that a row's time range and hour folder are read from.
    pub fn time_column(self) -> &'static str {
        if self == Self::Spans { "start_time" } else { "time" }
    }

    /// The columns that rows of a block are sorted by, most significant first.
    pub fn sort_columns(self) -> &'static [&'static str] {
        match self {
            Self::Logs | Self::Links | Self::Sightings => {
                &["deployment_environment", "service_namespace", "service_name", "resource_id", "time"]
            }
            Self::Spans => {
                &["deployment_environment", "service_namespace", "service_name", "resource_id", "start_time"]
            }
            Self::Calls => &["deployment_environment", "callee", "group_id", "time"],
            Self::Repairs => &["service", "group_id", "time"],
            Self::Clocks => &["host", "group_id", "time"],
            // What is measured together has the same times: series of one resource stand together, so that their
            // times repeat within a page.
            _ => &["metric_name", "resource_id", "series_id", "time"],
        }
    }

    /// The columns that words are searched in. None for tables without text.
    pub fn text_columns(self) -> &'static [&'static str] {
        match self {
            Self::Logs => &["body"],
            Self::Spans => &["name", "status_message"],
            _ => &[],
        }
    }

    /// Whether each row is of one resource. Other rows are kept as long as anything of their tenant.
    pub fn is_of_resources(self) -> bool {
        !matches!(self, Self::Calls | Self::Repairs | Self::Clocks)
    }

    /// Whether rows carry a `trace_id`, so that a block keeps an index of trace ids.
    pub fn has_trace_id(self) -> bool {
        matches!(self, Self::Logs | Self::Spans | Self::Links | Self::Exemplars | Self::Repairs)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Table {
    type Err = UnknownTable;

    fn from_str(name: &str) -> Result<Self, UnknownTable> {
        Self::ALL.into_iter().find(|table| table.name() == name).ok_or_else(|| UnknownTable(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_schema_has_the_columns_that_the_table_names() {
        for table in Table::ALL {
            assert_eq!(table.name().parse(), Ok(table));
            let schema = table.schema();
            for column in table.sort_columns().iter().chain([&table.time_column()]) {
                assert!(schema.index_of(column).is_ok(), "{table} has no column {column}");
            }
            assert_eq!(schema.index_of("trace_id").is_ok(), table.has_trace_id(), "{table}");
            assert_eq!(schema.index_of("resource_id").is_ok(), table.is_of_resources(), "{table}");
        }
    }
}
