//! Numbers as Prometheus prints them in texts.

use std::fmt;

/// A float as Go's `%g` prints it: the fewest digits that tell it from others, with an exponent where that is below -4 or
/// above 5.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortest(pub(crate) f64);

impl fmt::Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.is_nan() {
            return f.write_str("NaN");
        }
        if value.is_infinite() {
            return f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" });
        }
        let scientific = format!("{value:e}");
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        match exponent.parse::<i32>() {
            Ok(exponent) if !(-4..6).contains(&exponent) => {
                let sign = if exponent < 0 { '-' } else { '+' };
                write!(f, "{digits}e{sign}{:02}", exponent.unsigned_abs())
            }
            _ => write!(f, "{value}"),
        }
    }
}

/// Numbers in brackets, by spaces.
pub(super) struct Bracketed<I>(pub(super) I);

impl<I: Iterator<Item = f64> + Clone> fmt::Display for Bracketed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, number) in self.0.clone().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { " " }, Shortest(number))?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_go_does() {
        let check = |value: f64, text: &str| assert_eq!(Shortest(value).to_string(), text);
        check(0.0, "0");
        check(-0.0, "-0");
        check(100_000.0, "100000");
        check(1_000_000.0, "1e+06");
        check(1_234_567.5, "1.2345675e+06");
        check(0.0001, "0.0001");
        check(0.000_012, "1.2e-05");
        check(-2.5e-128, "-2.5e-128");
        check(f64::INFINITY, "+Inf");
        check(f64::NEG_INFINITY, "-Inf");
        check(f64::NAN, "NaN");
    }
}
