//! Paths that our Markdown names exist, and ARCHITECTURE.md names every crate.

use std::collections::BTreeSet;

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};

const CODE_MAP: &str = "ARCHITECTURE.md";

/// A path in backticks is checked when it starts in one of these.
const FOLDERS: &[&str] = &["benches/", "crates/", "docs/", "proto/", "tests/", "ui/", "xtask/"];

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    let is_ours = |file: &&SourceFile| {
        file.extension() == "md"
            && (!file.path.contains('/') || file.path.starts_with("docs/") || file.path.ends_with("README.md"))
    };
    for file in repository.files().iter().filter(is_ours) {
        check_paths(repository, file, findings);
    }
    check_crates(repository, findings);
}

fn check_crates(repository: &Repository, findings: &mut Vec<Finding>) {
    let text = repository.files().iter().find(|file| file.path == CODE_MAP).map_or("", |file| &file.text);
    let named: BTreeSet<&str> = text
        .match_indices("crates/")
        .map(|(at, found)| &text[at + found.len()..])
        .map(|rest| &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(rest.len())])
        .collect();
    for name in repository.crates().filter(|name| !named.contains(name)) {
        let remedy = "say in the code map what it holds and what it must never know";
        findings.push(finding(CODE_MAP, 1, format!("`crates/{name}` is not in the code map"), remedy));
    }
}

fn check_paths(repository: &Repository, file: &SourceFile, findings: &mut Vec<Finding>) {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for (index, line) in file.text.lines().enumerate() {
        for path in quoted(line).filter(|path| is_path(path)) {
            if !repository.contains(path.trim_end_matches('/')) {
                let remedy = "name what is there today";
                findings.push(finding(&file.path, index + 1, format!("`{path}` does not exist"), remedy));
            }
        }
        for target in links(line) {
            let path = resolve(folder, target);
            if !path.is_empty() && !repository.contains(&path) {
                let remedy = "link what is there today";
                findings.push(finding(&file.path, index + 1, format!("the link `{target}` leads nowhere"), remedy));
            }
        }
    }
}

/// The texts between single backticks of one line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// A plain path into the repository: no pattern, no placeholder, no command around it.
fn is_path(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && text.chars().all(is_plain) && !text.contains("..")
        // Built, not kept.
        && !text.starts_with("ui/dist") && !text.contains("node_modules")
}

/// The targets of Markdown links that point into the repository, without their `#heading`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = &rest[..rest.find(')')?];
        let target = target.split('#').next().unwrap_or_default();
        (!target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")).then_some(target)
    })
}

/// `target` as seen from `folder`, as a path from the root.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn finding(path: &str, line: usize, message: String, remedy: &'static str) -> Finding {
    Finding { path: path.to_owned(), line, rule: Rule::CodeMap, message, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let mut findings = Vec::new();
        super::check(&Repository::of(files), &mut findings);
        let found: Vec<String> =
            findings.iter().map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.message)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_code_map_and_the_crates_name_each_other() {
        let store = ("crates/store/Cargo.toml", "");
        check(&[(CODE_MAP, "`crates/store` keeps blocks"), store], &[]);
        check(
            &[(CODE_MAP, "`crates/stores`"), store],
            &[
                "ARCHITECTURE.md:1: `crates/stores` does not exist",
                "ARCHITECTURE.md:1: `crates/store` is not in the code map",
            ],
        );
        check(&[store], &["ARCHITECTURE.md:1: `crates/store` is not in the code map"]);
    }

    #[test]
    fn paths_in_documents_exist() {
        let lib = ("xtask/src/main.rs", "");
        check(&[("docs/a.md", "`xtask/src/` and `xtask/src/main.rs`"), lib], &[]);
        check(&[("docs/a.md", "`xtask/<verb>.rs`, `ui/dist`, `cat xtask/x`"), lib], &[]);
        check(&[("docs/a.md", "\n`xtask/src/mian.rs`"), lib], &["docs/a.md:2: `xtask/src/mian.rs` does not exist"]);
    }

    #[test]
    fn links_in_documents_lead_somewhere() {
        let readme = ("README.md", "[a](docs/a.md#why) [b](https://example.com) [c](#here)");
        check(&[readme, ("docs/a.md", "[up](../README.md)")], &[]);
        check(
            &[("docs/a.md", "[up](README.md)"), ("README.md", "")],
            &["docs/a.md:1: the link `README.md` leads nowhere"],
        );
    }
}
