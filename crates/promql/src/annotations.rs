//! What an answer's reader should know about it: warnings and infos, as Prometheus words them.

use std::collections::BTreeSet;

/// Each text once, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// Something is probably wrong with the answer.
    pub warnings: BTreeSet<String>,
    /// Something may be wrong with the question.
    pub infos: BTreeSet<String>,
}

impl Annotations {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.warnings.is_empty() && self.infos.is_empty()
    }

    /// Adds what another says.
    pub fn merge(&mut self, other: Self) {
        self.warnings.extend(other.warnings);
        self.infos.extend(other.infos);
    }
}
