//! Every Rust file opens by saying what it holds.

use super::finding::{Finding, Rule};
use super::repository::Repository;

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    for file in repository.rust_files() {
        let head = file.text.lines().next().and_then(|line| line.strip_prefix("//!")).unwrap_or_default();
        // Two words are the least that can say more than the file's name does.
        if head.split_whitespace().count() < 2 {
            findings.push(Finding {
                path: file.path.clone(),
                line: 1,
                rule: Rule::Head,
                message: "the file does not open with what it holds".to_owned(),
                remedy: "write a `//!` sentence as its first line",
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, findings_expected: usize) {
        let mut findings = Vec::new();
        super::check(&Repository::of(&[("a.rs", text)]), &mut findings);
        assert_eq!(findings.len(), findings_expected, "{text}");
    }

    #[test]
    fn the_first_line_says_what_the_file_holds() {
        check("//! What a block is.\n", 0);
        check("// What a block is.\n", 1);
        check("use std::fmt;\n//! What a block is.\n", 1);
        check("//! block\n", 1);
        check("", 1);
    }
}
