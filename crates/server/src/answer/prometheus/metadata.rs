//! What metrics are about, their exemplars, and how many series there are.

use std::collections::BTreeMap;

use model::UnixNanos;
use promql::Labels;
use protocol::{HeadStats, MetricMetadata, NamedCount, PromExemplar, PromLabels, SeriesExemplars, TsdbStatus};
use query::{Cardinality, Counted};

use super::number::{time_number, value_text};

/// What metrics are about, by their names.
pub(crate) fn metadata_data(
    found: BTreeMap<String, Vec<query::MetricMetadata>>,
) -> BTreeMap<String, Vec<MetricMetadata>> {
    let entry = |metadata: query::MetricMetadata| {
        let query::MetricMetadata { kind, help, unit } = metadata;
        MetricMetadata { kind: kind.text().to_owned(), help, unit }
    };
    found.into_iter().map(|(metric, entries)| (metric, entries.into_iter().map(entry).collect())).collect()
}

/// Exemplars, series by series.
pub(crate) fn exemplars_data(found: Vec<query::SeriesExemplars>) -> Vec<SeriesExemplars> {
    let exemplar = |exemplar: query::SeriesExemplar| PromExemplar {
        labels: labels(&exemplar.labels),
        value: value_text(exemplar.value),
        timestamp: time_number(millis(exemplar.time)),
    };
    let of_series = |series: query::SeriesExemplars| SeriesExemplars {
        series_labels: labels(&series.labels),
        exemplars: series.exemplars.into_iter().map(exemplar).collect(),
    };
    found.into_iter().map(of_series).collect()
}

fn millis(time: UnixNanos) -> i64 {
    time.get().div_euclid(1_000_000)
}

fn labels(labels: &Labels) -> PromLabels {
    labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// How many series there are, and what makes them many.
pub(crate) fn tsdb_data(found: Cardinality) -> TsdbStatus {
    let counts = |counted: Vec<Counted>| -> Vec<NamedCount> {
        counted.into_iter().map(|Counted { name, count }| NamedCount { name, value: count }).collect()
    };
    // Without series Prometheus gives the ends of what it can count to, so that any sample widens the range.
    let (min_time, max_time) = found.times.map_or((i64::MAX, i64::MIN), |(first, last)| (millis(first), millis(last)));
    TsdbStatus {
        head_stats: HeadStats {
            num_series: found.series,
            num_label_pairs: found.label_pairs,
            chunk_count: 0,
            min_time,
            max_time,
        },
        series_count_by_metric_name: counts(found.series_by_metric),
        label_value_count_by_label_name: counts(found.values_by_label),
        memory_in_bytes_by_label_name: counts(found.bytes_by_label),
        series_count_by_label_value_pair: counts(found.series_by_pair),
    }
}
