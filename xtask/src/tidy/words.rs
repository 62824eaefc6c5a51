//! Unfinished work, and traces of one particular machine.

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};

/// What marks work that is left, and must therefore name the issue it is left to.
const MARKERS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

/// A reader cannot act on these: the thing is there, or it is not.
const VAGUE: &[&str] = &["TBD", "example needed", "for now", "coming soon"];

/// Folders that exist where somebody works, and nowhere else.
const MACHINE_PATHS: &[&str] = &["/work/", "/root/", "/home/", "/tmp/bash"];

/// A mirror answers in the place of a registry on many machines, so a file that names the registry's own host
/// does not install there.
const REGISTRY_HOSTS: &[&str] = &[
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "pypi.org",
    "pythonhosted.org",
    "index.crates.io",
    "static.crates.io",
];

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    for file in repository.files() {
        check_machine(file, findings);
        if !file.is_generated() {
            check_unfinished(file, findings);
        }
    }
}

fn check_unfinished(file: &SourceFile, findings: &mut Vec<Finding>) {
    for (number, line) in numbered(file) {
        for marker in MARKERS.iter().filter(|marker| has_word(line, marker) && !is_issue(line, marker)) {
            let remedy = "do it, or file an issue and write `TODO(#123)`";
            findings.push(finding(file, number, format!("{marker} without an issue"), remedy));
        }
        for vague in VAGUE.iter().filter(|vague| has_word(line, vague)) {
            let remedy = "say what is, and file an issue for what is not";
            findings.push(finding(file, number, format!("\"{vague}\" tells nobody when or whether"), remedy));
        }
    }
}

fn check_machine(file: &SourceFile, findings: &mut Vec<Finding>) {
    for (number, line) in numbered(file) {
        for path in MACHINE_PATHS.iter().filter(|path| line.contains(**path)) {
            let remedy = "use a path from the root of the repository";
            findings.push(finding(file, number, format!("`{path}` is a path of one machine"), remedy));
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
            let remedy = "leave the address to the machine's own configuration";
            findings.push(finding(file, number, format!("`{host}` is the host of a package registry"), remedy));
        }
    }
}

fn numbered(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next())
    })
}

/// Only `TODO(#123)` names where the work went.
fn is_issue(line: &str, marker: &str) -> bool {
    let issues = line.match_indices("TODO(#").filter(|(at, open)| {
        let number = &line[at + open.len()..];
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && number[digits..].starts_with(')')
    });
    marker == "TODO" && issues.count() == line.matches("TODO").count()
}

fn finding(file: &SourceFile, line: usize, message: String, remedy: &'static str) -> Finding {
    Finding { path: file.path.clone(), line, rule: Rule::Word, message, remedy }
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
    fn unfinished_work_names_its_issue() {
        check("a.rs", "// TODO(#12) sort by time", &[]);
        check("a.rs", "\n// TODO: sort by time", &["2: TODO without an issue"]);
        check("a.rs", "// TODO(me): sort", &["1: TODO without an issue"]);
        check("a.rs", "// TODO(#12) and TODO", &["1: TODO without an issue"]);
        check("a.py", "# FIXME(#12)", &["1: FIXME without an issue"]);
        check("a.rs", "const XXXL: u8 = 1; // todo!() is clippy's", &[]);
    }

    #[test]
    fn documents_do_not_promise() {
        check("docs/a.md", "Limits: TBD", &["1: \"TBD\" tells nobody when or whether"]);
        check("a.rs", "//! Kept in memory for now.", &["1: \"for now\" tells nobody when or whether"]);
        check("a.rs", "// wait for nowhere", &[]);
    }

    #[test]
    fn files_do_not_know_the_machine_they_were_written_on() {
        check("a.md", "see /home/ada/notes", &["1: `/home/` is a path of one machine"]);
        let lock = "\"resolved\": \"https://registry.npmjs.org/a.tgz\"";
        check("ui/package-lock.json", lock, &["1: `registry.npmjs.org` is the host of a package registry"]);
        check("ui/package-lock.json", "\"TODO\": 1", &[]);
    }
}
