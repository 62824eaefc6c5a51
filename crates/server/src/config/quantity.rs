//! Sizes such as `128MiB`.

/// Bytes from a number with an optional unit: B, KiB, MiB, GiB (1024) or KB, MB, GB (1000).
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let error = || format!("cannot read {text:?} as a size: use a number with B, KiB, MiB or GiB, such as 128MiB");
    let text_trimmed = text.trim();
    let unit_start = text_trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(text_trimmed.len());
    let (number, unit) = text_trimmed.split_at(unit_start);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(error()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_bytes("128MiB"), Ok(128 << 20));
        assert_eq!(parse_bytes(" 10 MB "), Ok(10_000_000));
        assert_eq!(parse_bytes("4096"), Ok(4096));
        for text in ["", "MiB", "1.5GiB", "-1", "1TiB", "99999999999GiB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
