//! A posting: the ordinals that have one pair of a label and a value.

use roaring::RoaringBitmap;

/// A set of ordinals that is not empty. Most pairs of an instance or a pod have one series each of a name, and a bitmap of one
/// would take a hundred bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Posting {
    /// One.
    One(u32),
    /// More.
    Many(RoaringBitmap),
}

impl Posting {
    /// Adds an ordinal.
    pub(super) fn insert(&mut self, ordinal: u32) {
        match self {
            Self::One(known) if *known == ordinal => {}
            Self::One(known) => *self = Self::Many([*known, ordinal].into_iter().collect()),
            Self::Many(ordinals) => {
                ordinals.insert(ordinal);
            }
        }
    }

    /// How many they are.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Many(ordinals) => ordinals.len(),
        }
    }

    /// How many of them are in the set.
    pub(super) fn len_in(&self, set: &RoaringBitmap) -> u64 {
        match self {
            Self::One(ordinal) => u64::from(set.contains(*ordinal)),
            Self::Many(ordinals) => ordinals.intersection_len(set),
        }
    }

    /// Whether any of them is in the set.
    pub(super) fn meets(&self, set: &RoaringBitmap) -> bool {
        match self {
            Self::One(ordinal) => set.contains(*ordinal),
            Self::Many(ordinals) => !ordinals.is_disjoint(set),
        }
    }

    /// Adds all of them to the set.
    pub(super) fn add_to(&self, set: &mut RoaringBitmap) {
        match self {
            Self::One(ordinal) => {
                set.insert(*ordinal);
            }
            Self::Many(ordinals) => *set |= ordinals,
        }
    }

    /// Leaves only these in the set.
    pub(super) fn keep_in(&self, set: &mut RoaringBitmap) {
        match self {
            Self::One(ordinal) => {
                let has = set.contains(*ordinal);
                set.clear();
                set.extend(has.then_some(*ordinal));
            }
            Self::Many(ordinals) => *set &= ordinals,
        }
    }

    /// Takes these from the set.
    pub(super) fn remove_from(&self, set: &mut RoaringBitmap) {
        match self {
            Self::One(ordinal) => {
                set.remove(*ordinal);
            }
            Self::Many(ordinals) => *set -= ordinals,
        }
    }

    /// As a set.
    pub(super) fn to_set(&self) -> RoaringBitmap {
        match self {
            Self::One(ordinal) => [*ordinal].into_iter().collect(),
            Self::Many(ordinals) => ordinals.clone(),
        }
    }
}
