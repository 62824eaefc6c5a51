//! How many repairs are right, by how sure stitching was of them.

use std::collections::BTreeMap;
use std::fmt;

use super::verdict::Verdict;

/// At and above this an operator may act on a repair without opening the raw view.
const SURE: f64 = 0.9;

/// A count of verdicts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    by_decile: BTreeMap<u32, Count>,
    by_subject: BTreeMap<&'static str, Count>,
    sure: Count,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    right: usize,
    all: usize,
    /// Sum of confidences.
    claimed: f64,
}

impl Score {
    pub(crate) fn add(&mut self, verdict: Verdict) {
        // Ten deciles; 1.0 belongs to the last.
        let decile = ((verdict.confidence * 10.0).floor() as u32).min(9);
        self.by_decile.entry(decile).or_default().add(verdict);
        self.by_subject.entry(verdict.subject).or_default().add(verdict);
        if verdict.confidence >= SURE {
            self.sure.add(verdict);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (decile, count) in &other.by_decile {
            self.by_decile.entry(*decile).or_default().merge(count);
        }
        for (subject, count) in &other.by_subject {
            self.by_subject.entry(subject).or_default().merge(count);
        }
        self.sure.merge(&other.sure);
    }

    /// Of the repairs given with confidence 0.9 and above: how many, and which share is right.
    pub(crate) fn sure(&self) -> (usize, f64) {
        (self.sure.all, self.sure.share())
    }

    /// Of the repairs in a decile of confidence: how many, what they claimed on average, and which share is right.
    pub(crate) fn deciles(&self) -> impl Iterator<Item = (u32, usize, f64, f64)> {
        self.by_decile.iter().map(|(&decile, count)| (decile, count.all, count.mean_claim(), count.share()))
    }

    /// How many repairs of a subject there are, what they claimed on average, and which share is right.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = (&'static str, usize, f64, f64)> {
        self.by_subject.iter().map(|(&subject, count)| (subject, count.all, count.mean_claim(), count.share()))
    }
}

impl Count {
    fn add(&mut self, verdict: Verdict) {
        self.merge(&Self { right: usize::from(verdict.is_right), all: 1, claimed: verdict.confidence });
    }

    fn merge(&mut self, other: &Self) {
        self.right += other.right;
        self.all += other.all;
        self.claimed += other.claimed;
    }

    fn share(&self) -> f64 {
        if self.all == 0 { 1.0 } else { self.right as f64 / self.all as f64 }
    }

    fn mean_claim(&self) -> f64 {
        if self.all == 0 { 0.0 } else { self.claimed / self.all as f64 }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<34} {:>8} {:>8} {:>8}", "confidence", "repairs", "claimed", "right")?;
        for (decile, all, claimed, right) in self.deciles() {
            let (from, to) = (f64::from(decile) / 10.0, f64::from(decile + 1) / 10.0);
            writeln!(f, "  {:<34} {all:>8} {claimed:>8.3} {right:>8.3}", format!("{from:.1} to {to:.1}"))?;
        }
        for (subject, all, claimed, right) in self.subjects() {
            writeln!(f, "  {subject:<34} {all:>8} {claimed:>8.3} {right:>8.3}")?;
        }
        let (all, right) = self.sure();
        write!(f, "  {:<34} {all:>8} {:>8} {right:>8.3}", "0.9 and above", "")
    }
}
