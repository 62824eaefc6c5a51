//! Where each error began: at a failed span below which, through any number of spans, none failed. What failed above it
//! only passed it on.
//!
//! It counts for the call whose work the span is: for a call of which nothing arrived, that call; for any other span, the
//! arrival it belongs to. So a client whose server did well, such as one whose patience ended, counts for its own
//! service: there the error began.

use super::Call;
use super::steps::Steps;

/// Which calls a step made, as indices.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// The one into its service.
    pub(super) arrival: Option<usize>,
    /// The one to what it calls.
    pub(super) call: Option<usize>,
}

/// Marks the calls in which errors began. `places` has an element for each step.
pub(super) fn begin(steps: &Steps<'_, '_>, places: &[Places], calls: &mut [Call<'_>]) {
    let mut has_failed_below = vec![false; steps.all.len()];
    for (step, parent) in steps.all.iter().enumerate().rev().filter_map(|(number, step)| Some((number, step.parent?))) {
        has_failed_below[parent] |= has_failed_below[step] || steps.all[step].span.is_error;
    }
    let mut work_of: Vec<Option<usize>> = Vec::with_capacity(steps.all.len());
    for (number, step) in steps.all.iter().enumerate() {
        let inherited = if step.is_arrival { None } else { step.parent.and_then(|parent| work_of[parent]) };
        work_of.push(places[number].arrival.or(inherited));
        if step.span.is_error
            && !has_failed_below[number]
            && let Some(call) = places[number].call.or(work_of[number])
        {
            calls[call].begins_error = true;
        }
    }
}
