//! How many series have each metric, label, value and pair.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use promql::METRIC_NAME;
use roaring::RoaringBitmap;

use super::series_index::SeriesIndex;
use crate::series::cardinality::{Cardinality, Counted};

impl SeriesIndex {
    /// How many of these series have what; of each list at most so many.
    pub(in crate::series) fn count(&self, series: &RoaringBitmap, limit: usize) -> Cardinality {
        let has_all = self.has_all(series);
        let series_with = |pair: u32| {
            let posting = &self.pairs.pair(pair).series;
            if has_all { posting.len() } else { posting.len_in(series) }
        };
        let mut label_pairs = 0;
        let [mut by_metric, mut by_pair, mut values, mut bytes] = std::array::from_fn(|_| Most::new(limit));
        for (number, label) in (0..).zip(self.pairs.labels()) {
            let (mut values_here, mut bytes_here) = (0, 0);
            for pair in label.pairs.iter().copied() {
                let count = series_with(pair);
                if count == 0 {
                    continue;
                }
                values_here += 1;
                bytes_here += count * self.pairs.value_of(pair).len() as u64;
                by_pair.add(count, pair);
                if **self.pairs.name(label) == *METRIC_NAME {
                    by_metric.add(count, pair);
                }
            }
            label_pairs += values_here;
            values.add(values_here, number);
            bytes.add(bytes_here, number);
        }
        let name = |label: u32| self.pairs.name(&self.pairs.labels()[label as usize]).to_string();
        let pair = |pair: u32| format!("{}={}", self.pairs.name_of(pair), self.pairs.value_of(pair));
        Cardinality {
            series: series.len(),
            label_pairs,
            times: None,
            series_by_metric: by_metric.into_counted(|metric| self.pairs.value_of(metric).to_string()),
            values_by_label: values.into_counted(name),
            bytes_by_label: bytes.into_counted(name),
            series_by_pair: by_pair.into_counted(pair),
            warnings: Vec::new(),
        }
    }
}

/// Those of which there are most.
#[derive(Debug)]
struct Most {
    limit: usize,
    /// Counts and what has them, the least on top.
    heap: BinaryHeap<Reverse<(u64, Reverse<u32>)>>,
}

impl Most {
    fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    fn add(&mut self, count: u64, of: u32) {
        if count > 0 {
            self.heap.push(Reverse((count, Reverse(of))));
            if self.heap.len() > self.limit {
                self.heap.pop();
            }
        }
    }

    /// The greatest first, and by name.
    fn into_counted(self, name: impl Fn(u32) -> String) -> Vec<Counted> {
        let named = |Reverse((count, Reverse(of)))| Counted { name: name(of), count };
        let mut counted: Vec<Counted> = self.heap.into_iter().map(named).collect();
        counted.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        counted
    }
}
