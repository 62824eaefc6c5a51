//! The ordinals that match: the sets of a question's time and of its matchers, intersected from the smallest on.
//!
//! A label that is not there has the empty value. So a matcher that the empty value satisfies takes away the series of
//! the values that do not satisfy it; any other leaves only the series of those that do.

use std::cmp::Reverse;
use std::collections::HashMap;

use promql::{MatchOperator, Matcher};
use roaring::RoaringBitmap;

use super::posting::Posting;
use super::scope::Scope;
use super::series_index::SeriesIndex;

impl SeriesIndex {
    /// Those in the scope that satisfy all of the matchers.
    pub(in crate::series) fn find(&self, scope: &Scope<'_>, matchers: &[Matcher]) -> RoaringBitmap {
        let is_of_one_value =
            |matcher: &&Matcher| matcher.operator() == MatchOperator::Equal && !matcher.value().is_empty();
        let (of_one, mut of_many): (Vec<_>, Vec<_>) = matchers.iter().partition(is_of_one_value);
        let mut postings: Vec<&Posting> = Vec::with_capacity(of_one.len());
        for matcher in of_one {
            let Some(pair) = self.pairs.pair_with(matcher.name(), matcher.value()) else { return RoaringBitmap::new() };
            postings.push(&pair.series);
        }
        postings.sort_by_key(|posting| Reverse(posting.len()));
        let mut found = match postings.pop() {
            None => scope.all(),
            Some(smallest) => {
                let mut found = smallest.to_set();
                postings.iter().rev().for_each(|posting| posting.keep_in(&mut found));
                scope.of(&found)
            }
        };
        of_many.sort_by_key(|matcher| {
            let values = self.pairs.label(matcher.name()).map_or(0, |label| label.pairs.len());
            matcher.literals().map_or(values, |literals| literals.len().min(values))
        });
        for matcher in of_many {
            if found.is_empty() {
                break;
            }
            self.narrow(&mut found, matcher);
        }
        found
    }

    /// Those in the scope that satisfy all matchers of any of the sets; with no set, all.
    pub(in crate::series) fn find_any(&self, scope: &Scope<'_>, sets: &[Vec<Matcher>]) -> RoaringBitmap {
        if sets.is_empty() {
            return scope.all();
        }
        sets.iter().map(|matchers| self.find(scope, matchers)).fold(RoaringBitmap::new(), |all, found| all | found)
    }

    /// Leaves those in the set that satisfy the matcher.
    fn narrow(&self, found: &mut RoaringBitmap, matcher: &Matcher) {
        let takes_absent = matcher.matches("");
        let Some(label) = self.pairs.label(matcher.name()) else {
            if !takes_absent {
                found.clear();
            }
            return;
        };
        if let (MatchOperator::Regex, Some(literals)) = (matcher.operator(), matcher.literals()) {
            return self.narrow_to(found, matcher, literals);
        }
        match (matcher.operator(), matcher.value()) {
            (MatchOperator::Equal, "") | (MatchOperator::NotRegex, ".+") => *found -= &label.series,
            (MatchOperator::NotEqual, "") | (MatchOperator::Regex, ".+") => *found &= &label.series,
            (MatchOperator::Regex, ".*") => {}
            (MatchOperator::NotEqual, value) => {
                if let Some(pair) = self.pairs.pair_with(matcher.name(), value) {
                    pair.series.remove_from(found);
                }
            }
            // Whichever are fewer are looked at: values of the label, or what has been found.
            _ if found.len() < label.pairs.len() as u64 => self.narrow_by_series(found, matcher),
            _ => {
                let values =
                    label.pairs.iter().filter(|pair| matcher.matches(self.pairs.value_of(**pair)) != takes_absent);
                let mut of_values = RoaringBitmap::new();
                values.for_each(|pair| self.pairs.pair(*pair).series.add_to(&mut of_values));
                if takes_absent {
                    *found -= of_values;
                } else {
                    *found &= of_values;
                }
            }
        }
    }

    /// Leaves those that have one of the values, which are all that can satisfy the matcher; the empty one is that of those
    /// without the label.
    fn narrow_to(&self, found: &mut RoaringBitmap, matcher: &Matcher, values: &[String]) {
        let mut of_values = RoaringBitmap::new();
        for value in values.iter().filter(|value| matcher.matches(value)) {
            if value.is_empty() {
                match self.pairs.label(matcher.name()) {
                    Some(label) => of_values |= &*found - &label.series,
                    None => return,
                }
            } else if let Some(pair) = self.pairs.pair_with(matcher.name(), value) {
                pair.series.add_to(&mut of_values);
            }
        }
        *found &= of_values;
    }

    fn narrow_by_series(&self, found: &mut RoaringBitmap, matcher: &Matcher) {
        let Some(label) = self.pairs.label_with(matcher.name()) else { return };
        let mut verdicts: HashMap<Option<u32>, bool> = HashMap::new();
        let satisfies = |ordinal: &u32| {
            let pair = self.lists.pairs(*ordinal).iter().find(|pair| self.pairs.pair(**pair).label == label).copied();
            *verdicts.entry(pair).or_insert_with(|| matcher.matches(pair.map_or("", |pair| self.pairs.value_of(pair))))
        };
        *found = found.iter().filter(satisfies).collect();
    }
}
