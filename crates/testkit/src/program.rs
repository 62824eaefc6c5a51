//! Where the program is that was built before.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate is two folders below the root").to_owned()
}

/// The `nunchi` program: what `NUNCHI_BIN` names, or the one that was built beside the running test.
///
/// # Panics
///
/// When there is none. A test cannot depend on another package's program, so that is built before.
pub fn program() -> PathBuf {
    let path = match env::var_os("NUNCHI_BIN") {
        Some(path) => PathBuf::from(path),
        None => beside_the_test(),
    };
    assert!(path.is_file(), "there is no program at {}: run cargo build -p nunchi first", path.display());
    path
}

/// `target/<profile>/nunchi`, where the test is `target/<profile>/deps/tests-…`.
fn beside_the_test() -> PathBuf {
    let test = env::current_exe().expect("the system knows the path of the running program");
    let profile = test.ancestors().find(|folder| !folder.ends_with("deps") && *folder != test);
    profile.expect("a program is in a folder").join(format!("nunchi{}", env::consts::EXE_SUFFIX))
}
