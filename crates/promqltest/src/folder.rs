//! A folder of scripts, and how many of its cases pass.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{Failure, Script, Subject, run};

/// Runs only files of which the name contains this.
const ONLY: &str = "PROMQLTEST";

/// The scripts `*.test` of a folder.
#[derive(Debug)]
pub struct Folder {
    files: Vec<PathBuf>,
}

/// A case that may fail.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// The file's name without its ending.
    pub file: &'static str,
    /// The expression as the script has it.
    pub expr: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// How many cases passed.
#[derive(Debug, Default)]
pub struct Tally {
    cases: usize,
    /// With the file's name.
    failures: Vec<(String, Failure)>,
}

impl Folder {
    /// The scripts in a folder, by name; where the environment variable `PROMQLTEST` is set, those of which the name
    /// contains it. Panics where it cannot be read.
    pub fn open(path: &Path) -> Self {
        let only = env::var(ONLY).unwrap_or_default();
        let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        let is_wanted =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "test") && name(path).contains(only.as_str());
        let mut files: Vec<PathBuf> = paths.filter(is_wanted).collect();
        files.sort();
        Self { files }
    }

    /// Whether all of the folder runs.
    pub fn is_whole(&self) -> bool {
        env::var_os(ONLY).is_none()
    }

    /// Each script with the name of its file. Panics where one cannot be read.
    pub fn scripts(&self) -> impl Iterator<Item = (String, Script)> {
        self.files.iter().map(|path| {
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (name(path), script)
        })
    }

    /// Runs every script.
    pub fn run(&self, subject: &mut dyn Subject) -> Tally {
        let mut tally = Tally::default();
        for (name, script) in self.scripts() {
            let report = run(&script, subject);
            tally.cases += report.cases;
            tally.failures.extend(report.failures.into_iter().map(|failure| (name.clone(), failure)));
        }
        tally
    }
}

impl Tally {
    /// `name passed/total`, and then each failure with its file and line. Those that may fail are not shown.
    pub fn summary(&self, name: &str, exceptions: &[Exception]) -> String {
        let mut summary = format!("{name} {}/{}", self.cases - self.failed(), self.cases);
        for (file, failure) in self.unexcused(exceptions) {
            summary.push_str(&format!("\n{file}.test:{failure}"));
        }
        summary
    }

    /// How many cases there were.
    pub fn cases(&self) -> usize {
        self.cases
    }

    /// Failures for which there is no exception.
    pub fn unexcused<'t>(&'t self, exceptions: &'t [Exception]) -> impl Iterator<Item = &'t (String, Failure)> {
        self.failures.iter().filter(|(file, failure)| !exceptions.iter().any(|excuse| excuse.lifts(file, failure)))
    }

    /// Exceptions that excuse nothing.
    pub fn idle<'t>(&'t self, exceptions: &'t [Exception]) -> impl Iterator<Item = &'t Exception> {
        exceptions.iter().filter(|excuse| !self.failures.iter().any(|(file, failure)| excuse.lifts(file, failure)))
    }

    /// Failures at one line are of one case.
    fn failed(&self) -> usize {
        self.failures.iter().filter(|(_, failure)| !failure.expr.is_empty()).count()
    }
}

impl Exception {
    fn lifts(&self, file: &str, failure: &Failure) -> bool {
        self.file == file && self.expr == failure.expr
    }
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
