//! What is written down while an expression is evaluated, by all of its threads.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::functions::date;
use crate::histogram::Shortest;
use crate::{Annotations, EvaluateError, ForcedMonotonicity, Limits, Span};

/// Warnings, infos, and how much has been read and is held.
#[derive(Debug)]
pub(crate) struct Ledger {
    limits: Limits,
    notes: Mutex<Notes>,
    samples_read: AtomicUsize,
    samples_held: AtomicUsize,
    values_held: AtomicUsize,
}

/// Each text once.
#[derive(Debug, Default)]
struct Notes {
    warnings: BTreeMap<String, Note>,
    infos: BTreeMap<String, Note>,
}

/// What belongs to a text.
#[derive(Debug)]
struct Note {
    /// Where what it was last said about stands.
    span: Span,
    /// How often it was said, of those texts that tell it.
    occurrences: usize,
    /// Of counts of classic histograms that had to be mended.
    mended: Option<Mended>,
}

/// Which counts of classic histograms had to be mended as they fell from a bucket to a higher one, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mended {
    /// How much it was, the most of all.
    pub forced: ForcedMonotonicity,
    /// How many times, at least one.
    pub count: usize,
    /// The first time, unix milliseconds.
    pub first: i64,
    /// The last time.
    pub last: i64,
}

impl Mended {
    /// Both together.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            forced: ForcedMonotonicity {
                bound_min: self.forced.bound_min.min(other.forced.bound_min),
                bound_max: self.forced.bound_max.max(other.forced.bound_max),
                difference_max: self.forced.difference_max.max(other.forced.difference_max),
            },
            count: self.count.saturating_add(other.count),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

impl fmt::Display for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForcedMonotonicity { bound_min, bound_max, difference_max } = self.forced;
        write!(f, ", from buckets {} to {}", Shortest(bound_min), Shortest(bound_max))?;
        write!(f, ", with a max diff of {}, over {} samples", two_digits(difference_max), self.count)?;
        write!(f, " from {} to {}", date::written(self.first), date::written(self.last))
    }
}

/// A number with at most two digits, as Go prints it by `%.2g`.
fn two_digits(value: f64) -> String {
    let rounded = format!("{value:.1e}").parse().unwrap_or(value);
    let scientific = format!("{rounded:e}");
    match scientific.split_once('e').and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?))) {
        Some((digits, exponent)) if exponent >= 2 => format!("{digits}e+{exponent:02}"),
        _ => Shortest(rounded).to_string(),
    }
}

