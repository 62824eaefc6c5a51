//! The parameter of an aggregate: a number per step.

use crate::evaluate::{Column, Evaluation};
use crate::histogram::Shortest;
use crate::{Aggregate, AggregateOperator, EvaluateError};

/// Numbers from here on do not fit into a signed integer of 64 bits; the next smaller float does.
const INTEGER_BEYOND: f64 = 9_223_372_036_854_774_784.0;

/// One number per step; none for operators without a parameter.
pub(super) struct Parameter<'a>(Option<Column<'a>>);

impl<'a> Parameter<'a> {
    /// The value of an aggregate's parameter.
    pub(super) fn of(evaluation: &Evaluation<'a>, node: &'a Aggregate) -> Result<Self, EvaluateError> {
        let Some(parameter) = &node.parameter else { return Ok(Self(None)) };
        Ok(Self(Some(evaluation.scalar(parameter)?)))
    }

    fn numbers(&self) -> &[f64] {
        self.0.as_deref().unwrap_or_default()
    }

    /// At a step; 0 where there is none.
    pub(super) fn at(&self, step: usize) -> f64 {
        self.numbers().get(step).copied().unwrap_or_default()
    }

    /// How many series may be chosen at a step.
    pub(super) fn limit(&self, step: usize) -> usize {
        // Casts saturate, and what is below 1 is none.
        self.at(step) as usize
    }

    /// Nothing where nothing can come out. Errors and warnings say which numbers the operator cannot take.
    pub(super) fn checked(self, evaluation: &Evaluation<'_>, node: &Aggregate) -> Result<Option<Self>, EvaluateError> {
        let Some(parameter) = &node.parameter else { return Ok(Some(self)) };
        let has_nan = self.numbers().iter().any(|value| value.is_nan());
        // Without NaN, which makes neither of these comparisons true.
        let max = self.numbers().iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let min = self.numbers().iter().copied().fold(f64::INFINITY, f64::min);
        let refuse = |message: String| Err(EvaluateError::Execution(message));
        let warn =
            |message: String| evaluation.warn(format!("PromQL warning: {message}"), parameter.unwrapped().span());
        match node.operator {
            AggregateOperator::TopK | AggregateOperator::BottomK | AggregateOperator::LimitK => {
                if !has_nan && max < 1.0 {
                    return Ok(None);
                }
                if has_nan {
                    return refuse("Parameter value is NaN".to_owned());
                }
                if min <= i64::MIN as f64 {
                    return refuse(format!("Scalar value {} underflows int64", Shortest(min)));
                }
                if max >= INTEGER_BEYOND {
                    return refuse(format!("Scalar value {} overflows int64", Shortest(max)));
                }
            }
            AggregateOperator::LimitRatio => {
                if !has_nan && max == 0.0 && min == 0.0 {
                    return Ok(None);
                }
                if has_nan {
                    return refuse("Ratio value is NaN".to_owned());
                }
                for (is_beyond, value, cap) in [(max > 1.0, max, "1"), (min < -1.0, min, "-1")] {
                    if is_beyond {
                        let got = Shortest(value);
                        warn(format!("ratio value should be between -1 and 1, got {got}, capping to {cap}"));
                    }
                }
            }
            AggregateOperator::Quantile => {
                for (is_wrong, value) in
                    [(has_nan, f64::NAN), (!has_nan && max > 1.0, max), (!has_nan && min < 0.0, min)]
                {
                    if is_wrong {
                        warn(format!("quantile value should be between 0 and 1, got {}", Shortest(value)));
                    }
                }
            }
            _ => {}
        }
        Ok(Some(self))
    }
}
