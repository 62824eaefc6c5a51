//! What most expressions say: literal texts, with or without anything between them.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// So many values are looked up rather than matched: dashboards send one for each that is selected.
const LITERALS_MAX: usize = 4096;
/// Bytes that the literals of one expression may have, however they are multiplied.
const LITERAL_BYTES_MAX: usize = 256 << 10;
/// So many texts with gaps are tried one by one; the engine is faster for more.
const GAPPED_MAX: usize = 16;

/// A text in which anything may stand at some places.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    first: String,
    rest: Vec<Gapped>,
}

/// A literal and the gap before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Gapped {
    /// How many characters are in the gap at least.
    chars_min: u64,
    literal: String,
}

impl Form {
    /// Whether it is a whole value.
    pub(super) fn matches(&self, value: &str) -> bool {
        let Some(mut value) = value.strip_prefix(&*self.first) else { return false };
        let Some((last, inner)) = self.rest.split_last() else { return value.is_empty() };
        for gapped in inner {
            // The first place that fits leaves most for what follows.
            let Some(behind) = gapped.behind_gap(value) else { return false };
            let Some(at) = behind.find(&*gapped.literal) else { return false };
            value = &behind[at + gapped.literal.len()..];
        }
        last.behind_gap(value).is_some_and(|behind| behind.ends_with(&*last.literal))
    }

    fn push_literal(&mut self, literal: &str) {
        self.rest.last_mut().map_or(&mut self.first, |gapped| &mut gapped.literal).push_str(literal);
    }

    fn push_gap(&mut self, chars_min: u64) {
        match self.rest.last_mut().filter(|gapped| gapped.literal.is_empty()) {
            Some(gapped) => gapped.chars_min = gapped.chars_min.saturating_add(chars_min),
            None => self.rest.push(Gapped { chars_min, literal: String::new() }),
        }
    }

    fn push(&mut self, other: &Self) {
        self.push_literal(&other.first);
        for gapped in &other.rest {
            self.push_gap(gapped.chars_min);
            self.push_literal(&gapped.literal);
        }
    }

    fn bytes(&self) -> usize {
        self.first.len() + self.rest.iter().map(|gapped| size_of::<Gapped>() + gapped.literal.len()).sum::<usize>()
    }
}

impl Gapped {
    /// What is left of a value once the gap has as much as it needs.
    fn behind_gap<'v>(&self, value: &'v str) -> Option<&'v str> {
        let Some(last) = self.chars_min.checked_sub(1) else { return Some(value) };
        let mut chars = value.chars();
        chars.nth(usize::try_from(last).ok()?)?;
        Some(chars.as_str())
    }
}

/// Alternatives, any of which may match.
#[derive(Debug)]
pub(super) enum Forms {
    /// These values and no others, in order.
    Literals(Vec<String>),
    /// Few, some of them with gaps.
    Gapped(Vec<Form>),
}

impl Forms {
    /// What an expression says of whole values; `None` where that takes the engine.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let mut forms = whole(hir)?;
        forms.sort_unstable();
        forms.dedup();
        if forms.iter().all(|form| form.rest.is_empty()) {
            return Some(Self::Literals(forms.into_iter().map(|form| form.first).collect()));
        }
        (forms.len() <= GAPPED_MAX).then_some(Self::Gapped(forms))
    }
}

/// Forms of what makes up a whole value, so that anchors at its ends say nothing.
// It nests no deeper than the crate lets expressions nest, as does `inner`.
fn whole(hir: &Hir) -> Option<Vec<Form>> {
    match hir.kind() {
        HirKind::Capture(capture) => whole(&capture.sub),
        HirKind::Alternation(alternatives) => union(alternatives.iter().map(whole)),
        HirKind::Look(Look::Start | Look::End) => Some(vec![Form::default()]),
        HirKind::Concat(hirs) => {
            let is = |hir: &Hir, look: Look| matches!(hir.kind(), HirKind::Look(known) if *known == look);
            let start = hirs.iter().take_while(|hir| is(hir, Look::Start)).count();
            let end = hirs.len() - hirs[start..].iter().rev().take_while(|hir| is(hir, Look::End)).count();
            match &hirs[start..end] {
                [hir] => whole(hir),
                hirs => concat(hirs),
            }
        }
        _ => inner(hir),
    }
}

