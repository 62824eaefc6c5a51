//! Where buckets end.

use super::bound_table::BOUNDS;
use super::{SCHEMA_MAX, SCHEMA_MIN};

/// The upper bound (away from zero) of a bucket with this index; that of the bucket below is its lower bound.
///
/// The last bucket of finite observations ends at the largest float, and the one after it, which ends at infinity, holds
/// the infinite ones.
pub(super) fn exponential_bound(index: i64, schema: i32) -> f64 {
    debug_assert!((SCHEMA_MIN..=SCHEMA_MAX).contains(&schema));
    if schema < 0 {
        // 1 = 0.5 · 2^1
        return scaled(0.5, (index << -schema).saturating_add(1));
    }
    let per_power = 1i64 << schema;
    let within = (index.rem_euclid(per_power) << (SCHEMA_MAX - schema)) as usize;
    scaled(BOUNDS[within], index.div_euclid(per_power) + 1)
}

/// The upper bound of a custom bucket: -Inf below the first and +Inf from the last on.
pub(super) fn custom_bound(index: i64, bounds: &[f64]) -> f64 {
    match usize::try_from(index) {
        Ok(at) => bounds.get(at).copied().unwrap_or(f64::INFINITY),
        Err(_) => f64::NEG_INFINITY,
    }
}

/// `fraction` · 2^`exponent`, rounded once; the fraction is at least 0.5 and below 1.
fn scaled(fraction: f64, exponent: i64) -> f64 {
    // Below this all is 0, and above it infinite.
    const EXPONENT_MIN: i64 = -1080;
    const EXPONENT_MAX: i64 = 1025;
    // Subnormal results come from a normal number that is scaled down in one step, which rounds them once.
    const LIFT: i64 = 200;
    match exponent {
        ..EXPONENT_MIN => 0.0,
        EXPONENT_MAX if fraction == 0.5 => f64::MAX,
        EXPONENT_MAX.. => f64::INFINITY,
        -1020.. => fraction * 2.0 * power_of_two(exponent - 1),
        _ => fraction * power_of_two(exponent + LIFT) * power_of_two(-LIFT),
    }
}

/// 2^`exponent`, which must be that of a normal number: -1022 to 1023.
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}
