//! The text of logs and errors: lower case, no final period, and the data of a log line in its fields.
//!
//! An error is quoted inside other sentences, and a log message is counted by its text: both must be the same
//! words each time.

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};
use super::rust_text::RustText;

/// Macros of `tracing` that take a message.
const LOG_MACROS: &[&str] = &["trace!", "debug!", "info!", "warn!", "error!"];

/// What takes the text of an error as its first literal.
const ERROR_CALLS: &[&str] = &["anyhow!", "bail!", "ensure!", "context", "with_context", "error"];

/// Words that are written with a capital wherever they stand.
const PROPER_NOUNS: &[&str] = &["Arrow", "Kubernetes", "Node", "Nunchi", "Parquet", "Prometheus", "Python", "Rust"];

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    for file in repository.rust_files().filter(|file| file.path.contains("/src/")) {
        let text = RustText::new(&file.text);
        for name in LOG_MACROS {
            check_calls(file, &text, name, findings);
        }
        for name in ERROR_CALLS {
            check_calls(file, &text, name, findings);
        }
    }
}

fn check_calls(file: &SourceFile, text: &RustText<'_>, name: &str, findings: &mut Vec<Finding>) {
    let code = text.code();
    let is_log = LOG_MACROS.contains(&name);
    for at in text.words(name.trim_end_matches('!')) {
        let open = at + name.len();
        // `error` is a field, a variable and a method as well; only the attribute of thiserror carries a text.
        let is_ours = code[at..].starts_with(name)
            && code[open..].starts_with('(')
            && (name != "error" || code[..at].ends_with("#["))
            && (!name.ends_with("context") || code[..at].ends_with('.'));
        if !is_ours {
            continue;
        }
        let end = text.close_of(open);
        let quote = if is_log { message(code, open, end) } else { first_literal(code, open, end) };
        let Some(quote) = quote else { continue };
        let literal = text.literal_at(quote).unwrap_or_default();
        for (message, remedy) in faults(literal, is_log) {
            let (path, line, message) = (file.path.clone(), text.line(quote), message.to_owned());
            findings.push(Finding { path, line, rule: Rule::Message, message, remedy });
        }
    }
}

fn first_literal(code: &str, open: usize, end: usize) -> Option<usize> {
    code[open..end].find('"').map(|at| open + at)
}

/// The first argument that is a literal by itself; `target: "store"` and `name = "value"` are not.
fn message(code: &str, open: usize, end: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut starts_argument = true;
    let mut is_in_literal = false;
    for (at, byte) in code.bytes().enumerate().take(end).skip(open + 1) {
        match byte {
            b'"' if starts_argument && depth == 0 && !is_in_literal => return Some(at),
            b'"' => is_in_literal = !is_in_literal,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                starts_argument = true;
                continue;
            }
            _ => {}
        }
        starts_argument &= byte.is_ascii_whitespace();
    }
    None
}

fn faults(text: &str, is_log: bool) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    let first_word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut letters = first_word.chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    if is_capital && !PROPER_NOUNS.contains(&first_word) {
        faults.push(("the text opens with a capital", "write it as part of a sentence: in lower case"));
    }
    if text.ends_with('.') && !text.ends_with("..") {
        faults.push(("the text ends with a period", "leave it out"));
    }
    if is_log && text.replace("{{", "").contains('{') {
        faults.push(("the log message holds data", "put the value in a field: warn!(remaining, \"retry failed\")"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &[&str]) {
        let mut findings = Vec::new();
        super::check(&Repository::of(&[("crates/wal/src/lib.rs", code)]), &mut findings);
        let found: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn log_text_is_lower_case_without_a_period_or_data() {
        check(r#"warn!(remaining, "flush retry failed");"#, &[]);
        check(r#"warn!("Flush retry failed.");"#, &["the text opens with a capital", "the text ends with a period"]);
        check(r#"tracing::info!("listening on {address}");"#, &["the log message holds data"]);
        check(r#"info!(target: "Store", kind = "Full", %error, "refused");"#, &[]);
        check(r#"info!(n = f("Not this", x), "Refused");"#, &["the text opens with a capital"]);
        check(r#"debug!(?error);"#, &[]);
    }

    #[test]
    fn error_text_is_lower_case_without_a_period() {
        check(r##"#[error("cannot read {path}")]"##, &[]);
        check(
            r##"#[error("Cannot read {path}.")]"##,
            &["the text opens with a capital", "the text ends with a period"],
        );
        check(r#"bail!("No such block");"#, &["the text opens with a capital"]);
        check(r#"file.read().with_context(|| format!("Cannot read {path}"))?;"#, &["the text opens with a capital"]);
        check(r#"anyhow::ensure!(n < 3, "more than three blocks");"#, &[]);
        check(r#"let error = error("Not a message.");"#, &[]);
    }

    #[test]
    fn acronyms_and_proper_nouns_keep_their_capitals() {
        check(r#"warn!("OTLP body refused"); bail!("Parquet footer is cut"); bail!("I/O is gone")"#, &[]);
    }
}
