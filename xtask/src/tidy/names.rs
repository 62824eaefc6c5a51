//! Names that say nothing: a module without a noun has no reason to refuse anything.

use super::finding::{Finding, Rule};
use super::repository::Repository;
use super::rust_text::RustText;

/// As a crate, a folder, a file or a module.
const BANNED: &[&str] = &["common", "core", "helper", "helpers", "misc", "types", "util", "utils"];

/// The folders whose names are ours to choose.
const OURS: &[&str] = &["benches/", "crates/", "tests/", "ui/", "xtask/"];

/// The files that are named like the module they hold.
const EXTENSIONS: &[&str] = &["css", "js", "mjs", "py", "rs", "ts", "tsx"];

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    let ours = |path: &str| OURS.iter().any(|folder| path.starts_with(folder));
    for file in repository.files().iter().filter(|file| ours(&file.path) && EXTENSIONS.contains(&file.extension())) {
        // Two files of one bad folder are two findings; the exception, if there is one, names the folder.
        let stem = file.path.strip_suffix(file.extension()).unwrap_or(&file.path).trim_end_matches('.');
        for part in stem.split('/').filter(|part| is_banned(part)) {
            findings.push(finding(&file.path, 1, part));
        }
    }
    for file in repository.rust_files() {
        let text = RustText::new(&file.text);
        for at in text.words("mod") {
            let rest = text.code()[at + "mod".len()..].trim_start();
            let name = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
            if is_banned(name) && rest[name.len()..].trim_start().starts_with('{') {
                findings.push(finding(&file.path, text.line(at), name));
            }
        }
    }
}

fn is_banned(name: &str) -> bool {
    let version = name.rsplit_once(['_', '-']).and_then(|(_, last)| last.strip_prefix('v'));
    let is_versioned = version.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    BANNED.contains(&name) || is_versioned
}

fn finding(path: &str, line: usize, name: &str) -> Finding {
    Finding {
        path: path.to_owned(),
        line,
        rule: Rule::Name,
        message: format!("`{name}` says nothing about what is inside"),
        remedy: "name the one noun that it holds",
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
    fn crates_folders_files_and_modules_have_a_noun() {
        check("crates/store/src/block.rs", "mod tests {}", &[]);
        check("crates/common/src/lib.rs", "", &["1: `common` says nothing about what is inside"]);
        check("crates/store/src/utils/mod.rs", "", &["1: `utils` says nothing about what is inside"]);
        check("ui/src/helpers.tsx", "", &["1: `helpers` says nothing about what is inside"]);
        check("crates/wal/src/lib.rs", "\nmod misc { }", &["2: `misc` says nothing about what is inside"]);
        check("docs/core.md", "", &[]);
    }

    #[test]
    fn a_version_is_no_name() {
        check("crates/store/src/journal_v2.rs", "", &["1: `journal_v2` says nothing about what is inside"]);
        check("ui/src/api-v12.ts", "", &["1: `api-v12` says nothing about what is inside"]);
        check("crates/store/src/block_value.rs", "", &[]);
    }
}
