//! One series with a value at each step.

use std::sync::Arc;

use crate::{Histogram, Labels, STALE};

/// Stands in a column of floats where there is none. The same bits as [`STALE`], which never comes out of a selector; what
/// arithmetic makes of it are other bits, so it is looked for before a value is used.
pub const ABSENT: f64 = STALE;

/// Whether it is [`ABSENT`], bit for bit.
#[inline]
pub fn is_absent(value: f64) -> bool {
    value.to_bits() == ABSENT.to_bits()
}

/// Columns of one series over all steps. At each step there is a float, a histogram, or nothing.
#[derive(Clone, Debug)]
pub struct StepSeries {
    /// Who it is.
    pub labels: Labels,
    /// Whether the metric's name is wrong for these values, as a function has changed them: it goes when the answer is
    /// done, so that operators on the way may still group by it. No series of an [`Outcome`](crate::Outcome) has it set.
    pub drops_name: bool,
    /// One per step, [`ABSENT`] where there is no float.
    pub floats: Vec<f64>,
    /// One per step; empty where no step has a histogram.
    pub histograms: Vec<Option<Arc<Histogram>>>,
}

impl StepSeries {
    /// Without a value at any step.
    pub fn absent(labels: Labels, steps: usize) -> Self {
        Self { labels, drops_name: false, floats: vec![ABSENT; steps], histograms: Vec::new() }
    }

    /// How many values it counts as while it is held: a float per step, and each histogram as
    /// [many as it needs](Histogram::samples), once if it stands at several steps in a row.
    pub(crate) fn values(&self) -> usize {
        let mut before: Option<&Arc<Histogram>> = None;
        let mut values = self.floats.len() + self.histograms.len();
        for histogram in self.histograms.iter().flatten() {
            if !before.is_some_and(|before| Arc::ptr_eq(before, histogram)) {
                values = values.saturating_add(histogram.samples());
            }
            before = Some(histogram);
        }
        values
    }

    /// The histogram at a step.
    pub fn histogram(&self, step: usize) -> Option<&Arc<Histogram>> {
        self.histograms.get(step)?.as_ref()
    }

    /// Sets the histogram at a step.
    pub fn set_histogram(&mut self, step: usize, histogram: Arc<Histogram>) {
        if self.histograms.is_empty() {
            self.histograms.resize(self.floats.len(), None);
        }
        self.histograms[step] = Some(histogram);
    }

    /// Whether there is anything at a step.
    pub fn has(&self, step: usize) -> bool {
        !is_absent(self.floats[step]) || self.histogram(step).is_some()
    }

    /// Whether there is nothing at any step.
    pub fn is_empty(&self) -> bool {
        self.floats.iter().all(|value| is_absent(*value)) && self.histograms.iter().all(Option::is_none)
    }
}
