//! Functions: of ranges of samples, and of values at a step.
//!
//! | file | functions |
//! |---|---|
//! | `rate`, `histogram_rate` | `rate`, `increase`, `delta` |
//! | `extended`, `extended_histogram` | the same of `anchored` and `smoothed` windows |
//! | `counter` | `irate`, `idelta`, `resets`, `changes` |
//! | `over_time` | `…_over_time` |
//! | `integral`, `trend` | areas and lines through samples |
//! | `math`, `date` | of each value by itself |
//! | `buckets`, `histogram` | of histograms, classic and native |

mod buckets;
mod counter;
mod date;
mod extended;
mod extended_histogram;
mod histogram;
mod histogram_rate;
mod integral;
mod math;
mod over_time;
mod rate;
mod start_time;
mod trend;

use std::sync::Arc;

pub(super) use buckets::{histogram_fraction, histogram_quantile, histogram_quantiles};
pub(super) use date::of_instant as date_of_instant;
pub(super) use extended::{between as float_between, with_edges};
pub(super) use extended_histogram::{Pair, between as histogram_between};
pub(crate) use over_time::quantile_of;

use super::remarks::Remarks;
use super::window::Window;
use crate::{EvaluateError, Histogram};

/// What a function of a window gives.
pub(super) enum Sample {
    /// A number.
    Float(f64),
    /// A histogram.
    Histogram(Arc<Histogram>),
}

/// A sample, none, or an error that ends the evaluation.
pub(super) type Worth = Result<Option<Sample>, EvaluateError>;

/// A function of a window that has a sample at least.
pub(super) type WindowFunction = fn(&Window<'_>, Parameters<'_>, &Remarks) -> Worth;

/// Numbers that a function is given besides, at one step.
#[derive(Clone, Copy)]
pub(super) struct Parameters<'p> {
    /// A column each.
    columns: &'p [Vec<f64>],
    step: usize,
}

impl<'p> Parameters<'p> {
    /// At a step, of columns.
    pub(super) fn at(columns: &'p [Vec<f64>], step: usize) -> Self {
        Self { columns, step }
    }

    /// The first, if it was given.
    fn first(self) -> Option<f64> {
        self.columns.first().map(|column| column[self.step])
    }

    /// One that the parser has seen to be there.
    fn get(self, number: usize) -> f64 {
        self.columns.get(number).map_or(f64::NAN, |column| column[self.step])
    }
}
