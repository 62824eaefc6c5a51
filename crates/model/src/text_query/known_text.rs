//! What is known of every text that a regular expression is found in.
//!
//! From the inside out: of each part, all texts that it can stand for, if they are few; else what words any text must
//! have that it is found in. Neighbours that stand for few texts are read together, for a word may go over several.
//!
//! Only text, its ends and its lines' ends limit a word here. `\b` does not: the regex crate's idea of a word differs
//! from ours (`²` belongs to a word of ours), and what is wrong once in a while is wrong.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::necessary::{Ends, Necessary, words_of};
use super::word::{is_word, lower};

/// Most texts that a part may stand for before it counts as not known. Letters whose case is ignored stand for two at
/// times: `(?i)s` also finds `ſ`.
const TEXTS_MAX: usize = 16;

/// Longest of them, in bytes. With [`TEXTS_MAX`] it bounds what repetitions of repetitions can make of a short pattern.
const TEXT_BYTES_MAX: usize = 256;

/// Most characters of a class that are looked at one by one.
const CLASS_CHARACTERS_MAX: u32 = 64;

/// What a text must have that the expression is found in.
pub(super) fn necessary(expression: &Hir) -> Necessary {
    known(expression).necessary()
}

struct Known {
    /// All that the part can stand for, lowered; `None` if that is too much to list.
    texts: Option<Vec<String>>,
    /// What a text has that the part is found in. Where texts are known, they say it.
    necessary: Necessary,
}

impl Known {
    fn nothing() -> Self {
        Self { texts: None, necessary: Necessary::Anything }
    }

    fn texts(texts: Vec<String>) -> Self {
        Self { texts: Some(texts), necessary: Necessary::Anything }
    }

    /// What it needs wherever it stands.
    fn necessary(self) -> Necessary {
        self.texts.map_or(self.necessary, |texts| any_of(&texts, Ends::default()))
    }
}

/// Goes as deep as the expression nests, which a pattern limits.
fn known(expression: &Hir) -> Known {
    match expression.kind() {
        HirKind::Empty => Known::texts(vec![String::new()]),
        HirKind::Literal(literal) => match str::from_utf8(&literal.0) {
            Ok(text) => Known::texts(vec![lower(text)]),
            Err(_) => Known::nothing(),
        },
        HirKind::Class(class) => texts_of_class(class).map_or_else(Known::nothing, Known::texts),
        // It takes no text; leaving it out only adds to what can be found.
        HirKind::Look(look) if !is_of_line(*look) => Known::texts(vec![String::new()]),
        HirKind::Look(_) => Known::nothing(),
        HirKind::Capture(capture) => known(&capture.sub),
        HirKind::Repetition(repetition) => known_of_repetition(repetition),
        HirKind::Alternation(alternatives) => known_of_alternatives(alternatives.iter().map(known).collect()),
        HirKind::Concat(parts) => known_of_sequence(parts),
    }
}

fn is_of_line(look: Look) -> bool {
    matches!(look, Look::Start | Look::StartLF | Look::StartCRLF | Look::End | Look::EndLF | Look::EndCRLF)
}

fn known_of_repetition(repetition: &Repetition) -> Known {
    let sub = known(&repetition.sub);
    if let Some(texts) = sub.texts.as_deref().and_then(|texts| repeated(texts, repetition)) {
        return Known::texts(texts);
    }
    if repetition.min == 0 { Known::nothing() } else { Known { texts: None, necessary: sub.necessary() } }
}

fn known_of_alternatives(alternatives: Vec<Known>) -> Known {
    let count = |known: &Known| known.texts.as_ref().map(Vec::len);
    let total: Option<usize> = alternatives.iter().map(count).sum();
    if total.is_some_and(|total| total <= TEXTS_MAX) {
        return Known::texts(alternatives.into_iter().filter_map(|known| known.texts).flatten().collect());
    }
    Known { texts: None, necessary: Necessary::any(alternatives.into_iter().map(Known::necessary)) }
}

