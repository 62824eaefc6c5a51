//! Where cases come from, and how many passed.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// The JSON files of the folder `name` among the vectors of others or, where nobody says where these are, among our
/// own; with their names, and sorted by these.
pub(crate) fn files(name: &str) -> Vec<(String, Value)> {
    let all = env::var_os("NUNCHI_CONFORMANCE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/cases"), PathBuf::from);
    let folder = all.join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("it ends in .json").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), json(path))).collect()
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Counts cases, and keeps a line for each that fails.
pub(crate) struct Tally {
    name: &'static str,
    total: usize,
    failures: Vec<String>,
}

impl Tally {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, total: 0, failures: Vec::new() }
    }

    pub(crate) fn check<T: PartialEq + std::fmt::Debug>(&mut self, case: &str, found: &T, expected: &T) {
        self.total += 1;
        if found != expected {
            self.failures.push(format!("{case}: found {found:?}, expected {expected:?}"));
        }
    }

    /// Prints the outcome. Every case must have passed, and there must have been one.
    pub(crate) fn finish(self) {
        let Self { name, total, failures } = self;
        println!("{name} {}/{total}", total - failures.len());
        for failure in &failures {
            println!("  {failure}");
        }
        assert!(total > 0, "{name} has no cases");
        assert!(failures.is_empty(), "{} of {total} cases of {name} fail", failures.len());
    }
}
