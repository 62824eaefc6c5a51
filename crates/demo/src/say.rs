//! Words to the person at the terminal: talk on stderr, answers on stdout.

use std::fmt::Display;
use std::io::Write;

/// Writes one line of talk to stderr.
///
/// A closed stderr is ignored: the shop does not depend on being heard.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes one line of an answer to stdout; a reader that left (`| head`) is not an error.
pub(crate) fn answer(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
