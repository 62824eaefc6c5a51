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

pub(in crate::evaluate) mod buckets;
pub(in crate::evaluate) mod counter;
pub(in crate::evaluate) mod date;
pub(in crate::evaluate) mod extended;
pub(in crate::evaluate) mod extended_histogram;
pub(in crate::evaluate) mod histogram;
mod histogram_rate;
pub(in crate::evaluate) mod integral;
pub(in crate::evaluate) mod math;
pub(in crate::evaluate) mod over_time;
pub(in crate::evaluate) mod rate;
mod start_time;
pub(in crate::evaluate) mod trend;

use std::sync::Arc;

use super::Column;
use super::remarks::Remarks;
use super::window::Window;
use crate::{EvaluateError, Histogram};

/// What a function of a window gives.
pub(in crate::evaluate) enum Sample {
    /// A number.
    Float(f64),
    /// A histogram.
    Histogram(Arc<Histogram>),
}

/// A sample, none, or an error that ends the evaluation.
pub(in crate::evaluate) type Worth = Result<Option<Sample>, EvaluateError>;

/// A function of a window that has a sample at least.
pub(in crate::evaluate) type WindowFunction = fn(&Window<'_>, Parameters<'_>, &Remarks) -> Worth;

/// Numbers that a function is given besides, at one step.
#[derive(Clone, Copy)]
pub(in crate::evaluate) struct Parameters<'p> {
    /// A column each.
    columns: &'p [Column<'p>],
    step: usize,
}

impl<'p> Parameters<'p> {
    /// At a step, of columns.
    pub(in crate::evaluate) fn at(columns: &'p [Column<'p>], step: usize) -> Self {
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
