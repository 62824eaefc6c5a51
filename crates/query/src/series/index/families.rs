//! What is said of metrics: kind, help and unit, by whom.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use crate::series::metadata::MetricMetadata;

/// Descriptions of one metric that are held: where there are more, somebody writes what changes into them.
const DESCRIPTIONS_MAX: usize = 16;

/// What a metric and each description of it take besides their texts, about.
const ENTRY_BYTES: usize = 160;

/// Metrics by the names that metadata has.
#[derive(Debug, Default)]
pub(super) struct Families {
    by_name: HashMap<String, Vec<Described>>,
    bytes: usize,
}

#[derive(Debug)]
struct Described {
    metadata: MetricMetadata,
    /// Of the newest series that was described so.
    newest: i64,
    /// The ordinals that were described so.
    series: RoaringBitmap,
}

impl Families {
    /// Notes what was said of a metric, when, and with which series.
    pub(super) fn note(&mut self, name: &str, metadata: MetricMetadata, time: i64, ordinals: &[u32]) {
        if !self.by_name.contains_key(name) {
            self.bytes += name.len() + ENTRY_BYTES;
            self.by_name.insert(name.to_owned(), Vec::new());
        }
        let Some(known) = self.by_name.get_mut(name) else { return };
        let at = match known.iter().position(|described| described.metadata == metadata) {
            Some(at) => at,
            None => {
                if known.len() >= DESCRIPTIONS_MAX
                    && let Some(oldest) = (0..known.len()).min_by_key(|at| known[*at].newest)
                {
                    known.swap_remove(oldest);
                }
                self.bytes += metadata.help.len() + metadata.unit.len() + ENTRY_BYTES;
                known.push(Described { metadata, newest: i64::MIN, series: RoaringBitmap::new() });
                known.len() - 1
            }
        };
        let described = &mut known[at];
        described.newest = described.newest.max(time);
        described.series.extend(ordinals.iter().copied());
    }

    /// What is said of one metric, or of all, with any of these series; the newest first, in no order of metrics.
    pub(super) fn find<'a>(
        &'a self,
        metric: Option<&'a str>,
        series: &'a RoaringBitmap,
    ) -> impl Iterator<Item = (&'a str, Vec<&'a MetricMetadata>)> {
        let named = metric.map(|metric| self.by_name.get_key_value(metric));
        let all = named.is_none().then(|| self.by_name.iter());
        named.flatten().into_iter().chain(all.into_iter().flatten()).filter_map(|(name, described)| {
            let mut said: Vec<_> = described.iter().filter(|said| !said.series.is_disjoint(series)).collect();
            said.sort_by_key(|said| std::cmp::Reverse(said.newest));
            (!said.is_empty()).then(|| (name.as_str(), said.into_iter().map(|said| &said.metadata).collect()))
        })
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
