//! Ctrl-C: stops waiting for a server at once, and printing at the next line.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::watch;

/// Whether the user has asked to stop.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    raised: Arc<watch::Sender<bool>>,
}

impl Interrupt {
    /// Not raised, and not listening yet: until [`Interrupt::listen`], Ctrl-C ends the process by itself.
    pub(crate) fn new() -> Self {
        Self { raised: Arc::new(watch::Sender::new(false)) }
    }

    /// From here on Ctrl-C raises this instead of ending the process. Needs a multi-threaded runtime to be
    /// noticed while the output is being written.
    pub(crate) fn listen(&self) {
        let raised = Arc::clone(&self.raised);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                raised.send_replace(true);
            }
        });
    }

    /// As Ctrl-C does.
    #[cfg(test)]
    pub(crate) fn raise(&self) {
        self.raised.send_replace(true);
    }

    /// Whether it was raised.
    pub(crate) fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Returns when it is raised.
    pub(crate) async fn wait(&self) {
        let mut raised = self.raised.subscribe();
        // Cannot fail: the sender lives in `self`.
        let _ = raised.wait_for(|raised| *raised).await;
    }
}

/// A writer that refuses to go on after Ctrl-C.
#[derive(Debug)]
pub(crate) struct Interruptible<W> {
    inner: W,
    interrupt: Interrupt,
}

impl<W: Write> Interruptible<W> {
    /// Writes to `inner` until `interrupt` is raised.
    pub(crate) fn new(inner: W, interrupt: Interrupt) -> Self {
        Self { inner, interrupt }
    }
}

impl<W: Write> Write for Interruptible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not `ErrorKind::Interrupted`: `write_all` would simply try again.
        if self.interrupt.is_raised() { Err(io::Error::other(Interruption)) } else { self.inner.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Whether the error is that of an [`Interruptible`].
pub(crate) fn is_interruption(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Interruption>())
}

#[derive(Debug)]
struct Interruption;

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interruption {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_stops_once_raised() {
        let interrupt = Interrupt::new();
        let mut out = Interruptible::new(Vec::new(), interrupt.clone());
        out.write_all(b"one").unwrap();
        interrupt.raise();
        assert!(is_interruption(&out.write_all(b"two").unwrap_err()));
        assert_eq!(out.inner, b"one");
    }
}
