//! What labels and values a set of series has, and what is said of their metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::series_index::SeriesIndex;
use crate::series::metadata::MetricMetadata;

/// Series have about so many pairs, which is what looking at one costs in pairs.
const PAIRS_OF_SERIES: u64 = 10;

impl SeriesIndex {
    /// The names of labels of these series, sorted.
    pub(in crate::series) fn names_of(&self, series: &RoaringBitmap) -> Vec<Arc<str>> {
        let labels = self.pairs.labels().iter().filter(|label| !label.series.is_disjoint(series));
        let mut names: Vec<_> = labels.map(|label| Arc::clone(self.pairs.name(label))).collect();
        names.sort_unstable();
        names
    }

    /// The values that a label has of these series, sorted, at most so many.
    pub(in crate::series) fn values_of(&self, name: &str, series: &RoaringBitmap, at_most: usize) -> Vec<Arc<str>> {
        let Some(label) = self.pairs.label(name) else { return Vec::new() };
        let shared = |pair: u32| Arc::clone(self.pairs.value_of(pair));
        if self.has_all(series) {
            return label.pairs.iter().take(at_most).map(|pair| shared(*pair)).collect();
        }
        let of_label = &label.series & series;
        if of_label.len() * PAIRS_OF_SERIES < label.pairs.len() as u64 {
            let values = of_label.iter().filter_map(|ordinal| {
                let mut pairs = self.lists.pairs(ordinal).iter();
                Some(shared(*pairs.find(|pair| **self.pairs.name_of(**pair) == *name)?))
            });
            let mut values: Vec<_> = values.collect();
            values.sort_unstable();
            values.dedup();
            values.truncate(at_most);
            return values;
        }
        let pairs = label.pairs.iter().filter(|pair| self.pairs.pair(**pair).series.meets(&of_label));
        pairs.take(at_most).map(|pair| shared(*pair)).collect()
    }

    /// What is said of metrics with any of these series; of each the newest first.
    pub(in crate::series) fn metadata_of(
        &self,
        metric: Option<&str>,
        series: &RoaringBitmap,
    ) -> BTreeMap<String, Vec<MetricMetadata>> {
        let said = self.families.find(metric, series);
        said.map(|(name, said)| (name.to_owned(), said.into_iter().cloned().collect())).collect()
    }

    /// Whether these are all that the index has.
    pub(super) fn has_all(&self, series: &RoaringBitmap) -> bool {
        series.len() == u64::from(self.len())
    }
}
