//! Which files are ours: everything that `.gitignore` does not name.
//!
//! The folders are walked instead of asking git, so that a new file is checked before it is added,
//! and an unpacked archive is checked as a clone is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Files whose text is somebody's style. Fixtures and lock files are not: their bytes are data.
const TEXT_EXTENSIONS: &[&str] = &[
    "rs", "toml", "md", "ts", "tsx", "js", "mjs", "cjs", "jsx", "css", "html", "py", "sh", "yaml", "yml", "json",
    "txt", "lock", "proto", "sql",
];

/// Text files without an extension.
const TEXT_NAMES: &[&str] = &["Makefile", "Dockerfile", "run", ".gitignore", ".npmrc"];

/// Written by a generator, and compared with its output by a test.
const GENERATED: &[&str] = &["docs/openapi.json", "ui/src/api/schema.ts"];

/// One text file of the repository.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// From the root of the repository, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// The part after the last dot of the file's name, or nothing.
    pub(crate) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether a tool wrote this file: its lines are nobody's style, but its words still leave the machine with it.
    pub(crate) fn is_generated(&self) -> bool {
        self.extension() == "lock" || self.name() == "package-lock.json" || GENERATED.contains(&self.path.as_str())
    }
}

/// All text files, ordered by path, and the names of all folders and files there are.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    files: Vec<SourceFile>,
    paths: Vec<String>,
}

impl Repository {
    /// Reads every text file under `root` that its `.gitignore` does not name.
    pub(crate) fn read(root: &Path) -> Result<Repository> {
        let gitignore = fs::read_to_string(root.join(".gitignore")).context("cannot read .gitignore")?;
        let ignored = Ignored::parse(&gitignore)?;
        let mut repository = Repository::default();
        // Not recursive: a tree of folders is input like any other.
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let at = root.join(&folder);
            for entry in fs::read_dir(&at).with_context(|| format!("cannot list {}", at.display()))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let kind = entry.file_type()?;
                if kind.is_dir() && !ignored.folder(&path) {
                    repository.paths.push(path.clone());
                    folders.push(path);
                } else if kind.is_file() && !ignored.file(&path) {
                    repository.add(root, path)?;
                }
            }
        }
        repository.files.sort_by(|a, b| a.path.cmp(&b.path));
        repository.paths.sort();
        Ok(repository)
    }

    fn add(&mut self, root: &Path, path: String) -> Result<()> {
        let file = SourceFile { path: path.clone(), text: String::new() };
        if TEXT_EXTENSIONS.contains(&file.extension()) || TEXT_NAMES.contains(&file.name()) {
            let text = fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read {path}"))?;
            self.files.push(SourceFile { text, ..file });
        }
        self.paths.push(path);
        Ok(())
    }

    /// Ordered by path.
    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The Rust files, ordered by path.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }

    /// Whether there is a file or folder at `path`, which is from the root and has no trailing slash.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.paths.binary_search_by(|have| have.as_str().cmp(path)).is_ok()
    }

    /// The folders of `crates/` that hold a crate.
    pub(crate) fn crates(&self) -> impl Iterator<Item = &str> {
        let below = self.paths.iter().filter_map(|path| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"));
        below.filter(|name| !name.contains('/'))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Repository {
        let mut repository = Repository::default();
        for (path, text) in files {
            repository.files.push(SourceFile { path: (*path).to_owned(), text: (*text).to_owned() });
            let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
            repository.paths.extend(folders.chain([(*path).to_owned()]));
        }
        repository.paths.sort();
        repository.paths.dedup();
        repository
    }
}

/// The forms of `.gitignore` that this repository uses: `/built/`, `anywhere/`, `/file` and `*.extension`.
#[derive(Debug, Default)]
struct Ignored {
    folders_at_root: Vec<String>,
    folders_anywhere: Vec<String>,
    files_at_root: Vec<String>,
    suffixes: Vec<String>,
}

impl Ignored {
    fn parse(gitignore: &str) -> Result<Ignored> {
        let mut ignored = Ignored { folders_anywhere: vec![".git".to_owned()], ..Ignored::default() };
        for line in gitignore.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (line.strip_prefix('/'), line.strip_suffix('/'), line.strip_prefix('*')) {
                (Some(path), Some(_), _) => ignored.folders_at_root.push(path.trim_end_matches('/').to_owned()),
                (Some(path), None, _) if !path.contains('*') => ignored.files_at_root.push(path.to_owned()),
                (None, Some(name), _) if !name.contains(['/', '*']) => ignored.folders_anywhere.push(name.to_owned()),
                (None, None, Some(suffix)) if !suffix.contains(['/', '*']) => ignored.suffixes.push(suffix.to_owned()),
                _ => bail!("tidy does not know this form of .gitignore line: {line}"),
            }
        }
        Ok(ignored)
    }

    fn folder(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.folders_at_root.iter().any(|folder| folder == path)
            || self.folders_anywhere.iter().any(|folder| folder == name)
    }

    fn file(&self, path: &str) -> bool {
        self.files_at_root.iter().any(|file| file == path) || self.suffixes.iter().any(|suffix| path.ends_with(suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_paths_follow_the_gitignore() {
        let ignored = Ignored::parse("# built\n/target/\n/ui/dist/\nnode_modules/\n*.profraw\n/notes.md\n").unwrap();
        let folders = ["target", "ui/dist", "ui/node_modules", ".git"];
        assert!(folders.iter().all(|folder| ignored.folder(folder)));
        assert!(!ignored.folder("crates/store/target"), "a path with a leading slash is at the root only");
        assert!(ignored.file("a/b.profraw") && ignored.file("notes.md") && !ignored.file("docs/notes.md"));
    }

    #[test]
    fn an_unknown_gitignore_form_is_refused_instead_of_guessed() {
        assert!(Ignored::parse("docs/**/*.svg\n").is_err());
        assert!(Ignored::parse("!keep\n").is_err());
    }
}