/// Forms of what makes up some of a value.
fn inner(hir: &Hir) -> Option<Vec<Form>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![Form::default()]),
        HirKind::Literal(literal) => {
            let first = std::str::from_utf8(&literal.0).ok()?.to_owned();
            Some(vec![Form { first, rest: Vec::new() }])
        }
        HirKind::Class(class) => members(class),
        HirKind::Look(_) => None,
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => inner(&capture.sub),
        HirKind::Concat(hirs) => concat(hirs),
        HirKind::Alternation(alternatives) => union(alternatives.iter().map(inner)),
    }
}

/// The characters of a class that has few; one that has all is a gap of one.
fn members(class: &Class) -> Option<Vec<Form>> {
    let Class::Unicode(class) = class else {
        // Nothing but the class of no characters is written in bytes.
        return class.is_empty().then(Vec::new);
    };
    let ranges = class.ranges();
    if ranges.iter().map(|range| range.len()).sum::<usize>() > LITERALS_MAX {
        return None;
    }
    let chars = ranges.iter().flat_map(|range| range.start()..=range.end());
    Some(chars.map(|c| Form { first: c.to_string(), rest: Vec::new() }).collect())
}

/// Whether any character matches.
fn is_any(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => matches!(capture.sub.kind(), HirKind::Class(class) if is_any_of(class)),
        HirKind::Class(class) => is_any_of(class),
        _ => false,
    }
}

fn is_any_of(class: &Class) -> bool {
    let Class::Unicode(class) = class else { return false };
    matches!(class.ranges(), [range] if (range.start(), range.end()) == (char::MIN, char::MAX))
}

fn repeated(repetition: &Repetition) -> Option<Vec<Form>> {
    let Repetition { min, max, sub, .. } = repetition;
    let Some(max) = *max else {
        let mut form = Form::default();
        form.push_gap(u64::from(*min));
        return is_any(sub).then(|| vec![form]);
    };
    let once = inner(sub)?;
    let mut forms = vec![Form::default()];
    let mut all = Vec::new();
    for times in 0..=max {
        if times >= *min {
            all.extend(forms.iter().cloned());
            bounded(&all)?;
        }
        if times < max {
            forms = product(forms, &once)?;
        }
    }
    Some(all)
}

fn concat(hirs: &[Hir]) -> Option<Vec<Form>> {
    hirs.iter().try_fold(vec![Form::default()], |forms, hir| product(forms, &inner(hir)?))
}

fn union(alternatives: impl Iterator<Item = Option<Vec<Form>>>) -> Option<Vec<Form>> {
    let mut all = Vec::new();
    for forms in alternatives {
        all.append(&mut forms?);
        if all.len() > LITERALS_MAX {
            return None;
        }
    }
    Some(all)
}

/// Each of some forms followed by each of others.
fn product(mut forms: Vec<Form>, next: &[Form]) -> Option<Vec<Form>> {
    match next {
        [only] if *only == Form::default() => return Some(forms),
        [only] => forms.iter_mut().for_each(|form| form.push(only)),
        _ if forms.len().saturating_mul(next.len()) > LITERALS_MAX => return None,
        _ => {
            let pairs = forms.iter().flat_map(|form| next.iter().map(move |next| (form, next)));
            let joined = |(form, next): (&Form, &Form)| {
                let mut form = form.clone();
                form.push(next);
                form
            };
            forms = pairs.map(joined).collect();
        }
    }
    bounded(&forms)?;
    Some(forms)
}

/// `None` of forms that are too many, or too long.
fn bounded(forms: &[Form]) -> Option<()> {
    let is_small = forms.len() <= LITERALS_MAX && forms.iter().map(Form::bytes).sum::<usize>() <= LITERAL_BYTES_MAX;
    is_small.then_some(())
}
