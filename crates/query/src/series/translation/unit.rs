//! Units: as OTLP writes them (UCUM) → the words that end a name in Prometheus.

/// What a unit adds to a name, each part possibly empty: what is measured, and per what (`per_second`). Characters are as
/// the sender wrote them where the unit is not a known one.
pub(super) fn suffixes(unit: &str) -> (String, String) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let main = part(main).map(main_word).unwrap_or_default();
    let per = part(per).map(|per| format!("per_{}", per_word(per))).unwrap_or_default();
    (main.to_owned(), per)
}

/// A unit in words that a name may have: `By/s` is `bytes_per_second`. Empty where there is none.
pub(super) fn unit_word(unit: &str) -> String {
    let (main, per) = suffixes(unit);
    let parts = [cleaned(&main), cleaned(&per)];
    let word = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("_");
    let word = word.strip_prefix('_').unwrap_or(&word);
    word.strip_suffix('_').unwrap_or(word).to_owned()
}

/// With `_` in place of what a name may not have, never two in a row and none at the start.
pub(super) fn cleaned(suffix: &str) -> String {
    let mut clean = String::with_capacity(suffix.len());
    for char in suffix.chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ':' => clean.push(char),
            _ if clean.ends_with('_') => {}
            _ => clean.push('_'),
        }
    }
    clean.strip_prefix('_').map(str::to_owned).unwrap_or(clean)
}

/// What says nothing is left out: blanks, and annotations such as `{request}`.
fn part(unit: &str) -> Option<&str> {
    let unit = unit.trim();
    (!unit.is_empty() && !unit.contains(['{', '}'])).then_some(unit)
}

fn main_word(unit: &str) -> &str {
    match unit {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "1" => "",
        "%" => "percent",
        other => other,
    }
}

fn per_word(unit: &str) -> &str {
    match unit {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_words() {
        let cases = [
            ("", ""),
            ("1", ""),
            ("s", "seconds"),
            (" ms ", "milliseconds"),
            ("By/s", "bytes_per_second"),
            ("{request}/s", "per_second"),
            ("{request}", ""),
            ("1/m", "per_minute"),
            ("By/", "bytes"),
            ("By/{thing}", "bytes"),
            ("m/s/s", "meters_per_s_s"),
            ("kg·m", "kg_m"),
            ("$", ""),
            ("%", "percent"),
            ("foo__bar_", "foo_bar"),
        ];
        for (unit, word) in cases {
            assert_eq!(unit_word(unit), word, "{unit:?}");
        }
    }
}
