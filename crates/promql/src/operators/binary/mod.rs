//! Binary operators: two sides, of which each is a number or a vector.
//!
//! | file | what it has |
//! |---|---|
//! | `arithmetic` | numbers: one pair, or columns of them |
//! | `sample` | a pair of samples, of which each may be a histogram, and what is said about those that do not fit |
//! | `with_scalar` | a vector and a number |
//! | `matching` | two vectors: which series belong together |
//! | `pairing` | two series that belong together: the column that comes out |
//! | `set` | `and`, `or`, `unless` |

mod arithmetic;
mod matching;
mod pairing;
mod sample;
mod set;
mod with_scalar;

use sample::Operation;

use crate::evaluate::{Evaluation, Operand};
use crate::{Binary, EvaluateError};

/// The value of a binary operation. Errors: those of its sides; series do not match as the operator wants them to.
pub(crate) fn binary<'a>(evaluation: &Evaluation<'a>, node: &'a Binary) -> Result<Operand<'a>, EvaluateError> {
    let left = evaluation.evaluate(&node.left)?;
    let right = evaluation.evaluate(&node.right)?;
    let operation = Operation::of(node);
    match (left, right, &node.matching) {
        (Operand::Scalar(_), Operand::Scalar(_), _) if operation.is_trim() => {
            let operator = node.operator.text();
            Err(EvaluateError::Execution(format!("operator {operator:?} not allowed for Scalar operations")))
        }
        (Operand::Scalar(mut left), Operand::Scalar(right), _) => {
            left.iter_mut()
                .zip(&*right)
                .for_each(|(left, right)| *left = arithmetic::scalar(node.operator, *left, *right));
            Ok(Operand::Scalar(left))
        }
        (Operand::Vector(left), Operand::Scalar(right), _) => Ok(Operand::Vector(with_scalar::with_scalar(
            evaluation,
            operation,
            left,
            with_scalar::Scalar::Right(right),
        ))),
        (Operand::Scalar(left), Operand::Vector(right), _) => {
            Ok(Operand::Vector(with_scalar::with_scalar(evaluation, operation, right, with_scalar::Scalar::Left(left))))
        }
        (Operand::Vector(left), Operand::Vector(right), Some(matching)) => {
            let streams = if node.operator.is_set() {
                set::combine(evaluation, (node.operator, matching), left, right)?
            } else {
                let sides = (left.collect(evaluation)?, right.collect(evaluation)?);
                matching::combine(evaluation, (operation, matching), sides)?
            };
            Ok(Operand::Vector(streams))
        }
        _ => Err(EvaluateError::Execution("operands of a binary operation are of the wrong type".to_owned())),
    }
}
