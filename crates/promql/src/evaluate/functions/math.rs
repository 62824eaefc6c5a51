//! Functions of each float by itself.

use std::f64::consts::PI;

/// The function of this name, if it is one of a float and nothing else.
pub(in crate::evaluate) fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "acos" => f64::acos,
        "acosh" => f64::acosh,
        "asin" => f64::asin,
        "asinh" => f64::asinh,
        "atan" => f64::atan,
        "atanh" => f64::atanh,
        "ceil" => f64::ceil,
        "cos" => f64::cos,
        "cosh" => f64::cosh,
        "deg" => |value| value * (180.0 / PI),
        "exp" => f64::exp,
        "floor" => f64::floor,
        "ln" => f64::ln,
        "log10" => f64::log10,
        "log2" => f64::log2,
        "rad" => |value| value * (PI / 180.0),
        "sgn" => sign,
        "sin" => f64::sin,
        "sinh" => f64::sinh,
        "sqrt" => f64::sqrt,
        "tan" => f64::tan,
        "tanh" => f64::tanh,
        _ => return None,
    })
}

/// Zeros and NaN are their own.
fn sign(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// To the nearest multiple; of two that are as near, the higher one.
pub(in crate::evaluate) fn round(value: f64, to_nearest: f64) -> f64 {
    // Its inverse loses less than itself.
    let inverse = 1.0 / to_nearest;
    (value * inverse + 0.5).floor() / inverse
}

/// Between two bounds; NaN stays NaN, and a bound of NaN makes all so.
pub(in crate::evaluate) fn clamp(value: f64, min: f64, max: f64) -> f64 {
    larger(min, smaller(max, value))
}

/// The larger of two; NaN unless one is +Inf or neither is NaN.
pub(in crate::evaluate) fn larger(one: f64, other: f64) -> f64 {
    if one == f64::INFINITY || other == f64::INFINITY {
        f64::INFINITY
    } else if one.is_nan() || other.is_nan() {
        f64::NAN
    } else {
        one.max(other)
    }
}

/// The smaller of two; NaN unless one is -Inf or neither is NaN.
pub(in crate::evaluate) fn smaller(one: f64, other: f64) -> f64 {
    if one == f64::NEG_INFINITY || other == f64::NEG_INFINITY {
        f64::NEG_INFINITY
    } else if one.is_nan() || other.is_nan() {
        f64::NAN
    } else {
        one.min(other)
    }
}
