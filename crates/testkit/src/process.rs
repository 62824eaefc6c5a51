//! A child process with its output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::watch;

use crate::deadline::{DEADLINE, eventually, eventually_within};

/// Lines kept of a child's output. The rest is read and dropped, or the child would wait for a reader.
const LINES_MAX: usize = 20_000;

/// A running child. It is killed, by its own id, when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    output: Arc<Output>,
}

/// What a child has said so far, on both streams.
#[derive(Debug)]
struct Output {
    lines: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

impl Output {
    fn add(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < LINES_MAX {
            lines.push(line);
            self.count.send_replace(lines.len());
        }
    }

    fn find<T>(&self, wanted: &impl Fn(&str) -> Option<T>) -> Option<T> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().find_map(|line| wanted(line))
    }
}

impl Process {
    /// Starts the command.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}"));
        let output = Arc::new(Output { lines: Mutex::default(), count: watch::Sender::new(0) });
        let stdout = child.stdout.take().expect("it was piped");
        let stderr = child.stderr.take().expect("it was piped");
        for stream in [Box::new(stdout) as Box<dyn Read + Send>, Box::new(stderr)] {
            let output = Arc::clone(&output);
            thread::spawn(move || collect(stream, output));
        }
        Self { name: name.to_owned(), child, output }
    }

    /// The first line, said already or yet to come, in which `wanted` finds something; and what it finds.
    ///
    /// # Panics
    ///
    /// After [`DEADLINE`], or when the process ends without having said it, with all that it did say.
    pub async fn says<T>(&mut self, what: &str, wanted: impl Fn(&str) -> Option<T>) -> T {
        let mut count = self.output.count.subscribe();
        let waiting = async {
            loop {
                count.mark_unchanged();
                if let Some(found) = self.output.find(&wanted) {
                    return Some(found);
                }
                let quiet = tokio::time::timeout(DEADLINE / 100, count.changed()).await.is_err();
                if quiet && self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                    // The last lines may have come between the look and the end.
                    return self.output.find(&wanted);
                }
            }
        };
        match tokio::time::timeout(DEADLINE, waiting).await {
            Ok(Some(found)) => found,
            _ => panic!("{} did not say {what}; it said:\n{}", self.name, self.said()),
        }
    }

    /// Everything it has said so far.
    pub fn said(&self) -> String {
        self.output.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Everything that a process which has ended said.
    ///
    /// # Panics
    ///
    /// When its output does not end: it left children behind that hold it.
    pub async fn settled_output(&self) -> String {
        let what = format!("the end of the output of {}", self.name);
        // Each of the two readers holds the output until its stream ends.
        eventually(&what, async || (Arc::strong_count(&self.output) == 1).then_some(())).await;
        self.said()
    }

    /// The most memory that was resident at once so far, bytes.
    ///
    /// # Panics
    ///
    /// When it has ended, or the system does not say.
    pub fn peak_resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
        let kib = line.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or_else(|| panic!("no peak in {status}"));
        kib * 1024
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// SIGTERM: asks it to end.
    pub fn terminate(&self) {
        // A process that has ended already needs no telling.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
    }

    /// SIGKILL, and waits for its end: `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How it ended.
    ///
    /// # Panics
    ///
    /// When it has not ended after [`DEADLINE`].
    pub async fn ended(&mut self) -> ExitStatus {
        self.ended_within(DEADLINE).await
    }

    /// How it ended, where it has so much to do that [`DEADLINE`] is too soon.
    ///
    /// # Panics
    ///
    /// When it has not ended after `limit`.
    pub async fn ended_within(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        eventually_within(limit, &what, async || self.child.try_wait().ok().flatten()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let said = self.said();
            let tail = said.lines().count().saturating_sub(40);
            let tail: Vec<&str> = said.lines().skip(tail).collect();
            #[expect(clippy::print_stderr, reason = "a failed test shows what its processes said")]
            {
                eprintln!("--- {} said at the end:\n{}", self.name, tail.join("\n"));
            }
        }
    }
}

fn collect(stream: impl Read, output: Arc<Output>) {
    for line in BufReader::new(stream).split(b'\n') {
        match line {
            Ok(line) => output.add(String::from_utf8_lossy(&line).into_owned()),
            Err(_) => return,
        }
    }
}
