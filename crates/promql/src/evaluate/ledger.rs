//! What is written down while an expression is evaluated, by all of its threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Annotations, EvaluateError, Limits, Span};

/// Warnings, infos, and how much has been read and is held.
#[derive(Debug)]
pub(crate) struct Ledger {
    limits: Limits,
    notes: Mutex<Notes>,
    samples_read: AtomicUsize,
    samples_held: AtomicUsize,
    values_held: AtomicUsize,
}

/// Each text once, with the place that it was last said about.
#[derive(Debug, Default)]
struct Notes {
    warnings: BTreeMap<String, Span>,
    infos: BTreeMap<String, Span>,
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
        self.notes().warnings.insert(message, span);
    }

    /// Something may be wrong with the question.
    pub(crate) fn inform(&self, message: String, span: Span) {
        self.notes().infos.insert(message, span);
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
        let placed = |(message, span): (&String, &Span)| format!("{message} ({})", place(text, *span));
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
