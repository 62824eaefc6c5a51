//! Series as the source gives them, counted while they are held.

use super::detail::{Detail, without_buckets};
use super::window::Windows;
use super::{Evaluation, Ledger};
use crate::{At, EvaluateError, HistogramError, Matcher, Question, Selection, Series};

/// A series, and the count of its samples.
pub(super) struct HeldSeries<'a> {
    /// The series.
    pub series: Series,
    /// Whether the metric's name is wrong for its samples.
    pub drops_name: bool,
    /// Samples count as held as long as this is there.
    pub held: Held<'a>,
}

/// Samples that count as held until this is dropped.
pub(super) struct Held<'a> {
    ledger: &'a Ledger,
    samples: usize,
}

impl<'a> Held<'a> {
    /// Counts the samples of a series. Errors: too many are held.
    pub(super) fn of(ledger: &'a Ledger, series: &Series) -> Result<Self, EvaluateError> {
        let of_histograms: usize = series.histograms.values.iter().map(|histogram| histogram.samples()).sum();
        let samples = series.floats.len().saturating_add(of_histograms);
        let held = Self { ledger, samples };
        ledger.hold_samples(samples)?;
        Ok(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.ledger.release_samples(self.samples);
    }
}

/// Held series one after the other.
pub(super) type HeldStream<'a> = Box<dyn Iterator<Item = Result<HeldSeries<'a>, EvaluateError>> + Send + 'a>;

/// What of a sample is of use besides its time and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starts {
    /// Nothing.
    Unused,
    /// Since when it accumulates.
    Wanted,
}

/// The series that match, with their samples that windows reach.
pub(super) fn select<'a>(
    evaluation: &Evaluation<'a>,
    matchers: &[Matcher],
    windows: Windows,
    starts: Starts,
) -> Result<Vec<HeldStream<'a>>, EvaluateError> {
    evaluation.check()?;
    let (after, until) = windows.extent();
    if until <= after {
        return Ok(Vec::new());
    }
    let selection = Selection { matchers: matchers.to_vec(), after, until, wants_starts: starts == Starts::Wanted };
    let (ledger, detail) = (evaluation.ledger(), evaluation.detail());
    let streams = evaluation.source().select(&selection)?;
    Ok(streams
        .into_iter()
        .map(|stream| -> HeldStream<'a> {
            Box::new(stream.map(move |series| {
                let mut series = series?;
                if detail == Detail::CountAndSum && !series.histograms.is_empty() {
                    let contradiction = |error: HistogramError| EvaluateError::Execution(error.to_string());
                    without_buckets(&mut series.histograms, &windows).map_err(contradiction)?;
                }
                let held = Held::of(ledger, &series)?;
                Ok(HeldSeries { series, drops_name: false, held })
            }))
        })
        .collect())
}

/// The instant that `@` stands for.
pub(super) fn instant(at: Option<At>, question: &Question<'_>) -> Option<i64> {
    at.map(|at| match at {
        At::Time(milliseconds) => milliseconds,
        At::Start => question.steps.start(),
        At::End => question.steps.until(),
    })
}
