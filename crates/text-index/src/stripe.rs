//! The distinct words of consecutive rows.

use std::hash::{BuildHasher, RandomState};

/// Rows of a stripe, which is what an index tells apart: row `r` is in stripe `r / STRIPE_ROWS`.
///
/// With a document per row, each word of each row would cost an entry. Words repeat from row to row, so a stripe costs a
/// fraction, and reading the rows of one takes less time than opening the page they are in.
pub const STRIPE_ROWS: usize = 64;

/// A set of words, emptied and filled again for each stripe.
///
/// Compares words, not only their hashes: a word taken for another would be missed by the index.
#[derive(Debug)]
pub(crate) struct Stripe {
    /// The words, each followed by [`SEPARATOR`].
    text: String,
    /// Hash, start and end of each word, by open addressing; a power of two of slots, of which at most half are taken.
    slots: Vec<Option<(u64, u32, u32)>>,
    taken: usize,
    random: RandomState,
}

/// Stands between words, and in none.
pub(crate) const SEPARATOR: char = '\n';

const SLOTS_MIN: usize = 1_024;

impl Stripe {
    pub(crate) fn new() -> Self {
        // Seeded at random: rows are from outside, and could be made to meet in one slot.
        Self { text: String::new(), slots: vec![None; SLOTS_MIN], taken: 0, random: RandomState::new() }
    }

    /// Adds a word, which does not hold the [`SEPARATOR`].
    pub(crate) fn add(&mut self, word: &str) {
        if self.taken * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = self.random.hash_one(word);
        let mut slot = hash as usize & (self.slots.len() - 1);
        while let Some((other, start, end)) = self.slots[slot] {
            if other == hash && &self.text[start as usize..end as usize] == word {
                return;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let start = self.text.len() as u32;
        self.text.push_str(word);
        self.slots[slot] = Some((hash, start, self.text.len() as u32));
        self.text.push(SEPARATOR);
        self.taken += 1;
    }

    /// The words added since the last time, each followed by [`SEPARATOR`].
    pub(crate) fn take(&mut self) -> String {
        self.slots.truncate(SLOTS_MIN);
        self.slots.fill(None);
        self.taken = 0;
        std::mem::take(&mut self.text)
    }

    fn grow(&mut self) {
        let larger = vec![None; self.slots.len() * 2];
        for entry in std::mem::replace(&mut self.slots, larger).into_iter().flatten() {
            let mut slot = entry.0 as usize & (self.slots.len() - 1);
            while self.slots[slot].is_some() {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = Some(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_kept_once_and_the_next_stripe_begins_empty() {
        let mut stripe = Stripe::new();
        for round in 0..3 {
            ["b", "a", "b", "ab", "a"].iter().for_each(|word| stripe.add(word));
            assert_eq!(stripe.take(), "b\na\nab\n", "round {round}");
            assert_eq!(stripe.take(), "");
        }
        let words: Vec<String> = (0..5_000).map(|number| number.to_string()).collect();
        words.iter().chain(&words).for_each(|word| stripe.add(word));
        assert_eq!(stripe.take().lines().collect::<Vec<_>>(), words);
    }
}
