//! The index itself: fed by descriptions of stored series, asked for Prometheus series.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Attributes, Table};
use promql::{Labels, METRIC_NAME};
use roaring::RoaringBitmap;

use super::families::Families;
use super::kept_labels::KeptLabels;
use super::pair_lists::PairLists;
use super::pairs::Pairs;
use crate::config::{ClassicHistograms, PrometheusView};
use crate::series::description::Description;
use crate::series::metadata::{MetricKind, MetricMetadata};
use crate::series::stored::{StoredSeries, Temporality};
use crate::series::translation::{
    Family, LabelSet, ResourceLabels, StoredKind, TARGET_INFO, bound_text, series_labels, target_info_labels,
};

/// What a description takes, about: the stored series, and its place in two tables.
const DESCRIPTION_BYTES: usize = 152;

/// What a resource takes besides its texts, about.
const RESOURCE_BYTES: usize = 256;

/// Which part of a stored series an ordinal shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::series) enum ViewKind {
    Value,
    Count,
    Sum,
    Bucket(f64),
    Quantile(f64),
    Native,
    TargetInfo,
}

/// A stored series that an ordinal shows, and which part of it.
#[derive(Clone, Debug)]
pub(in crate::series) struct Source {
    pub(in crate::series) stored: Arc<StoredSeries>,
    pub(in crate::series) view: ViewKind,
}

/// The ordinals of a description that is known.
#[derive(Clone, Debug)]
pub(in crate::series) struct Known {
    ordinals: Ordinals,
    target_info: Option<u32>,
}

/// Most series are seen as one.
#[derive(Clone, Debug)]
enum Ordinals {
    One(u32),
    Many(Box<[u32]>),
}

/// Prometheus series by number, from 0: the *ordinals*. Never shrinks; whoever holds it begins anew where most is dead.
#[derive(Debug, Default)]
pub(in crate::series) struct SeriesIndex {
    view: PrometheusView,
    pub(super) pairs: Pairs,
    pub(super) lists: PairLists,
    pub(super) families: Families,
    /// The first source of each ordinal.
    sources: Vec<Source>,
    /// Further ones, of the few that have any: Prometheus cannot tell them apart.
    more_sources: HashMap<u32, Vec<Source>>,
    known: HashMap<u64, Known>,
    resources: HashMap<u64, Resource>,
    kept_labels: KeptLabels,
    bytes: usize,
}

#[derive(Debug)]
struct Resource {
    labels: Arc<ResourceLabels>,
    target_info: Option<u32>,
}

impl Known {
    /// All of them, that of `target_info` among them.
    pub(in crate::series) fn iter(&self) -> impl Iterator<Item = u32> {
        let ordinals = match &self.ordinals {
            Ordinals::One(ordinal) => std::slice::from_ref(ordinal),
            Ordinals::Many(ordinals) => ordinals,
        };
        ordinals.iter().copied().chain(self.target_info)
    }
}

impl SeriesIndex {
    /// Without a series.
    pub(in crate::series) fn new(view: PrometheusView) -> Self {
        Self { view, ..Self::default() }
    }

    /// The same without a series.
    pub(in crate::series) fn anew(&self) -> Self {
        Self::new(self.view.clone())
    }

    /// The ordinals of a description with this key, if it came before.
    pub(in crate::series) fn known(&self, key: u64) -> Option<&Known> {
        self.known.get(&key)
    }

    /// Takes a description that is not known. [`Self::settle`] must follow before anything is asked.
    pub(in crate::series) fn describe(&mut self, row: &Description<'_>) {
        let (resource, target_info) = self.resource(row);
        let kind = row.kind;
        let family = if row.is_verbatim {
            Some(Family::verbatim(row.metric_name, row.unit, kind))
        } else {
            Family::translated(self.view.names, row.metric_name, row.unit, kind)
        };
        let mut ordinals = Vec::new();
        // A metric without a name is nothing that could be asked for.
        if let Some(family) = family {
            let labels = if row.is_verbatim {
                resource.verbatim(row.attributes)
            } else {
                series_labels(self.view.names, row.attributes, &resource)
            };
            let stored = Arc::new(StoredSeries {
                series_id: row.series_id,
                metric_name: self.pairs.shared(row.metric_name),
                resource_id: row.resource_id,
                table: row.table(),
                temporality: row.temporality,
                is_monotonic: kind.stored == StoredKind::Counter,
            });
            for (suffix, view) in self.views(row) {
                let name = format!("{}{suffix}", family.name);
                ordinals.push(self.see(&labels, &name, Source { stored: Arc::clone(&stored), view }));
            }
            let metadata = MetricMetadata { kind: family.kind, help: row.help.to_owned(), unit: family.unit };
            self.families.note(&family.metadata_name, metadata, row.head.time.get(), &ordinals);
        }
        self.bytes += DESCRIPTION_BYTES + size_of_val(&ordinals[..]);
        let ordinals = match ordinals[..] {
            [ordinal] => Ordinals::One(ordinal),
            _ => Ordinals::Many(ordinals.into()),
        };
        self.known.insert(row.head.key, Known { ordinals, target_info });
    }

    /// Ends a round of descriptions.
    pub(in crate::series) fn settle(&mut self) {
        self.pairs.sort();
    }

    /// How many series there are.
    pub(in crate::series) fn len(&self) -> u32 {
        self.lists.len()
    }

