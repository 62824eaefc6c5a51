//! The values of `le` and `quantile`.

/// The shortest digits that are this number, never with an exponent; `+Inf` for infinity.
pub(in crate::series) fn bound_text(bound: f64) -> String {
    match bound {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        bound => bound.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_have_no_exponent() {
        let cases = [(1.0, "1"), (0.005, "0.005"), (1e21, "1000000000000000000000"), (1e-9, "0.000000001")];
        for (bound, text) in cases.into_iter().chain([(f64::INFINITY, "+Inf"), (-2.5, "-2.5"), (f64::NAN, "NaN")]) {
            assert_eq!(bound_text(bound), text);
        }
    }
}