fn known_of_sequence(parts: &[Hir]) -> Known {
    let mut conditions = Vec::new();
    let mut run = vec![String::new()];
    let (mut starts, mut is_whole) = (false, true);
    for part in parts {
        let known = known(part);
        if let Some(longer) = known.texts.as_deref().and_then(|texts| joined(&run, texts)) {
            run = longer;
            continue;
        }
        let limits = limits_of(part);
        conditions.push(any_of(&run, Ends { are_start: starts, are_end: limits.are_end }));
        run = vec![String::new()];
        (starts, is_whole) = (limits.are_start, false);
        conditions.push(known.necessary());
    }
    if is_whole {
        return Known::texts(run);
    }
    conditions.push(any_of(&run, Ends { are_start: starts, are_end: false }));
    Known { texts: None, necessary: Necessary::all(conditions) }
}

/// Whether a part limits words beside it: `are_end` that what is before it ends there, `are_start` that what is behind
/// it starts there.
fn limits_of(part: &Hir) -> Ends {
    match part.kind() {
        HirKind::Look(Look::Start | Look::StartLF | Look::StartCRLF) => Ends { are_start: true, are_end: false },
        HirKind::Look(Look::End | Look::EndLF | Look::EndCRLF) => Ends { are_start: false, are_end: true },
        HirKind::Literal(literal) => {
            let text = str::from_utf8(&literal.0).map(lower).unwrap_or_default();
            let limits = |character: Option<char>| character.is_some_and(|character| !is_word(character));
            Ends { are_start: limits(text.chars().next_back()), are_end: limits(text.chars().next()) }
        }
        HirKind::Class(class) => {
            let is_between_words = |text: String| !text.chars().any(is_word);
            let limits = characters_of(class).is_some_and(|mut texts| texts.all(is_between_words));
            Ends { are_start: limits, are_end: limits }
        }
        HirKind::Capture(capture) => limits_of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => limits_of(&repetition.sub),
        HirKind::Alternation(alternatives) => alternatives
            .iter()
            .map(limits_of)
            .reduce(|a, b| Ends { are_start: a.are_start && b.are_start, are_end: a.are_end && b.are_end })
            .unwrap_or_default(),
        _ => Ends::default(),
    }
}

fn any_of(texts: &[String], ends: Ends) -> Necessary {
    Necessary::any(texts.iter().map(|text| words_of(text, ends)))
}

/// Each text followed by each of the others.
fn joined(texts: &[String], others: &[String]) -> Option<Vec<String>> {
    if texts.len() * others.len() > TEXTS_MAX {
        return None;
    }
    let joined = texts.iter().flat_map(|text| others.iter().map(move |other| format!("{text}{other}")));
    let joined: Vec<String> = joined.collect();
    joined.iter().all(|text| text.len() <= TEXT_BYTES_MAX).then_some(joined)
}

fn repeated(texts: &[String], repetition: &Repetition) -> Option<Vec<String>> {
    let max = repetition.max.filter(|max| *max as usize <= TEXTS_MAX)?;
    let (mut times, mut all) = (vec![String::new()], Vec::new());
    for count in 0..=max {
        if count > 0 {
            times = joined(&times, texts)?;
        }
        if count >= repetition.min {
            all.extend(times.iter().cloned());
        }
    }
    (all.len() <= TEXTS_MAX).then_some(all)
}

fn texts_of_class(class: &Class) -> Option<Vec<String>> {
    let mut texts: Vec<String> = characters_of(class)?.collect();
    texts.sort_unstable();
    texts.dedup();
    (texts.len() <= TEXTS_MAX).then_some(texts)
}

/// The characters of a class, each lowered; `None` if they are many, or bytes that are none.
fn characters_of(class: &Class) -> Option<impl Iterator<Item = String>> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) if class.is_ascii() => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
        Class::Bytes(_) => return None,
    };
    let count: u32 = ranges.iter().map(|(start, end)| u32::from(*end) - u32::from(*start) + 1).sum();
    let characters = ranges.into_iter().flat_map(|(start, end)| start..=end);
    (count <= CLASS_CHARACTERS_MAX).then(|| characters.map(|character| lower(character.encode_utf8(&mut [0; 4]))))
}
