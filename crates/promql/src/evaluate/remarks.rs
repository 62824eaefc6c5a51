//! What a function has to say about the samples of one series: each kind once, however many steps it holds for.

use std::cell::{Cell, RefCell};

use super::Evaluation;
use crate::expr::quote;
use crate::{Combined, Labels, Span};

/// Something to say about the samples of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// A window has both kinds of samples, so there is no value.
    MixedKinds,
    /// A window has both kinds of samples, and histograms do not count.
    HistogramsIgnored,
    /// A counter was expected, and a histogram is a gauge.
    NotCounter,
    /// A gauge was expected, and a histogram is none.
    NotGauge,
    /// Histograms of both kinds of buckets do not go together.
    MixedBuckets,
    /// Bounds of custom buckets differed and were brought together, while adding.
    ReconciledByAddition,
    /// Likewise, while subtracting.
    ReconciledBySubtraction,
    /// Likewise, while aggregating.
    ReconciledByAggregation,
    /// Some histograms say that the counter was reset, others that it was not.
    ResetsConflict,
    /// A counter by what is done with it, not by its name.
    NotNamedAsCounter,
}

const REMARKS: [Remark; 10] = [
    Remark::MixedKinds,
    Remark::HistogramsIgnored,
    Remark::NotCounter,
    Remark::NotGauge,
    Remark::MixedBuckets,
    Remark::ReconciledByAddition,
    Remark::ReconciledBySubtraction,
    Remark::ReconciledByAggregation,
    Remark::ResetsConflict,
    Remark::NotNamedAsCounter,
];

/// Collects what there is to say while a series is worked on.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// A bit for each kind.
    said: Cell<u32>,
    overlaps: Cell<usize>,
    /// Values of a parameter that are wrong, bit for bit; a few, as a parameter seldom changes from step to step.
    wrong: RefCell<Vec<u64>>,
}

/// So many different wrong values of a parameter are named.
const WRONG_MAX: usize = 16;

impl Remarks {
    /// Says something.
    pub(super) fn add(&self, remark: Remark) {
        self.said.set(self.said.get() | 1 << remark as u32);
    }

    /// Says that bounds of custom buckets were brought together, if they were.
    pub(super) fn add_if(&self, combined: Combined, remark: Remark) {
        if combined.bounds_reconciled {
            self.add(remark);
        }
    }

    /// In a window, a sample begins before the one before it was taken.
    pub(super) fn add_overlap(&self) {
        self.overlaps.set(self.overlaps.get() + 1);
    }

    /// A parameter has a value that it may not have.
    pub(super) fn add_wrong(&self, value: f64) {
        let mut wrong = self.wrong.borrow_mut();
        if wrong.len() < WRONG_MAX && !wrong.contains(&value.to_bits()) {
            wrong.push(value.to_bits());
        }
    }

    /// The wrong values of a parameter.
    pub(super) fn wrong(&self) -> Vec<f64> {
        self.wrong.take().into_iter().map(f64::from_bits).collect()
    }

    /// Writes down all that was said, about the series of these labels.
    pub(super) fn tell(&self, evaluation: &Evaluation<'_>, labels: &Labels, span: Span) {
        let name = quote(labels.metric_name());
        let said = self.said.take();
        for remark in REMARKS.into_iter().filter(|remark| said & (1 << *remark as u32) != 0) {
            tell(remark, &name, evaluation, span);
        }
        let overlaps = self.overlaps.take();
        if overlaps > 0 {
            let message = format!(
                "PromQL warning: sample has start time that overlaps with previous sample timestamp for metric {name}"
            );
            evaluation.ledger().warn_of_many(message, span, overlaps);
        }
    }
}

fn tell(remark: Remark, name: &str, evaluation: &Evaluation<'_>, span: Span) {
    let reconciled = |operation| format!("PromQL info: mismatched custom buckets were reconciled during {operation}");
    match remark {
        Remark::MixedKinds => evaluation.warn(
            format!("PromQL warning: encountered a mix of histograms and floats for metric name {name}"),
            span,
        ),
        Remark::HistogramsIgnored => evaluation.inform(
            format!(
                "PromQL info: ignored histograms in a range containing both floats and histograms for metric name {name}"
            ),
            span,
        ),
        Remark::NotCounter => evaluation
            .warn(format!("PromQL warning: this native histogram metric is not a counter: {name}"), span),
        Remark::NotGauge => {
            evaluation.warn(format!("PromQL warning: this native histogram metric is not a gauge: {name}"), span);
        }
        Remark::MixedBuckets => evaluation.warn(
            format!(
                "PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name {name}"
            ),
            span,
        ),
        Remark::ReconciledByAddition => evaluation.inform(reconciled("addition"), span),
        Remark::ReconciledBySubtraction => evaluation.inform(reconciled("subtraction"), span),
        Remark::ReconciledByAggregation => evaluation.inform(reconciled("aggregation"), span),
        Remark::ResetsConflict => evaluation
            .warn("PromQL warning: conflicting counter resets during histogram aggregation".to_owned(), span),
        Remark::NotNamedAsCounter => evaluation.inform(
            format!(
                "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {name}"
            ),
            span,
        ),
    }
}
