//! Names of labels.

use crate::config::NameTranslation;

/// What an attribute's key is called as a label; `None` where nothing is left of it.
pub(super) fn label_name(names: NameTranslation, key: &str) -> Option<String> {
    if !names.is_escaping() {
        return (!key.is_empty()).then(|| key.to_owned());
    }
    let mut name: String = key.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    if name.starts_with(|char: char| char.is_ascii_digit()) {
        name.insert_str(0, "key_");
    } else if name.starts_with('_') && !name.starts_with("__") {
        // One underscore at the start is for names that people do not make up.
        name.insert_str(0, "key");
    }
    name.contains(|char| char != '_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_names_that_prometheus_has_always_taken() {
        let cases = [
            ("http.route", Some("http_route")),
            ("plain", Some("plain")),
            ("a..b", Some("a__b")),
            ("2xx", Some("key_2xx")),
            ("_private", Some("key_private")),
            (".dot", Some("key_dot")),
            ("__reserved__", Some("__reserved__")),
            ("grüße", Some("gr__e")),
            ("_", Some("key_")),
            ("__", None),
            ("..", None),
            ("", None),
        ];
        for (key, name) in cases {
            let escaping = NameTranslation::UnderscoreEscapingWithSuffixes;
            assert_eq!(label_name(escaping, key).as_deref(), name, "{key:?}");
            let kept = (!key.is_empty()).then_some(key);
            assert_eq!(label_name(NameTranslation::NoTranslation, key).as_deref(), kept, "{key:?}");
        }
    }
}
