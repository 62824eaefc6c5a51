//! In how many suspect traces and in how many others each attribute value occurs. Bounded, and what is counted does
//! not depend on the order of traces.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::contrast::Side;

/// Keys that are counted: the first ones by their names, since any other choice would depend on the order of traces.
/// Instrumentation sends some dozens.
pub(super) const KEYS_MAX: usize = 256;

/// Values of one key that are counted. A key with more is an id, a time or an address, which no two traces share, and
/// is left out as a whole. Pods and nodes of a cluster fit.
pub(super) const VALUES_PER_KEY_MAX: usize = 1_000;

/// Traces that have a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) suspects: usize,
    pub(super) others: usize,
    /// The last trace that was counted, by its number from 1 on, so that a trace is counted once.
    last_trace: usize,
}

/// The values of one key.
enum Values<'a> {
    Counted(HashMap<&'a str, Count>),
    TooMany,
}

/// All counts.
#[derive(Default)]
pub(super) struct Tally<'a> {
    keys: BTreeMap<&'a str, Values<'a>>,
    keys_left_out: bool,
    traces: usize,
}

impl<'a> Tally<'a> {
    /// Counts one trace.
    pub(super) fn add(&mut self, attributes: &[(&'a str, &'a str)], side: Side) {
        self.traces += 1;
        for &(key, value) in attributes {
            if self.makes_room(key) {
                self.add_pair(key, value, side);
            }
        }
    }

    /// Whether the key is counted. The last key makes room for one before it, and does not come back: every key that
    /// stays is before it.
    fn makes_room(&mut self, key: &str) -> bool {
        if self.keys.len() < KEYS_MAX || self.keys.contains_key(key) {
            return true;
        }
        self.keys_left_out = true;
        if self.keys.last_key_value().is_some_and(|(last, _)| *last < key) {
            return false;
        }
        self.keys.pop_last();
        true
    }

    fn add_pair(&mut self, key: &'a str, value: &'a str, side: Side) {
        let values = match self.keys.entry(key) {
            Entry::Vacant(vacant) => vacant.insert(Values::Counted(HashMap::new())),
            Entry::Occupied(occupied) => occupied.into_mut(),
        };
        let Values::Counted(counts) = values else { return };
        if counts.len() == VALUES_PER_KEY_MAX && !counts.contains_key(value) {
            *values = Values::TooMany;
            return;
        }
        let count = counts.entry(value).or_default();
        if count.last_trace != self.traces {
            count.last_trace = self.traces;
            match side {
                Side::Suspect => count.suspects += 1,
                Side::Other => count.others += 1,
            }
        }
    }

    /// Whether there are keys that were not counted because there are too many keys.
    pub(super) fn keys_left_out(&self) -> bool {
        self.keys_left_out
    }

    /// The keys that have too many values, in their order.
    pub(super) fn keys_of_many_values(&self) -> Vec<&'a str> {
        self.keys.iter().filter(|(_, values)| matches!(values, Values::TooMany)).map(|(&key, _)| key).collect()
    }

    /// Every key, value and count, in no order.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'a str, &'a str, Count)> {
        self.keys.iter().flat_map(|(&key, values)| {
            let counts = match values {
                Values::Counted(counts) => Some(counts.iter()),
                Values::TooMany => None,
            };
            counts.into_iter().flatten().map(move |(&value, &count)| (key, value, count))
        })
    }
}
