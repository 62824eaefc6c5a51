//! Where cases come from, and how many passed.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use testkit::repository;

/// The cases of one runner.
#[derive(Debug)]
pub(super) struct Vectors {
    name: &'static str,
    folder: PathBuf,
}

impl Vectors {
    /// The folder of this name among the vectors of others or, where nobody says where these are, our own in `own`.
    pub(super) fn open(name: &'static str, own: &str) -> Self {
        Self::open_or(name, &repository().join("tests/cases").join(own))
    }

    /// The same with a folder of our own that lies elsewhere.
    pub(super) fn open_or(name: &'static str, own: &Path) -> Self {
        let folder = match env::var_os("NUNCHI_CONFORMANCE_DIR") {
            Some(all) => Path::new(&all).join(name),
            None => own.to_owned(),
        };
        assert!(folder.is_dir(), "there are no cases in {}", folder.display());
        Self { name, folder }
    }

    /// Where they are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The JSON files in a folder below, with their names, sorted by these. `.` is the folder itself.
    pub(super) fn files(&self, under: &str) -> Vec<(String, Value)> {
        let folder = self.folder.join(under);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
        let name = |path: &Path| path.file_stem().expect("it ends in .json").to_string_lossy().into_owned();
        paths.iter().map(|path| (name(path), json(path))).collect()
    }

    /// An empty tally under the folder's name.
    pub(super) fn tally(&self) -> Tally {
        Tally { name: self.name, total: 0, failures: Vec::new() }
    }
}

/// Counts cases, and keeps what is wrong with those that fail.
#[derive(Debug)]
pub(super) struct Tally {
    name: &'static str,
    total: usize,
    failures: Vec<String>,
}

impl Tally {
    /// One case, with all that is wrong with it.
    pub(super) fn add(&mut self, case: &str, wrong: &[String]) {
        self.total += 1;
        if !wrong.is_empty() {
            self.failures.push(format!("{case}: {}", wrong.join("\n    ")));
        }
    }

    /// Prints the outcome. Every case must have passed, and there must have been one.
    #[expect(clippy::print_stdout, reason = "the tally is what the runner is for")]
    pub(super) fn finish(self) {
        let Self { name, total, failures } = self;
        println!("{name} {}/{total}", total - failures.len());
        for failure in &failures {
            println!("  {failure}");
        }
        assert!(total > 0, "{name} has no cases");
        assert!(failures.is_empty(), "{} of {total} cases of {name} fail", failures.len());
    }
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
