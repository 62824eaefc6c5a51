//! `cargo xtask tidy`: the house style as a program, because a rule that nothing checks is a wish.
//!
//! | file | holds |
//! |---|---|
//! | `repository.rs` | which files are ours: everything that `.gitignore` does not name |
//! | `finding.rs`    | one broken rule: where, what, and what to do about it |
//! | `exceptions.rs` | the literal list of what may break a rule, each with its reason |
//! | `edges.rs`      | which crate may depend on which |
//! | `lengths.rs`    | lines per file and per function |
//! | `names.rs`      | names that say nothing |
//! | `heads.rs`      | every Rust file opens by saying what it holds |
//! | `words.rs`      | unfinished work, and traces of one particular machine |
//! | `whitespace.rs` | trailing blanks and tabs |
//! | `test_habits.rs`| tests that sleep, or do not run |
//! | `messages.rs`   | the text of logs and errors |
//! | `code_map.rs`   | paths that our Markdown names exist, and ARCHITECTURE.md names every crate |
//! | `rust_text.rs`  | Rust source with its strings and comments told apart from its code |
//!
//! Every check is a pure function from the files to its findings, so that its tests are snippets.

mod code_map;
mod edges;
mod exceptions;
mod finding;
mod heads;
mod lengths;
mod messages;
mod names;
mod repository;
mod rust_text;
mod test_habits;
mod whitespace;
mod words;

use std::path::Path;

use anyhow::Result;
use finding::Finding;
use repository::Repository;

/// All checks, in the order in which a reader would want to know.
const CHECKS: &[fn(&Repository, &mut Vec<Finding>)] = &[
    lengths::check,
    names::check,
    heads::check,
    words::check,
    whitespace::check,
    test_habits::check,
    messages::check,
    code_map::check,
];

/// Checks the repository at `root`, prints one line per finding and a count, and says whether there was none.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let repository = Repository::read(root)?;
    let mut findings = Vec::new();
    for check in CHECKS {
        check(&repository, &mut findings);
    }
    edges::check(&edges::read(root)?, &mut findings);

    let mut findings = exceptions::apply(exceptions::EXCEPTIONS, findings);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} findings", repository.files().len(), findings.len());
    Ok(findings.is_empty())
}
