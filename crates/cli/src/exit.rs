//! How a verb ends, as a shell sees it.

use std::process::ExitCode;

/// The part of `--help` that documents the exit codes; [`Exit`] is what it describes.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done, also when nothing matched
  1    nothing matched (only with --exit-status), or no such trace or service
  2    the command line or the query is wrong
  3    the output could not be written
  4    the server asks for a token, or refuses the one given
  5    the server cannot be reached, failed, or took too long
  130  interrupted";

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Nothing matched, and the caller wants to know.
    NothingMatched = 1,
    /// The command line or the query is wrong.
    Usage = 2,
    /// The output could not be written.
    Output = 3,
    /// The server asks for a token, or refuses the one given.
    Authentication = 4,
    /// The server cannot be reached, failed, or took too long.
    Server = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // The discriminants are the codes, all below 256.
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_code() {
        for exit in [
            Exit::Done,
            Exit::NothingMatched,
            Exit::Usage,
            Exit::Output,
            Exit::Authentication,
            Exit::Server,
            Exit::Interrupted,
        ] {
            let code = (exit as u8).to_string();
            assert!(HELP.lines().any(|line| line.split_whitespace().next() == Some(&code)), "{exit:?}");
        }
    }
}
