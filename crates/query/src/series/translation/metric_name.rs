//! Names of metrics.

use super::family::StoredKind;
use super::unit;
use crate::config::NameTranslation;

/// What Prometheus calls a metric; `None` where nothing is left of the name.
pub(super) fn metric_name(names: NameTranslation, name: &str, unit: &str, kind: StoredKind) -> Option<String> {
    let made = match names {
        NameTranslation::UnderscoreEscapingWithSuffixes => escaped_with_suffixes(name, unit, kind),
        NameTranslation::UnderscoreEscapingWithoutSuffixes => escaped(name),
        NameTranslation::NoUtf8EscapingWithSuffixes => with_suffixes(name, unit, kind),
        NameTranslation::NoTranslation => name.to_owned(),
    };
    let is_a_name = made == name || made.contains(|char| char != '_');
    (!made.is_empty() && is_a_name).then_some(made)
}

fn escaped(name: &str) -> String {
    let tokens = name.split(|char: char| !is_valid(char) && char != '_').filter(|token| !token.is_empty());
    not_of_digit(tokens.collect::<Vec<_>>().join("_"))
}

fn escaped_with_suffixes(name: &str, unit: &str, kind: StoredKind) -> String {
    let (main, per) = unit::suffixes(unit);
    let (mut main, per) = (unit::cleaned(&main), unit::cleaned(&per));
    let per = if per == "per_" { "" } else { per.strip_suffix('_').unwrap_or(&per) };
    let mut tokens: Vec<&str> = name.split(|char: char| !is_valid(char)).filter(|token| !token.is_empty()).collect();
    if tokens.contains(&main.as_str()) {
        main.clear();
    }
    if !per.is_empty() && main.ends_with('_') {
        main.pop();
    }
    tokens.extend([main.as_str(), per].into_iter().filter(|suffix| !suffix.is_empty()));
    if let Some(last) = last_word(kind, unit) {
        tokens.retain(|token| *token != last);
        tokens.push(last);
    }
    not_of_digit(tokens.join("_"))
}

/// Of names that may hold anything; the order of suffixes is the same.
fn with_suffixes(name: &str, unit: &str, kind: StoredKind) -> String {
    let (main, per) = unit::suffixes(unit);
    let last = last_word(kind, unit).unwrap_or_default();
    let mut name = without_suffix(without_suffix(name, last), &per).to_owned();
    if !name.ends_with(&main) {
        name.push('_');
        name.push_str(&main);
    }
    for suffix in [per.as_str(), last].into_iter().filter(|suffix| !suffix.is_empty()) {
        name.push('_');
        name.push_str(suffix);
    }
    name
}

/// Counters end in `total`. Gauges without a unit are ratios; counters without one count things, though they should say so.
fn last_word(kind: StoredKind, unit: &str) -> Option<&'static str> {
    match kind {
        StoredKind::Counter => Some("total"),
        StoredKind::Gauge if unit == "1" => Some("ratio"),
        _ => None,
    }
}

/// Without the suffix and the character before it, if anything stands before that.
fn without_suffix<'a>(name: &'a str, suffix: &str) -> &'a str {
    if suffix.is_empty() {
        return name;
    }
    let before = name.strip_suffix(suffix).and_then(|rest| rest.char_indices().next_back().map(|(at, _)| &rest[..at]));
    before.filter(|before| !before.is_empty()).unwrap_or(name)
}

fn is_valid(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == ':'
}

fn not_of_digit(name: String) -> String {
    if name.starts_with(|char: char| char.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use NameTranslation::{
        NoTranslation, NoUtf8EscapingWithSuffixes, UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes,
    };
    use StoredKind::{Counter, Gauge, Histogram, UpDown};

    use super::*;

    /// What each translation makes of a name: escaped with suffixes, escaped, with suffixes. Without translation it stays.
    #[track_caller]
    fn check(name: &str, unit: &str, kind: StoredKind, expected: [Option<&str>; 3]) {
        let translations =
            [UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUtf8EscapingWithSuffixes];
        let made = translations.map(|names| metric_name(names, name, unit, kind));
        assert_eq!(made.each_ref().map(Option::as_deref), expected, "{name:?} in {unit:?}");
        assert_eq!(metric_name(NoTranslation, name, unit, kind).as_deref(), Some(name));
    }

    #[test]
    fn names_say_unit_and_kind() {
        let some = |names: [&'static str; 3]| names.map(Some);
        check(
            "http.server.duration",
            "s",
            Histogram,
            some(["http_server_duration_seconds", "http_server_duration", "http.server.duration_seconds"]),
        );
        check("requests", "1", Counter, some(["requests_total", "requests", "requests_total"]));
        check("requests.total", "{request}", Counter, some(["requests_total", "requests_total", "requests_total"]));
        check("total.requests", "", Counter, some(["requests_total", "total_requests", "total.requests_total"]));
        check(
            "cpu.utilization",
            "1",
            Gauge,
            some(["cpu_utilization_ratio", "cpu_utilization", "cpu.utilization_ratio"]),
        );
        check("hit.ratio", "1", Gauge, some(["hit_ratio", "hit_ratio", "hit_ratio"]));
        check("queue", "1", UpDown, some(["queue", "queue", "queue"]));
        check("io", "By/s", Gauge, some(["io_bytes_per_second", "io", "io_bytes_per_second"]));
        check("io.bytes", "By", Counter, some(["io_bytes_total", "io_bytes", "io.bytes_total"]));
        check("seconds.spent", "s", Gauge, some(["seconds_spent", "seconds_spent", "seconds.spent_seconds"]));
        check("speed", "m/s", Gauge, some(["speed_meters_per_second", "speed", "speed_meters_per_second"]));
    }

    #[test]
    fn what_a_name_may_not_have_becomes_one_underscore() {
        check("a..b__c", "", Gauge, [Some("a_b_c"), Some("a_b__c"), Some("a..b__c")]);
        check("1st", "", Gauge, [Some("_1st"), Some("_1st"), Some("1st")]);
        check("_leading_", "", Gauge, [Some("leading"), Some("_leading_"), Some("_leading_")]);
        check("grüße", "", Gauge, [Some("gr_e"), Some("gr_e"), Some("grüße")]);
        check("rule:of:five", "", Gauge, [Some("rule:of:five"), Some("rule:of:five"), Some("rule:of:five")]);
        check("x", "a b_/c$", Gauge, [Some("x_a_b_per_c"), Some("x"), Some("x_a b__per_c$")]);
    }

    #[test]
    fn a_name_of_which_nothing_is_left_is_none() {
        check("...", "", Gauge, [None, None, Some("...")]);
        check("___", "", Gauge, [None, Some("___"), Some("___")]);
        check("温度", "", Gauge, [None, None, Some("温度")]);
        check("温度", "Cel", Gauge, [Some("celsius"), None, Some("温度_celsius")]);
    }
}
