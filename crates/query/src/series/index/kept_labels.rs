//! Labels that were asked for, kept for whoever asks again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use promql::Labels;
use roaring::RoaringBitmap;

/// What labels that are kept take, about.
const LABELS_BYTES: usize = 400;

/// Labels that are kept: what a few dashboards show. They are the same for as long as the index is.
const KEPT_MAX: usize = 65_536;

/// By ordinal.
#[derive(Debug, Default)]
pub(super) struct KeptLabels {
    labels: Mutex<HashMap<u32, Labels>>,
}

impl KeptLabels {
    /// The labels of these ordinals in their order, made where they are not kept.
    pub(super) fn of(&self, ordinals: &RoaringBitmap, make: impl Fn(u32) -> Labels) -> Vec<Labels> {
        if ordinals.len() > KEPT_MAX as u64 {
            return ordinals.iter().map(make).collect();
        }
        let mut kept = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let labels: Vec<Labels> =
            ordinals.iter().map(|ordinal| kept.entry(ordinal).or_insert_with(|| make(ordinal)).clone()).collect();
        if kept.len() > KEPT_MAX {
            // What was asked last is what is asked next; of the rest nobody knows.
            *kept = ordinals.iter().zip(labels.iter().cloned()).collect();
        }
        labels
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner).len() * LABELS_BYTES
    }
}
