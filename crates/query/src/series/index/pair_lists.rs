//! The pairs of each ordinal.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

/// What an ordinal takes besides its pairs, about: where they end, and its place in the table.
const LIST_BYTES: usize = 48;

/// A list of pairs for each ordinal, no two alike. Ordinals are given out from 0.
#[derive(Debug, Default)]
pub(super) struct PairLists {
    pairs: Vec<u32>,
    ends: Vec<usize>,
    /// By the hash of the list; where another list has it, by the next number that is free.
    by_hash: HashMap<u64, u32>,
}

impl PairLists {
    /// The ordinal that the next new list gets.
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("memory is bounded far below 2^32 series")
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.next()
    }

    /// The ordinal of the list, [`Self::next`] where it is new.
    pub(super) fn ordinal(&mut self, pairs: &[u32]) -> u32 {
        let mut hash = hash_of(pairs);
        while let Some(known) = self.by_hash.get(&hash) {
            if self.pairs(*known) == pairs {
                return *known;
            }
            hash = hash.wrapping_add(1);
        }
        let ordinal = self.next();
        self.pairs.extend_from_slice(pairs);
        self.ends.push(self.pairs.len());
        self.by_hash.insert(hash, ordinal);
        ordinal
    }

    /// The pairs of an ordinal that was given out.
    pub(super) fn pairs(&self, ordinal: u32) -> &[u32] {
        let at = ordinal as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.pairs[start..self.ends[at]]
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.pairs.len() * size_of::<u32>() + self.ends.len() * LIST_BYTES
    }
}

fn hash_of(pairs: &[u32]) -> u64 {
    let mut bytes = Vec::with_capacity(size_of_val(pairs));
    pairs.iter().for_each(|pair| bytes.extend_from_slice(&pair.to_le_bytes()));
    xxh3_64(&bytes)
}