    /// The labels of an ordinal.
    pub(super) fn labels(&self, ordinal: u32) -> Labels {
        let pairs = self.lists.pairs(ordinal).iter();
        Labels::new(pairs.map(|pair| (Arc::clone(self.pairs.name_of(*pair)), Arc::clone(self.pairs.value_of(*pair)))))
    }

    /// The labels of these ordinals, in their order.
    pub(in crate::series) fn labels_of(&self, ordinals: &RoaringBitmap) -> Vec<Labels> {
        self.kept_labels.of(ordinals, |ordinal| self.labels(ordinal))
    }

    /// What an ordinal shows.
    pub(in crate::series) fn sources(&self, ordinal: u32) -> impl Iterator<Item = &Source> {
        let more = self.more_sources.get(&ordinal).into_iter().flatten();
        self.sources.get(ordinal as usize).into_iter().chain(more)
    }

    /// Bytes of memory, about.
    pub(in crate::series) fn bytes(&self) -> usize {
        self.bytes + self.pairs.bytes() + self.lists.bytes() + self.families.bytes() + self.kept_labels.bytes()
    }

    /// What Prometheus sees of a series: how the name ends, and which part.
    fn views(&self, row: &Description<'_>) -> Vec<(&'static str, ViewKind)> {
        let is_native = row.is_verbatim || self.view.classic_histograms == ClassicHistograms::Native;
        match row.kind.stored {
            StoredKind::Gauge | StoredKind::Counter | StoredKind::UpDown => vec![("", ViewKind::Value)],
            StoredKind::ExpHistogram => vec![("", ViewKind::Native)],
            StoredKind::Histogram if is_native => vec![("", ViewKind::Native)],
            StoredKind::Histogram => {
                let finite = row.bounds.iter().filter(|bound| **bound != f64::INFINITY);
                let buckets = finite.chain([&f64::INFINITY]).map(|upper| ("_bucket", ViewKind::Bucket(*upper)));
                buckets.chain([("_count", ViewKind::Count), ("_sum", ViewKind::Sum)]).collect()
            }
            StoredKind::Summary => {
                let quantiles = row.bounds.iter().map(|quantile| ("", ViewKind::Quantile(*quantile)));
                quantiles.chain([("_count", ViewKind::Count), ("_sum", ViewKind::Sum)]).collect()
            }
        }
    }

    /// The ordinal of these labels with a name and what the view adds, which shows the source from now on.
    fn see(&mut self, labels: &LabelSet, name: &str, source: Source) -> u32 {
        let bound = match source.view {
            ViewKind::Bucket(upper) => Some(("le", bound_text(upper))),
            ViewKind::Quantile(quantile) => Some(("quantile", bound_text(quantile))),
            _ => None,
        };
        let own = bound.iter().map(|(name, value)| (*name, value.as_str())).chain([(METRIC_NAME, name)]);
        let mut named: Vec<(&str, &str)> = own.collect();
        // What the view says replaces what the sender called the same.
        let kept = labels.iter().filter(|(name, _)| bound.as_ref().is_none_or(|(own, _)| own != name));
        named.extend(kept.map(|(name, value)| (name.as_str(), value.as_str())));
        named.sort_unstable_by_key(|(name, _)| *name);
        let next = self.lists.next();
        let pairs: Vec<u32> = named.iter().map(|(name, value)| self.pairs.number(name, value, next)).collect();
        let ordinal = self.lists.ordinal(&pairs);
        if ordinal == next {
            pairs.iter().for_each(|pair| self.pairs.add(*pair, ordinal));
            self.sources.push(source);
        } else if self.sources(ordinal).all(|known| !known.is_same(&source)) {
            self.more_sources.entry(ordinal).or_default().push(source);
            self.bytes += size_of::<Source>();
        }
        ordinal
    }

    /// What the resource adds to labels, and the ordinal of its `target_info`.
    fn resource(&mut self, row: &Description<'_>) -> (Arc<ResourceLabels>, Option<u32>) {
        if let Some(known) = self.resources.get(&row.resource_id) {
            return (Arc::clone(&known.labels), known.target_info);
        }
        let labels = Arc::new(ResourceLabels::new(&self.view, row.resource));
        let target_info = self.target_info(row.resource_id, row.resource, &labels, row.head.time.get());
        self.bytes += RESOURCE_BYTES + 2 * row.resource.as_bytes().len();
        self.resources.insert(row.resource_id, Resource { labels: Arc::clone(&labels), target_info });
        (labels, target_info)
    }

    fn target_info(&mut self, id: u64, resource: Attributes<'_>, labels: &ResourceLabels, time: i64) -> Option<u32> {
        let labels = target_info_labels(self.view.names, resource, labels)?;
        let stored = StoredSeries {
            series_id: 0,
            metric_name: TARGET_INFO.into(),
            resource_id: id,
            table: Table::Sightings,
            temporality: Temporality::None,
            is_monotonic: false,
        };
        let source = Source { stored: Arc::new(stored), view: ViewKind::TargetInfo };
        let ordinal = self.see(&labels, TARGET_INFO, source);
        let (help, unit) = ("Target metadata".to_owned(), String::new());
        self.families.note(TARGET_INFO, MetricMetadata { kind: MetricKind::Gauge, help, unit }, time, &[ordinal]);
        Some(ordinal)
    }
}

impl Source {
    fn is_same(&self, other: &Self) -> bool {
        let of = |source: &Self| (source.stored.table, source.stored.resource_id, source.stored.series_id);
        of(self) == of(other) && self.view == other.view
    }
}
