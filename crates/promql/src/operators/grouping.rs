//! Which series belong together: those that are equal in some of their labels.

use std::collections::HashMap;

use super::is_metadata;
use crate::{Group, Labels, Matching};

/// Which labels count.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// By name, each once.
    names: Vec<String>,
    kind: KeyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    /// The named labels count.
    Named,
    /// All count but the named ones and those that say what a metric is.
    Others,
}

impl Key {
    /// Of an aggregate's clause.
    pub(super) fn of_group(group: &Group) -> Self {
        match group {
            Group::By(names) => Self::new(names.clone(), KeyKind::Named),
            Group::Without(names) => Self::new(names.clone(), KeyKind::Others),
        }
    }

    /// Of the matching between two vectors.
    pub(super) fn of_matching(matching: &Matching) -> Self {
        Self::new(matching.labels.clone(), if matching.on { KeyKind::Named } else { KeyKind::Others })
    }

    fn new(mut names: Vec<String>, kind: KeyKind) -> Self {
        names.sort_unstable();
        names.dedup();
        Self { names, kind }
    }

    /// The same, with one more label that counts if the named ones do.
    pub(super) fn with_named(self, name: &str) -> Self {
        if self.kind == KeyKind::Others {
            return self;
        }
        let mut names = self.names;
        names.push(name.to_owned());
        Self::new(names, self.kind)
    }

    /// The labels that count.
    pub(super) fn labels(&self, labels: &Labels) -> Labels {
        labels.filtered(|name| self.counts(name))
    }

    fn counts(&self, name: &str) -> bool {
        let is_named = self.names.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
        match self.kind {
            KeyKind::Named => is_named,
            KeyKind::Others => !is_named && !is_metadata(name),
        }
    }

    /// Bytes that are equal for series that belong together, and only for those. 0xff ends names and values, as UTF-8
    /// does not use it.
    fn write(&self, labels: &Labels, bytes: &mut Vec<u8>) {
        bytes.clear();
        match self.kind {
            KeyKind::Named => {
                for name in &self.names {
                    bytes.extend_from_slice(labels.get(name).unwrap_or_default().as_bytes());
                    bytes.push(0xff);
                }
            }
            KeyKind::Others => {
                for (name, value) in labels.iter().filter(|(name, _)| self.counts(name)) {
                    for text in [name, value] {
                        bytes.extend_from_slice(text.as_bytes());
                        bytes.push(0xff);
                    }
                }
            }
        }
    }
}

/// Numbers groups in the order in which they are seen first.
#[derive(Debug)]
pub(super) struct Groups {
    key: Key,
    numbers: HashMap<Box<[u8]>, usize>,
    /// By number, the labels that count.
    labels: Vec<Labels>,
    bytes: Vec<u8>,
}

impl Groups {
    /// None seen.
    pub(super) fn new(key: Key) -> Self {
        Self { key, numbers: HashMap::new(), labels: Vec::new(), bytes: Vec::new() }
    }

    /// The number of the group that a series is in: one more than the highest, if nothing of it was seen.
    pub(super) fn number(&mut self, labels: &Labels) -> usize {
        self.key.write(labels, &mut self.bytes);
        if let Some(number) = self.numbers.get(self.bytes.as_slice()) {
            return *number;
        }
        let number = self.labels.len();
        self.numbers.insert(self.bytes.as_slice().into(), number);
        self.labels.push(self.key.labels(labels));
        number
    }

    /// The number of the group that a series is in; `None` where nothing of it was seen.
    pub(super) fn find(&self, labels: &Labels) -> Option<usize> {
        let mut bytes = Vec::with_capacity(128);
        self.key.write(labels, &mut bytes);
        self.numbers.get(bytes.as_slice()).copied()
    }

    /// The labels that count, by number.
    pub(super) fn labels(&self) -> &[Labels] {
        &self.labels
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &Key, same: bool, left: &[(&str, &str)], right: &[(&str, &str)]) {
        let labels = |pairs: &[(&str, &str)]| Labels::new(pairs.iter().copied());
        let mut groups = Groups::new(key.clone());
        let numbers = [groups.number(&labels(left)), groups.number(&labels(right))];
        assert_eq!(numbers[0] == numbers[1], same, "{key:?} {left:?} {right:?}");
        assert_eq!(groups.labels()[0] == key.labels(&labels(right)), same);
    }

    #[test]
    fn series_belong_together_by_the_labels_that_count() {
        let by = Key::of_group(&Group::By(vec!["b".to_owned(), "a".to_owned()]));
        check(&by, true, &[("a", "1"), ("c", "1")], &[("a", "1"), ("c", "2")]);
        check(&by, false, &[("a", "1")], &[("b", "1")]);
        check(&by, false, &[("a", "1"), ("b", "2")], &[("a", "12")]);
        let all = Key::of_group(&Group::By(Vec::new()));
        check(&all, true, &[("a", "1")], &[("b", "1")]);
        let without = Key::of_group(&Group::Without(vec!["c".to_owned()]));
        check(&without, true, &[("a", "1"), ("c", "1")], &[("a", "1"), ("__name__", "x"), ("__type__", "gauge")]);
        check(&without, false, &[("a", "1")], &[("a", "2")]);
    }
}