impl Ledger {
    /// Nothing written down.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            notes: Mutex::default(),
            samples_read: AtomicUsize::new(0),
            samples_held: AtomicUsize::new(0),
            values_held: AtomicUsize::new(0),
        }
    }

    /// Something is probably wrong with the answer.
    pub(crate) fn warn(&self, message: String, span: Span) {
        self.notes().warnings.insert(message, Note { span, occurrences: 1, mended: None });
    }

    /// Something is probably wrong with the answer, so many times; the text tells it.
    pub(crate) fn warn_of_many(&self, message: String, span: Span, occurrences: usize) {
        let mut notes = self.notes();
        let note = notes.warnings.entry(message).or_insert(Note { span, occurrences: 0, mended: None });
        note.occurrences = note.occurrences.saturating_add(occurrences);
    }

    /// Something may be wrong with the question.
    pub(crate) fn inform(&self, message: String, span: Span) {
        self.notes().infos.insert(message, Note { span, occurrences: 1, mended: None });
    }

    /// Counts of classic histograms had to be mended.
    pub(crate) fn inform_of_mended(&self, message: String, span: Span, mended: Mended) {
        let mut notes = self.notes();
        let note = notes.infos.entry(message).or_insert(Note { span, occurrences: 1, mended: None });
        note.mended = Some(note.mended.map_or(mended, |before| before.with(mended)));
    }

    /// Counts samples that were read and are held now. Errors: too many are held.
    pub(crate) fn hold_samples(&self, count: usize) -> Result<(), EvaluateError> {
        self.samples_read.fetch_add(count, Ordering::Relaxed);
        let held = self.samples_held.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        if held > self.limits.samples_max { Err(EvaluateError::TooManySamples) } else { Ok(()) }
    }

    /// Samples that are held no more.
    pub(crate) fn release_samples(&self, count: usize) {
        self.samples_held.fetch_sub(count, Ordering::Relaxed);
    }

    /// Counts values that are held as columns. Errors: too many are.
    pub(crate) fn hold_values(&self, count: usize) -> Result<(), EvaluateError> {
        let held = self.values_held.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        let max = self.limits.values_max;
        if held > max { Err(EvaluateError::TooManyValues { max }) } else { Ok(()) }
    }

    /// Values that are held no more.
    pub(crate) fn release_values(&self, count: usize) {
        self.values_held.fetch_sub(count, Ordering::Relaxed);
    }

    /// How many samples were read.
    pub(crate) fn samples_read(&self) -> usize {
        self.samples_read.load(Ordering::Relaxed)
    }

    /// All that was said, each with its place in the text: `… (1:6)`.
    pub(crate) fn annotations(&self, text: &str) -> Annotations {
        let notes = self.notes();
        let placed = |(message, note): (&String, &Note)| {
            let place = place(text, note.span);
            match note {
                Note { mended: Some(mended), .. } => format!("{message}{mended} ({place})"),
                Note { occurrences: 2.., .. } => format!("{message} ({} occurrences) ({place})", note.occurrences),
                _ => format!("{message} ({place})"),
            }
        };
        Annotations {
            warnings: notes.warnings.iter().map(placed).collect(),
            infos: notes.infos.iter().map(placed).collect(),
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // A thread that panicked has left whole entries: nothing in here is half done.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Line and column where something begins, each from 1; the column counts bytes.
fn place(text: &str, span: Span) -> String {
    let before = &text.as_bytes()[..span.start.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    format!("{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let check = |text: &str, start: usize, expected: &str| {
            assert_eq!(place(text, Span { start, end: start }), expected, "{text:?} at {start}");
        };
        check("sum(a)", 0, "1:1");
        check("sum(a)", 4, "1:5");
        check("sum(\n  a)", 7, "2:3");
        check("é + a", 5, "1:6");
        check("a", 99, "1:2");
    }

    #[test]
    fn differences_are_told_with_two_digits() {
        let check = |value: f64, expected: &str| assert_eq!(two_digits(value), expected);
        check(5.0, "5");
        check(0.25, "0.25");
        check(0.129, "0.13");
        check(12.4, "12");
        check(99.6, "1e+02");
        check(1234.5, "1.2e+03");
        check(0.000_012_3, "1.2e-05");
        check(f64::INFINITY, "+Inf");
    }

    #[test]
    fn each_text_is_told_once_with_its_last_place() {
        let ledger = Ledger::new(Limits::default());
        let at = |start: usize| Span { start, end: start + 1 };
        ledger.warn("odd".to_owned(), at(0));
        ledger.warn("odd".to_owned(), at(4));
        ledger.warn_of_many("often".to_owned(), at(2), 1);
        ledger.warn_of_many("often".to_owned(), at(2), 3);
        let forced = ForcedMonotonicity { bound_min: 0.1, bound_max: 5.0, difference_max: 2.0 };
        for time in [0, 60_000] {
            ledger.inform_of_mended("fixed".to_owned(), at(0), Mended { forced, count: 1, first: time, last: time });
        }
        let annotations = ledger.annotations("a + b");
        assert_eq!(annotations.warnings.into_iter().collect::<Vec<_>>(), ["odd (1:5)", "often (4 occurrences) (1:3)"]);
        assert_eq!(
            annotations.infos.into_iter().collect::<Vec<_>>(),
            ["fixed, from buckets 0.1 to 5, with a max diff of 2, over 2 samples \
              from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:1)"]
        );
    }
}
