//! What a verb talks to: standard output for data, standard error for talk, standard input, Ctrl-C.

use std::io::{self, Read, Write};

use model::UnixNanos;
use protocol::Coverage;

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::print::colour::Sink;
use crate::print::coverage;
use crate::print::screen::Screen;
use crate::progress::Progress;

/// One run of one verb.
pub(crate) struct Session<'a> {
    /// Data, and nothing else.
    pub(crate) out: &'a mut dyn Write,
    /// Where `out` ends.
    pub(crate) screen: Screen,
    /// Everything that is not data.
    pub(crate) err: &'a mut dyn Write,
    /// Where `err` ends.
    pub(crate) err_screen: Screen,
    /// A statement may be read from here.
    pub(crate) input: &'a mut dyn Read,
    /// Where `input` begins: a person at a terminal is not waited for without being asked.
    pub(crate) input_end: Sink,
    /// Ctrl-C.
    pub(crate) interrupt: Interrupt,
    /// When the verb began; for questions that take no words such as `now-1h`.
    pub(crate) now: UnixNanos,
    /// The sign of life while waiting.
    pub(crate) progress: Progress,
}

impl Session<'_> {
    /// Says how much of the truth an answer rests on, after the data is out.
    ///
    /// `more` is what the user can do to see what a limit cut.
    pub(crate) fn tell_coverage(&mut self, coverage: &Coverage, more: &str) -> Result<(), Failure> {
        self.out.flush()?;
        // Talk that cannot be delivered is no reason to fail: the data is out.
        let _ = coverage::write(self.err, self.err_screen, coverage, more);
        Ok(())
    }

    /// Says what an answer of the Prometheus API warns of, after the data is out.
    pub(crate) fn tell_said(&mut self, warnings: &[String], infos: &[String]) -> Result<(), Failure> {
        self.out.flush()?;
        // Talk that cannot be delivered is no reason to fail: the data is out.
        let _ = coverage::write_said(self.err, self.err_screen, warnings, infos);
        Ok(())
    }

    /// Says why a verb could not finish, after the data that there was.
    pub(crate) fn tell_failure(&mut self, failure: &Failure) -> io::Result<()> {
        failure.write(self.err, self.err_screen)
    }
}
