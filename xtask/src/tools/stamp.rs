//! "Has this input changed since?", answered by content: a clone and a branch switch change times, not contents.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that are made from the others.
const MADE: &[&str] = &["node_modules", "dist", ".git"];

/// What some output was last made from. The hash is as stable as one compiler; a new one makes things once more.
#[derive(Debug)]
pub(super) struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// Reads all `inputs`, files or whole folders, and compares them with what the stamp `file` says.
    pub(super) fn of(file: PathBuf, inputs: &[PathBuf]) -> Result<Stamp> {
        let mut hasher = DefaultHasher::new();
        let mut left: Vec<PathBuf> = inputs.to_vec();
        while let Some(path) = left.pop() {
            if path.is_dir() {
                let mut entries = fs::read_dir(&path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
                entries.retain(|entry| !entry.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made)));
                entries.sort();
                left.extend(entries);
            } else {
                path.hash(&mut hasher);
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
            }
        }
        Ok(Stamp { file, hash: format!("{:016x}\n", hasher.finish()) })
    }

    /// Whether `output` is there, and was made from these inputs.
    pub(super) fn is_fresh(&self, output: &Path) -> bool {
        output.is_dir() && fs::read_to_string(&self.file).is_ok_and(|have| have == self.hash)
    }

    /// Says that the output is now made from these inputs.
    pub(super) fn write(&self) -> Result<()> {
        fs::write(&self.file, &self.hash).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_fresh_until_its_input_says_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("ui"), folder.path().join("out"));
        for made in [&input.join("src"), &input.join("dist"), &output] {
            fs::create_dir_all(made).unwrap();
        }
        let write = |name: &str, text: &str| fs::write(input.join(name), text).unwrap();
        let stamp = || Stamp::of(output.join(".stamp"), std::slice::from_ref(&input)).unwrap();
        write("src/a.ts", "one");
        assert!(!stamp().is_fresh(&output), "nothing was made");
        stamp().write().unwrap();
        write("src/a.ts", "one");
        write("dist/a.js", "made from it");
        assert!(stamp().is_fresh(&output), "the same words at another time");
        write("src/a.ts", "two");
        assert!(!stamp().is_fresh(&output));
        stamp().write().unwrap();
        write("src/b.ts", "");
        assert!(!stamp().is_fresh(&output), "a new file");
        stamp().write().unwrap();
        assert!(!stamp().is_fresh(&folder.path().join("gone")), "the output was deleted");
    }
}
