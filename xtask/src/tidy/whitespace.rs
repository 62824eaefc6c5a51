//! Blanks that nobody sees until a diff shows them.

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};
use super::rust_text::RustText;

/// Files whose blanks are data are not here: fixtures are `json` and `txt`.
const EXTENSIONS: &[&str] =
    &["rs", "toml", "md", "ts", "tsx", "js", "mjs", "cjs", "css", "html", "py", "sh", "yaml", "yml", "proto"];

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    for file in repository.files() {
        if file.extension() == "rs" {
            let text = RustText::new(&file.text);
            check_lines(file, findings, |offset| !text.is_in_string(offset));
        } else if EXTENSIONS.contains(&file.extension()) || file.name() == "Makefile" {
            check_lines(file, findings, |_| true);
        }
    }
}

/// `is_ours` tells, for the offset of a blank, whether it is style or data.
fn check_lines(file: &SourceFile, findings: &mut Vec<Finding>, is_ours: impl Fn(usize) -> bool) {
    let mut start = 0;
    for (index, line) in file.text.split('\n').enumerate() {
        let mut push = |message: &str, remedy| {
            let (path, line, message) = (file.path.clone(), index + 1, message.to_owned());
            findings.push(Finding { path, line, rule: Rule::Whitespace, message, remedy });
        };
        let kept = line.trim_end();
        if kept.len() < line.len() && is_ours(start + kept.len()) {
            push("blanks at the end of the line", "cut them off");
        }
        if let Some(tab) = line.find('\t').filter(|_| file.extension() == "rs")
            && tab < kept.len()
            && is_ours(start + tab)
        {
            push("a tab", "run cargo fmt, or write \\t inside a string");
        }
        start += line.len() + 1;
    }
    if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
        findings.push(Finding {
            path: file.path.clone(),
            line: file.text.lines().count(),
            rule: Rule::Whitespace,
            message: "the file does not end with one line break".to_owned(),
            remedy: "end it with exactly one",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let mut findings = Vec::new();
        super::check(&Repository::of(&[(path, text)]), &mut findings);
        let found: Vec<String> =
            findings.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_end_where_their_text_ends() {
        check("a.rs", "a\nb \n", &["2: blanks at the end of the line"]);
        check("a.md", "a\r\n", &["1: blanks at the end of the line"]);
        check("Makefile", "a:\n\tb\n", &[]);
        check("a.json", "{ \n", &[]);
    }

    #[test]
    fn blanks_inside_a_string_are_data() {
        check("a.rs", "f(\"a \n b\t\n\");\n", &[]);
        check("a.rs", "\tf();\n", &["1: a tab"]);
    }

    #[test]
    fn a_file_ends_with_one_line_break() {
        check("a.rs", "a", &["1: the file does not end with one line break"]);
        check("a.rs", "a\n\n", &["2: the file does not end with one line break"]);
        check("a.rs", "", &[]);
    }
}
