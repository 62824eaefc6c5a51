//! Every function: what it takes and what it gives.

use super::{Function, ValueType};

impl Function {
    /// The function of this name, letter by letter.
    pub fn named(name: &str) -> Option<&'static Self> {
        let at = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok()?;
        Some(&FUNCTIONS[at])
    }

    /// Every function, by name.
    pub fn all() -> &'static [Self] {
        &FUNCTIONS
    }

    const fn new(name: &'static str, arguments: &'static [ValueType], returns: ValueType) -> Self {
        Self { name, arguments, variadic: 0, returns }
    }

    const fn variadic(self, variadic: i8) -> Self {
        Self { variadic, ..self }
    }
}

const SCALAR: ValueType = ValueType::Scalar;
const TEXT: ValueType = ValueType::Text;
const VECTOR: ValueType = ValueType::Vector;
const MATRIX: ValueType = ValueType::Matrix;

/// Sorted by name.
static FUNCTIONS: [Function; 91] = [
    Function::new("abs", &[VECTOR], VECTOR),
    Function::new("absent", &[VECTOR], VECTOR),
    Function::new("absent_over_time", &[MATRIX], VECTOR),
    Function::new("acos", &[VECTOR], VECTOR),
    Function::new("acosh", &[VECTOR], VECTOR),
    Function::new("asin", &[VECTOR], VECTOR),
    Function::new("asinh", &[VECTOR], VECTOR),
    Function::new("atan", &[VECTOR], VECTOR),
    Function::new("atanh", &[VECTOR], VECTOR),
    Function::new("avg_over_time", &[MATRIX], VECTOR),
    Function::new("ceil", &[VECTOR], VECTOR),
    Function::new("changes", &[MATRIX], VECTOR),
    Function::new("clamp", &[VECTOR, SCALAR, SCALAR], VECTOR),
    Function::new("clamp_max", &[VECTOR, SCALAR], VECTOR),
    Function::new("clamp_min", &[VECTOR, SCALAR], VECTOR),
    Function::new("cos", &[VECTOR], VECTOR),
    Function::new("cosh", &[VECTOR], VECTOR),
    Function::new("count_over_time", &[MATRIX], VECTOR),
    Function::new("day_of_month", &[VECTOR], VECTOR).variadic(1),
    Function::new("day_of_week", &[VECTOR], VECTOR).variadic(1),
    Function::new("day_of_year", &[VECTOR], VECTOR).variadic(1),
    Function::new("days_in_month", &[VECTOR], VECTOR).variadic(1),
    Function::new("deg", &[VECTOR], VECTOR),
    Function::new("delta", &[MATRIX], VECTOR),
    Function::new("deriv", &[MATRIX], VECTOR),
    Function::new("double_exponential_smoothing", &[MATRIX, SCALAR, SCALAR], VECTOR),
    Function::new("end", &[], SCALAR),
    Function::new("exp", &[VECTOR], VECTOR),
    Function::new("first_over_time", &[MATRIX], VECTOR),
    Function::new("floor", &[VECTOR], VECTOR),
    Function::new("histogram_avg", &[VECTOR], VECTOR),
    Function::new("histogram_count", &[VECTOR], VECTOR),
    Function::new("histogram_fraction", &[SCALAR, SCALAR, VECTOR], VECTOR),
    Function::new("histogram_quantile", &[SCALAR, VECTOR], VECTOR),
    Function::new("histogram_quantiles", &[VECTOR, TEXT, SCALAR, SCALAR], VECTOR).variadic(9),
    Function::new("histogram_stddev", &[VECTOR], VECTOR),
    Function::new("histogram_stdvar", &[VECTOR], VECTOR),
    Function::new("histogram_sum", &[VECTOR], VECTOR),
    Function::new("hour", &[VECTOR], VECTOR).variadic(1),
    Function::new("idelta", &[MATRIX], VECTOR),
    Function::new("increase", &[MATRIX], VECTOR),
    Function::new("info", &[VECTOR, VECTOR], VECTOR).variadic(1),
    Function::new("integral", &[MATRIX, SCALAR], VECTOR).variadic(1),
    Function::new("irate", &[MATRIX], VECTOR),
    Function::new("label_join", &[VECTOR, TEXT, TEXT, TEXT], VECTOR).variadic(-1),
    Function::new("label_replace", &[VECTOR, TEXT, TEXT, TEXT, TEXT], VECTOR),
    Function::new("last_over_time", &[MATRIX], VECTOR),
    Function::new("ln", &[VECTOR], VECTOR),
    Function::new("log10", &[VECTOR], VECTOR),
    Function::new("log2", &[VECTOR], VECTOR),
    Function::new("mad_over_time", &[MATRIX], VECTOR),
    Function::new("max_of", &[SCALAR, SCALAR], SCALAR),
    Function::new("max_over_time", &[MATRIX], VECTOR),
    Function::new("min_of", &[SCALAR, SCALAR], SCALAR),
    Function::new("min_over_time", &[MATRIX], VECTOR),
    Function::new("minute", &[VECTOR], VECTOR).variadic(1),
    Function::new("month", &[VECTOR], VECTOR).variadic(1),
    Function::new("pi", &[], SCALAR),
    Function::new("predict_linear", &[MATRIX, SCALAR], VECTOR),
    Function::new("present_over_time", &[MATRIX], VECTOR),
    Function::new("quantile_over_time", &[SCALAR, MATRIX], VECTOR),
    Function::new("rad", &[VECTOR], VECTOR),
    Function::new("range", &[], SCALAR),
    Function::new("rate", &[MATRIX], VECTOR),
    Function::new("resets", &[MATRIX], VECTOR),
    Function::new("round", &[VECTOR, SCALAR], VECTOR).variadic(1),
    Function::new("scalar", &[VECTOR], SCALAR),
    Function::new("sgn", &[VECTOR], VECTOR),
    Function::new("sin", &[VECTOR], VECTOR),
    Function::new("sinh", &[VECTOR], VECTOR),
    Function::new("sort", &[VECTOR], VECTOR),
    Function::new("sort_by_label", &[VECTOR, TEXT], VECTOR).variadic(-1),
    Function::new("sort_by_label_desc", &[VECTOR, TEXT], VECTOR).variadic(-1),
    Function::new("sort_desc", &[VECTOR], VECTOR),
    Function::new("sqrt", &[VECTOR], VECTOR),
    Function::new("start", &[], SCALAR),
    Function::new("start_timestamp", &[VECTOR], VECTOR),
    Function::new("stddev_over_time", &[MATRIX], VECTOR),
    Function::new("stdvar_over_time", &[MATRIX], VECTOR),
    Function::new("step", &[], SCALAR),
    Function::new("sum_over_time", &[MATRIX], VECTOR),
    Function::new("tan", &[VECTOR], VECTOR),
    Function::new("tanh", &[VECTOR], VECTOR),
    Function::new("time", &[], SCALAR),
    Function::new("timestamp", &[VECTOR], VECTOR),
    Function::new("ts_of_first_over_time", &[MATRIX], VECTOR),
    Function::new("ts_of_last_over_time", &[MATRIX], VECTOR),
    Function::new("ts_of_max_over_time", &[MATRIX], VECTOR),
    Function::new("ts_of_min_over_time", &[MATRIX], VECTOR),
    Function::new("vector", &[SCALAR], VECTOR),
    Function::new("year", &[VECTOR], VECTOR).variadic(1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_and_found_by_name() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(FUNCTIONS.iter().all(|function| Function::named(function.name) == Some(function)));
        assert_eq!(Function::named("Rate"), None);
    }
}
