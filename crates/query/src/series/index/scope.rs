//! The ordinals that a question's time allows.

use roaring::{MultiOps, RoaringBitmap};

/// What the blocks and batches of a question's hours describe. Uniting them is left until it is known whether a few ordinals
/// are asked for or all.
#[derive(Debug, Default)]
pub(in crate::series) struct Scope<'a> {
    described: Vec<&'a RoaringBitmap>,
}

impl<'a> Scope<'a> {
    /// Of these sets.
    pub(in crate::series) fn new(described: impl IntoIterator<Item = &'a RoaringBitmap>) -> Self {
        Self { described: described.into_iter().collect() }
    }

    /// All of it.
    pub(super) fn all(&self) -> RoaringBitmap {
        self.described.iter().copied().union()
    }

    /// Those of the set that are in it.
    pub(super) fn of(&self, set: &RoaringBitmap) -> RoaringBitmap {
        let (mut inside, mut left) = (RoaringBitmap::new(), set.clone());
        for described in &self.described {
            if left.is_empty() {
                break;
            }
            let found = &left & *described;
            left -= &found;
            inside |= found;
        }
        inside
    }
}
