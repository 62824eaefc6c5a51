//! `cargo xtask run`: a server and the demo shop, from nothing, with three things to try.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::checkout::Checkout;
use crate::tools::page;

/// Where the page and the API are unless the configuration says otherwise.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4319);

/// The server is ready once it has replayed its log; a full one is read in seconds.
const READY_WAIT_MAX: Duration = Duration::from_secs(120);

/// The server flushes what it holds before it ends.
const STOP_WAIT_MAX: Duration = Duration::from_secs(30);

/// How soon an end or a signal is noticed: sooner than a person would notice.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Builds the page and the program, runs both programs until one ends or a signal comes, and stops them in order.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    let start = Instant::now();
    println!("==> [1/3] the page");
    page::build(checkout)?;
    println!("==> [2/3] the program (the first time takes minutes)");
    let cargo = ["build", "--locked", "--package", "nunchi"];
    let status = Command::new("cargo").args(cargo).current_dir(checkout.root()).status()?;
    ensure!(status.success(), "cargo build ended with {status}");

    println!("==> [3/3] a server on ./data, and the demo shop that sends to it");
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&stop)).context("cannot listen for signals")?;
    }
    ensure!(TcpStream::connect(ADDRESS).is_err(), "something listens on {ADDRESS} already: stop that first");
    let mut server = Program::start(checkout, "server", &["--data-dir", "data"])?;
    server.wait_until_ready(&stop)?;
    let mut demo = Program::start(checkout, "demo", &[])?;
    welcome(checkout, start.elapsed());

    let ended = loop {
        if stop.load(Ordering::Relaxed) {
            break None;
        }
        if let Some(end) = [&mut server, &mut demo].into_iter().find_map(Program::end) {
            break Some(end);
        }
        thread::sleep(LOOK_INTERVAL);
    };
    println!("stopping");
    // The shop first: it hands over what it still holds.
    demo.stop()?;
    server.stop()?;
    match ended {
        None => Ok(()),
        Some(end) => bail!(end),
    }
}

fn welcome(checkout: &Checkout, took: Duration) {
    let binary = checkout.binary();
    let nunchi = binary.strip_prefix(checkout.root()).unwrap_or(&binary).display();
    println!(
        "
Nunchi is at http://{ADDRESS} (ready after {} s). Three things to try:

  1. open the page, choose the service `checkout`, and open one of its traces
  2. {nunchi} logs -l 'app=checkout' --since 5m
  3. {nunchi} demo fault payment-slow on      and see whose span grew on the page; `off` ends it

Ctrl-C stops both. What was sent stays in ./data.
",
        took.as_secs()
    );
}

/// One of the two programs, and where its words go.
struct Program {
    verb: &'static str,
    child: Child,
    log: PathBuf,
}

impl Program {
    fn start(checkout: &Checkout, verb: &'static str, arguments: &[&str]) -> Result<Program> {
        let folder = checkout.target().join("run");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let log = folder.join(format!("{verb}.log"));
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        println!("    nunchi {verb} writes its log to {}", log.display());
        let mut command = Command::new(checkout.binary());
        command.arg(verb).args(arguments).current_dir(checkout.root()).stdin(Stdio::null());
        command.stdout(output.try_clone()?).stderr(output);
        // Ctrl-C reaches every process of the terminal's group; these end in our order instead.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().with_context(|| format!("cannot start nunchi {verb}"))?;
        Ok(Program { verb, child, log })
    }

    /// A child that cannot be asked is not ours any more.
    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it said last, if it ended.
    fn end(&mut self) -> Option<String> {
        (!self.is_running()).then(|| format!("nunchi {} ended by itself:\n{}", self.verb, end_of(&self.log)))
    }

    fn wait_until_ready(&mut self, stop: &AtomicBool) -> Result<()> {
        let start = Instant::now();
        while !is_ready()? {
            if let Some(end) = self.end() {
                bail!(end);
            }
            if stop.load(Ordering::Relaxed) || start.elapsed() > READY_WAIT_MAX {
                self.stop()?;
                bail!(
                    "nunchi {} was not ready after {} s:\n{}",
                    self.verb,
                    start.elapsed().as_secs(),
                    end_of(&self.log)
                );
            }
            thread::sleep(LOOK_INTERVAL);
        }
        Ok(())
    }

    /// Asks it to end, and makes it when it does not.
    fn stop(&mut self) -> Result<()> {
        if !self.is_running() {
            return Ok(());
        }
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().context("cannot run kill")?;
        let asked = Instant::now();
        while status.success() && asked.elapsed() < STOP_WAIT_MAX {
            if !self.is_running() {
                return Ok(());
            }
            thread::sleep(LOOK_INTERVAL);
        }
        self.child.kill()?;
        self.child.wait()?;
        bail!("nunchi {} had to be killed: read {}", self.verb, self.log.display())
    }
}

impl Drop for Program {
    /// An error on the way out must not leave a server behind.
    fn drop(&mut self) {
        if self.is_running() {
            drop(self.stop());
        }
    }
}

/// Whether `/readyz` answers 200; no answer is no error while the server starts.
fn is_ready() -> Result<bool> {
    let Ok(mut stream) = TcpStream::connect(ADDRESS) else { return Ok(false) };
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: close\r\n\r\n");
    let mut answer = [0u8; "HTTP/1.1 200".len()];
    match stream.write_all(request.as_bytes()).and_then(|()| stream.read_exact(&mut answer)) {
        Ok(()) => Ok(answer.ends_with(b" 200")),
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// What a program said last.
fn end_of(log: &Path) -> String {
    const LINES: usize = 15;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
