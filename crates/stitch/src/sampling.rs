//! How many spans one sampled span stands for.

/// Digits of a threshold: 56 bits.
const THRESHOLD_DIGITS: usize = 14;

/// How many thresholds there are.
const THRESHOLDS: u64 = 1 << 56;

/// More than this no span is believed to stand for: whoever calls from outside may write what they like, and one request
/// must not count for more than all others. Nobody keeps less than one trace in a million.
const WEIGHT_MAX: f64 = 1_048_576.0;

/// How many spans a span with this W3C `tracestate` stands for, 1 to 1 048 576 inclusive.
///
/// A sampler that keeps a share of all traces writes the threshold below which it rejects into the entry `ot=th:…`, as
/// up to 14 hexadecimal digits without the zeros at their end. Of all 2^56 random numbers those from the threshold on
/// are kept, so each kept span stands for 2^56 / (2^56 - threshold). Absent or malformed, it is 1: nobody said that
/// any was left out.
///
/// Source: OpenTelemetry specification, "TraceState: Probability Sampling", sub-key `th`.
pub fn sampling_weight(trace_state: &str) -> f64 {
    match threshold(trace_state) {
        // Both are below 2^57, and what rounding loses does not show in a ratio.
        Some(threshold) => (THRESHOLDS as f64 / (THRESHOLDS - threshold) as f64).min(WEIGHT_MAX),
        None => 1.0,
    }
}

/// Below [`THRESHOLDS`].
fn threshold(trace_state: &str) -> Option<u64> {
    let entries = trace_state.split(',').filter_map(|entry| entry.trim().split_once('='));
    let (_, value) = entries.into_iter().find(|(key, _)| *key == "ot")?;
    let (_, digits) = value.split(';').filter_map(|pair| pair.split_once(':')).find(|(key, _)| *key == "th")?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digits.is_empty() || digits.len() > THRESHOLD_DIGITS || !digits.bytes().all(is_digit) {
        return None;
    }
    let number = u64::from_str_radix(digits, 16).ok()?;
    Some(number << (4 * (THRESHOLD_DIGITS - digits.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(trace_state: &str, expected: f64) {
        let found = sampling_weight(trace_state);
        assert!((found - expected).abs() < 1e-9 * expected, "{trace_state:?} weighs {found}, not {expected}");
    }

    #[test]
    fn a_threshold_says_how_many_a_span_stands_for() {
        check("ot=th:0", 1.0);
        check("ot=th:8", 2.0);
        check("ot=th:c", 4.0);
        check("ot=th:fd70a3d70a3d71", 100.0);
        check("ot=th:ffffffffffffff", WEIGHT_MAX);
    }

    #[test]
    fn it_is_found_among_other_entries() {
        check("vendor=th:c, ot=rv:e05a99c8df8d32;th:8 ,z=1", 2.0);
        check("ot=th:8,ot=th:c", 2.0);
    }

    #[test]
    fn without_a_threshold_that_can_be_read_a_span_stands_for_itself() {
        for trace_state in
            ["", "ot", "ot=", "ot=th:", "ot=th:g", "ot=th:C", "ot=rv:8", "ot=th:000000000000000", "OT=th:8"]
        {
            check(trace_state, 1.0);
        }
    }
}
