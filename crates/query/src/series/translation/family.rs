//! A metric as Prometheus knows it: a family of series with a name, a kind and a unit.

use super::metric_name::metric_name;
use super::unit::unit_word;
use crate::config::NameTranslation;
use crate::series::metadata::MetricKind;
use crate::series::stored::Temporality;

/// What kind of points a metric has, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::series) enum StoredKind {
    Gauge,
    /// A monotonic sum.
    Counter,
    /// A sum that goes up and down.
    UpDown,
    Histogram,
    ExpHistogram,
    Summary,
}

impl StoredKind {
    /// By the words of `series`; `None` for a word that is not one of them.
    pub(in crate::series) fn of_words(kind: &str, is_monotonic: Option<bool>) -> Option<Self> {
        Some(match kind {
            "gauge" => Self::Gauge,
            "sum" if is_monotonic == Some(true) => Self::Counter,
            "sum" => Self::UpDown,
            "histogram" => Self::Histogram,
            "exponential_histogram" => Self::ExpHistogram,
            "summary" => Self::Summary,
            _ => return None,
        })
    }
}

/// What of a metric's description says what Prometheus makes of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::series) struct FamilyKind<'a> {
    pub(in crate::series) stored: StoredKind,
    pub(in crate::series) temporality: Temporality,
    /// What the sender said in Prometheus' words, where it did.
    pub(in crate::series) said: Option<&'a str>,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::series) struct Family {
    /// The name that its series have, or begin with.
    pub(in crate::series) name: String,
    /// The name that metadata has, which is without what parts of a histogram end in.
    pub(in crate::series) metadata_name: String,
    pub(in crate::series) kind: MetricKind,
    pub(in crate::series) unit: String,
}

impl Family {
    /// Of an OTLP metric; `None` where nothing is left of its name.
    pub(in crate::series) fn translated(
        names: NameTranslation,
        name: &str,
        unit: &str,
        kind: FamilyKind<'_>,
    ) -> Option<Self> {
        let name = metric_name(names, name, unit, kind.stored)?;
        Some(Self { metadata_name: name.clone(), name, kind: kind.metric_kind(), unit: unit_word(unit) })
    }

    /// Of a metric that is as Prometheus has it.
    pub(in crate::series) fn verbatim(name: &str, unit: &str, kind: FamilyKind<'_>) -> Self {
        let kind = kind.metric_kind();
        let suffixes: &[&str] = match kind {
            MetricKind::Histogram | MetricKind::GaugeHistogram => &["_bucket", "_sum", "_count"],
            MetricKind::Summary => &["_sum", "_count"],
            _ => &[],
        };
        let part_of = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|name| !name.is_empty());
        let metadata_name = part_of.unwrap_or(name).to_owned();
        Self { name: name.to_owned(), metadata_name, kind, unit: unit.to_owned() }
    }
}

impl FamilyKind<'_> {
    fn metric_kind(self) -> MetricKind {
        if let Some(kind) = self.said.and_then(MetricKind::of_text) {
            return kind;
        }
        // Prometheus has no kind for what does not accumulate.
        let is_delta = self.temporality == Temporality::Delta;
        match self.stored {
            StoredKind::Gauge | StoredKind::UpDown if !is_delta => MetricKind::Gauge,
            StoredKind::Counter if !is_delta => MetricKind::Counter,
            StoredKind::Histogram | StoredKind::ExpHistogram if !is_delta => MetricKind::Histogram,
            StoredKind::Summary => MetricKind::Summary,
            _ => MetricKind::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_of_deltas_is_of_no_kind_that_prometheus_has() {
        let of = |stored, temporality| FamilyKind { stored, temporality, said: None }.metric_kind();
        assert_eq!(of(StoredKind::Counter, Temporality::Cumulative), MetricKind::Counter);
        assert_eq!(of(StoredKind::Counter, Temporality::Delta), MetricKind::Unknown);
        assert_eq!(of(StoredKind::UpDown, Temporality::Cumulative), MetricKind::Gauge);
        assert_eq!(of(StoredKind::ExpHistogram, Temporality::Cumulative), MetricKind::Histogram);
        assert_eq!(of(StoredKind::Histogram, Temporality::Delta), MetricKind::Unknown);
        assert_eq!(of(StoredKind::Summary, Temporality::None), MetricKind::Summary);
    }

    #[test]
    fn parts_of_a_histogram_from_prometheus_have_its_metadata() {
        let family = |name, said| {
            let kind = FamilyKind { stored: StoredKind::Gauge, temporality: Temporality::None, said };
            let family = Family::verbatim(name, "seconds", kind);
            (family.name, family.metadata_name, family.kind)
        };
        let expected = |name: &str, metadata: &str, kind| (name.to_owned(), metadata.to_owned(), kind);
        assert_eq!(family("a_bucket", Some("histogram")), expected("a_bucket", "a", MetricKind::Histogram));
        assert_eq!(family("a_bucket", None), expected("a_bucket", "a_bucket", MetricKind::Gauge));
        assert_eq!(family("a_sum", Some("summary")), expected("a_sum", "a", MetricKind::Summary));
        assert_eq!(family("_sum", Some("summary")), expected("_sum", "_sum", MetricKind::Summary));
        assert_eq!(family("up", Some("nonsense")), expected("up", "up", MetricKind::Gauge));
    }
}
