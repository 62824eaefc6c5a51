//! What a selector is held against.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Key → value, each key at most once.
pub trait Labels {
    /// The value under exactly this key. `None` means the key is absent; a present key may hold empty text.
    fn get(&self, key: &str) -> Option<Cow<'_, str>>;
}

impl Labels for BTreeMap<String, String> {
    fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        BTreeMap::get(self, key).map(|value| Cow::Borrowed(value.as_str()))
    }
}

impl<S: BuildHasher> Labels for HashMap<String, String, S> {
    fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        HashMap::get(self, key).map(|value| Cow::Borrowed(value.as_str()))
    }
}
