//! Tests that sleep, and tests that do not run.
//!
//! A sleep is too short on a slow machine and too long on a fast one; a test that does not run is a claim.

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};
use super::rust_text::RustText;

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    for file in repository.rust_files() {
        check_rust(file, findings);
    }
    let is_page_test = |file: &&SourceFile| {
        matches!(file.extension(), "ts" | "tsx") && [".test.", ".spec."].iter().any(|mark| file.name().contains(mark))
    };
    for file in repository.files().iter().filter(is_page_test) {
        check_page(file, findings);
    }
}

fn check_rust(file: &SourceFile, findings: &mut Vec<Finding>) {
    let text = RustText::new(&file.text);
    for (at, _) in text.code().match_indices("#[ignore") {
        let remedy = "assert what happens today and link the issue, or delete the test";
        findings.push(finding(file, text.line(at), "a test that does not run", remedy));
    }
    let is_test_file = file.path.starts_with("tests/") || file.path.contains("/tests/") || file.name() == "tests.rs";
    let modules = text.test_modules();
    for at in text.words("sleep") {
        let is_call = text.code()[at + "sleep".len()..].starts_with('(');
        let is_in_test = is_test_file || modules.iter().any(|module| module.contains(&at));
        if is_call && is_in_test {
            let remedy = "wait for the event: a channel, a notification, or a deadline loop of testkit";
            findings.push(finding(file, text.line(at), "a sleep in a test", remedy));
        }
    }
}

fn check_page(file: &SourceFile, findings: &mut Vec<Finding>) {
    for (index, line) in file.text.lines().enumerate() {
        let runners = ["describe", "it", "test"];
        let is_call = |call: &str| runners.iter().any(|runner| line.contains(&format!("{runner}{call}")));
        if [".skip(", ".only(", ".todo(", ".fixme("].into_iter().any(is_call) {
            let remedy = "run it, or delete it";
            findings.push(finding(file, index + 1, "a test that does not run, or keeps others from running", remedy));
        }
        if line.contains("waitForTimeout(") {
            let remedy = "wait for what the reader of the page would wait for";
            findings.push(finding(file, index + 1, "a sleep in a test", remedy));
        }
    }
}

fn finding(file: &SourceFile, line: usize, message: &str, remedy: &'static str) -> Finding {
    Finding { path: file.path.clone(), line, rule: Rule::TestHabit, message: message.to_owned(), remedy }
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
    fn tests_do_not_sleep_and_programs_may() {
        check("crates/wal/tests/crash.rs", "thread::sleep(d);", &["1: a sleep in a test"]);
        check("tests/journey.rs", "\ntokio::time::sleep(d).await;", &["2: a sleep in a test"]);
        let mixed = "fn a() { sleep(d) }\n#[cfg(test)]\nmod tests {\n fn b() { sleep(d) }\n}\n";
        check("crates/demo/src/load.rs", mixed, &["4: a sleep in a test"]);
        check("crates/wal/tests/crash.rs", "// sleep(1)\nlet sleep = \"sleep(1)\"; no_sleep(1);", &[]);
    }

    #[test]
    fn every_test_runs() {
        check("crates/wal/src/lib.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}", &["2: a test that does not run"]);
        let skipped = ["1: a test that does not run, or keeps others from running"];
        check("ui/src/time.test.ts", "it.skip('adds', () => {})", &skipped);
        check("ui/e2e/trace.spec.ts", "test.only('opens', () => {})", &skipped);
        check("ui/src/list.ts", "rows.skip(1); test.skip(1)", &[]);
    }
}
