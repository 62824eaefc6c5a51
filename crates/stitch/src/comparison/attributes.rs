//! In what suspect traces differ: the attribute values that occur more often among them than among the others.

use super::contrast::Side;
use super::proportion::Proportion;
use super::tally::{Count, Tally};
use super::{Contrast, TraceSample};

/// Differences that are listed: as many as a person reads.
const DIFFERENCES_MAX: usize = 50;

/// Suspect traces that a value must occur in. The bounds of a proportion are too kind to the very small: a value of a
/// single suspect trace that no other trace has would pass, and most traces have such a value. Where a tenth of all
/// traces is suspect, five that share a value are all suspect by chance once in 100 000.
const SUSPECTS_MIN: usize = 5;

/// What suspect traces have and others have not.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// What made a trace suspect.
    pub contrast: Contrast,
    /// How many traces are suspect.
    pub suspects: usize,
    /// How many are not.
    pub others: usize,
    /// The largest effect first, at most 50: by `effect_min`, then `effect`, then key and value.
    pub differences: Vec<AttributeDifference<'a>>,
    /// How many more differences there are, whose effect is no larger than that of those listed.
    pub differences_left_out: usize,
    /// Keys that were not looked at, because they have more than 1 000 values: ids, which no two traces share.
    pub keys_of_many_values: Vec<&'a str>,
    /// Whether there were more than 256 keys. The first ones by name were looked at.
    pub keys_left_out: bool,
}

/// One attribute value that is over-represented in the suspect traces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttributeDifference<'a> {
    /// The attribute's key.
    pub key: &'a str,
    /// Its value.
    pub value: &'a str,
    /// How many suspect traces have it; at least 5.
    pub suspects: usize,
    /// How many of the others have it.
    pub others: usize,
    /// The share of suspect traces that have it, less the share of the others; above 0, at most 1.
    pub effect: f64,
    /// What the effect is at the least, with a certainty of 99.9 % (Newcombe's interval of Wilson's score bounds);
    /// above 0, at most `effect`. A value seen in few traces has a low one however large its effect seems, so that
    /// rare coincidences do not win.
    pub effect_min: f64,
}

/// Finds the attribute values that set the suspect traces among `samples` apart. Only a value whose `effect_min` is
/// above 0, and which at least 5 suspect traces have, is a difference; so without suspects, or without others, there
/// is none.
///
/// That a value goes with slow or failing traces does not say that it is the cause.
pub fn compare_attributes<'a>(samples: &[TraceSample<'a>], contrast: Contrast) -> Comparison<'a> {
    let sides = contrast.sides(samples);
    let mut tally = Tally::default();
    for (sample, &side) in samples.iter().zip(&sides) {
        tally.add(sample.attributes, side);
    }
    let suspects = sides.iter().filter(|&&side| side == Side::Suspect).count();
    let sizes = Sizes { suspects, others: samples.len() - suspects };
    let mut differences: Vec<AttributeDifference<'a>> =
        tally.counts().filter_map(|(key, value, count)| sizes.difference(key, value, count)).collect();
    differences.sort_unstable_by(|a, b| {
        let by_effect = b.effect_min.total_cmp(&a.effect_min).then(b.effect.total_cmp(&a.effect));
        by_effect.then_with(|| (a.key, a.value).cmp(&(b.key, b.value)))
    });
    let differences_left_out = differences.len().saturating_sub(DIFFERENCES_MAX);
    differences.truncate(DIFFERENCES_MAX);
    Comparison {
        contrast,
        suspects: sizes.suspects,
        others: sizes.others,
        differences,
        differences_left_out,
        keys_of_many_values: tally.keys_of_many_values(),
        keys_left_out: tally.keys_left_out(),
    }
}

/// How many traces are on either side.
struct Sizes {
    suspects: usize,
    others: usize,
}

impl Sizes {
    fn difference<'a>(&self, key: &'a str, value: &'a str, count: Count) -> Option<AttributeDifference<'a>> {
        if count.suspects < SUSPECTS_MIN || self.others == 0 {
            return None;
        }
        let suspects = Proportion { count: count.suspects, of: self.suspects };
        let others = Proportion { count: count.others, of: self.others };
        let effect = suspects.value() - others.value();
        let effect_min = suspects.exceeds_at_least(others);
        let Count { suspects, others, .. } = count;
        (effect_min > 0.0).then_some(AttributeDifference { key, value, suspects, others, effect, effect_min })
    }
}
