//! Why a verb could not finish, in words, with the exit code that goes with it.

use std::io::{self, Write};

use crate::exit::Exit;
use crate::interrupt::is_interruption;
use crate::print::colour::Tone;
use crate::print::line::Line;
use crate::print::screen::Screen;

/// Why a verb could not finish.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: String,
}

impl Failure {
    /// What went wrong, and how the process ends because of it.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: String::new() }
    }

    /// The command line is wrong in a way that only shows when it runs.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Ctrl-C; nobody has to be told what they did.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "")
    }

    /// Adds what the caller can do about it.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Says what went wrong, unless it needs no words.
    pub(crate) fn write(&self, err: &mut dyn Write, screen: Screen) -> io::Result<()> {
        for (tone, name, text) in [(Tone::Bad, "error", &self.message), (Tone::Strong, "hint", &self.hint)] {
            if !text.is_empty() {
                let mut line = Line::default();
                line.push(tone, name).push(Tone::Plain, ": ").push(Tone::Plain, text);
                line.write(err, screen.paint)?;
                writeln!(err)?;
            }
        }
        Ok(())
    }
}

impl From<io::Error> for Failure {
    /// Of an error in writing the output. A reader that has seen enough (`| head`) is no failure.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::new(Exit::Done, "")
        } else if is_interruption(&error) {
            Self::interrupted()
        } else {
            Self::new(Exit::Output, format!("cannot write the output: {error}"))
        }
    }
}
