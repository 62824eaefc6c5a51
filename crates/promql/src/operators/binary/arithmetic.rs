//! Numbers: one pair, or columns of them.

use crate::{ABSENT, BinaryOperator, is_absent};

/// What comes of two numbers; comparisons give 0 or 1.
pub(super) fn scalar(operator: BinaryOperator, left: f64, right: f64) -> f64 {
    match compare(operator, left, right) {
        Some(holds) => f64::from(u8::from(holds)),
        None => compute(operator, left, right),
    }
}

/// Whether a comparison holds; `None` for operators that do not compare.
#[inline]
pub(super) fn compare(operator: BinaryOperator, left: f64, right: f64) -> Option<bool> {
    match operator {
        BinaryOperator::Equal => Some(left == right),
        BinaryOperator::NotEqual => Some(left != right),
        BinaryOperator::Greater => Some(left > right),
        BinaryOperator::Less => Some(left < right),
        BinaryOperator::GreaterOrEqual => Some(left >= right),
        BinaryOperator::LessOrEqual => Some(left <= right),
        _ => None,
    }
}

/// What an arithmetic operator makes of two numbers; NaN for others, which are none of numbers.
#[inline]
pub(super) fn compute(operator: BinaryOperator, left: f64, right: f64) -> f64 {
    match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::Divide => left / right,
        BinaryOperator::Modulo => left % right,
        BinaryOperator::Power => left.powf(right),
        BinaryOperator::Atan2 => left.atan2(right),
        _ => f64::NAN,
    }
}

/// What comes out of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// 1 where it holds, else 0.
    Bool,
    /// The left value where it holds, else nothing.
    Left,
    /// The right value where it holds, else nothing.
    Right,
}

/// Puts in each place of the left column what comes of it and of the same place of the right one, nothing where either
/// has nothing.
pub(super) fn columns(operator: BinaryOperator, outcome: Outcome, left: &mut [f64], right: &[f64]) {
    use BinaryOperator::{
        Add, Atan2, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply, NotEqual, Power,
        Subtract,
    };
    // A loop for each operator, so that the operator is known in it and several steps are computed at once.
    match operator {
        Add => each(left, right, |left, right| left + right),
        Subtract => each(left, right, |left, right| left - right),
        Multiply => each(left, right, |left, right| left * right),
        Divide => each(left, right, |left, right| left / right),
        Modulo | Power | Atan2 => each(left, right, |left, right| compute(operator, left, right)),
        Equal => compared(outcome, left, right, |left, right| left == right),
        NotEqual => compared(outcome, left, right, |left, right| left != right),
        Greater => compared(outcome, left, right, |left, right| left > right),
        Less => compared(outcome, left, right, |left, right| left < right),
        GreaterOrEqual => compared(outcome, left, right, |left, right| left >= right),
        LessOrEqual => compared(outcome, left, right, |left, right| left <= right),
        _ => left.fill(ABSENT),
    }
}

#[inline]
fn each(left: &mut [f64], right: &[f64], value: impl Fn(f64, f64) -> f64) {
    for (left, right) in left.iter_mut().zip(right) {
        let is_there = !is_absent(*left) & !is_absent(*right);
        *left = if is_there { value(*left, *right) } else { ABSENT };
    }
}

#[inline]
fn compared(outcome: Outcome, left: &mut [f64], right: &[f64], holds: impl Fn(f64, f64) -> bool) {
    match outcome {
        Outcome::Bool => each(left, right, |left, right| f64::from(u8::from(holds(left, right)))),
        Outcome::Left => each(left, right, |left, right| if holds(left, right) { left } else { ABSENT }),
        Outcome::Right => each(left, right, |left, right| if holds(left, right) { right } else { ABSENT }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_nothing_where_a_side_has_nothing() {
        let mut left = [1.0, ABSENT, 3.0, f64::NAN];
        columns(BinaryOperator::Add, Outcome::Left, &mut left, &[1.0, 1.0, ABSENT, 1.0]);
        assert!(left[0] == 2.0 && is_absent(left[1]) && is_absent(left[2]));
        assert!(left[3].is_nan() && !is_absent(left[3]));
    }

    #[test]
    fn comparisons_keep_a_side_or_say_whether_they_hold() {
        let check = |outcome, expected: [f64; 2]| {
            let mut left = [1.0, 2.0];
            columns(BinaryOperator::Greater, outcome, &mut left, &[0.0, 3.0]);
            assert_eq!(left.map(f64::to_bits), expected.map(f64::to_bits), "{outcome:?}");
        };
        check(Outcome::Bool, [1.0, 0.0]);
        check(Outcome::Left, [1.0, ABSENT]);
        check(Outcome::Right, [0.0, ABSENT]);
    }
}
