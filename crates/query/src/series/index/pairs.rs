//! Labels, the values of each, and which ordinals have them.

use std::collections::HashMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::posting::Posting;
use super::texts::Texts;

/// What a pair takes, about: itself, its place in two tables, and its posting without members.
const PAIR_BYTES: usize = 72;

/// What a member of a posting takes, about, of a pair and of its label.
const MEMBER_BYTES: usize = 3;

/// A label: a name, and the values that it has.
#[derive(Debug)]
pub(super) struct Label {
    name: u32,
    /// The ordinals that have it, whatever the value.
    pub(super) series: RoaringBitmap,
    /// Its pairs; the first `sorted` of them by value.
    pub(super) pairs: Vec<u32>,
    sorted: usize,
}

/// A label with one value.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) label: u32,
    value: u32,
    /// The ordinals that have it.
    pub(super) series: Posting,
}

/// All of them, by number.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    texts: Texts,
    labels: Vec<Label>,
    /// By the number of the name's text.
    label_numbers: HashMap<u32, u32>,
    pairs: Vec<Pair>,
    /// By the label, and the number of the value's text.
    pair_numbers: HashMap<(u32, u32), u32>,
    unsorted: Vec<u32>,
    members: usize,
}

impl Pairs {
    /// The number of the pair, which the ordinal has from now on if it is new. The caller adds the ordinal to a pair that
    /// is known.
    pub(super) fn number(&mut self, name: &str, value: &str, ordinal: u32) -> u32 {
        let label = self.label_number(name);
        let value = self.texts.number(value);
        if let Some(pair) = self.pair_numbers.get(&(label, value)) {
            return *pair;
        }
        let pair = u32::try_from(self.pairs.len()).expect("memory is bounded far below 2^32 pairs");
        self.pairs.push(Pair { label, value, series: Posting::One(ordinal) });
        self.pair_numbers.insert((label, value), pair);
        let of = &mut self.labels[label as usize];
        if of.sorted == of.pairs.len() {
            self.unsorted.push(label);
        }
        of.pairs.push(pair);
        pair
    }

    /// Notes that the ordinal has the pair.
    pub(super) fn add(&mut self, pair: u32, ordinal: u32) {
        let pair = &mut self.pairs[pair as usize];
        pair.series.insert(ordinal);
        self.labels[pair.label as usize].series.insert(ordinal);
        self.members += 1;
    }

    fn label_number(&mut self, name: &str) -> u32 {
        let name = self.texts.number(name);
        let next = u32::try_from(self.labels.len()).expect("memory is bounded far below 2^32 labels");
        let number = *self.label_numbers.entry(name).or_insert(next);
        if number == next {
            self.labels.push(Label { name, series: RoaringBitmap::new(), pairs: Vec::new(), sorted: 0 });
        }
        number
    }

    /// Sorts the values that came since the last time.
    pub(super) fn sort(&mut self) {
        for label in std::mem::take(&mut self.unsorted) {
            let Label { pairs, sorted, .. } = &mut self.labels[label as usize];
            let value = |pair: &u32| &**self.texts.text(self.pairs[*pair as usize].value);
            pairs[*sorted..].sort_unstable_by(|a, b| value(a).cmp(value(b)));
            // Few come to many: each finds its place from the end, and what stands behind it moves at once.
            let new = pairs.split_off(*sorted);
            let mut merged = Vec::with_capacity(pairs.len() + new.len());
            let mut rest = &pairs[..];
            for pair in new {
                let before = rest.partition_point(|known| value(known) < value(&pair));
                merged.extend_from_slice(&rest[..before]);
                merged.push(pair);
                rest = &rest[before..];
            }
            merged.extend_from_slice(rest);
            (*sorted, *pairs) = (merged.len(), merged);
        }
    }

    /// A text that is held once, whatever it is of.
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        let number = self.texts.number(text);
        Arc::clone(self.texts.text(number))
    }

    /// The label with this name.
    pub(super) fn label(&self, name: &str) -> Option<&Label> {
        let number = self.label_numbers.get(&self.texts.known(name)?)?;
        Some(&self.labels[*number as usize])
    }

    /// The number of the label with this name.
    pub(super) fn label_with(&self, name: &str) -> Option<u32> {
        self.label_numbers.get(&self.texts.known(name)?).copied()
    }

    /// Every label, in no order.
    pub(super) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The pair of this label and value.
    pub(super) fn pair_with(&self, name: &str, value: &str) -> Option<&Pair> {
        let pair = self.pair_numbers.get(&(self.label_with(name)?, self.texts.known(value)?))?;
        Some(&self.pairs[*pair as usize])
    }

    /// The pair with a number that was given out.
    pub(super) fn pair(&self, number: u32) -> &Pair {
        &self.pairs[number as usize]
    }

    /// The label's name.
    pub(super) fn name(&self, label: &Label) -> &Arc<str> {
        self.texts.text(label.name)
    }

    /// The name of the pair's label.
    pub(super) fn name_of(&self, pair: u32) -> &Arc<str> {
        self.name(&self.labels[self.pair(pair).label as usize])
    }

    /// The pair's value.
    pub(super) fn value_of(&self, pair: u32) -> &Arc<str> {
        self.texts.text(self.pair(pair).value)
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.texts.bytes() + self.pairs.len() * PAIR_BYTES + self.members * MEMBER_BYTES
    }
}
