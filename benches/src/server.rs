//! A server as a child process, in a folder of its own that goes with it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use serde_json::Value;
use tempfile::TempDir;

use crate::disk::bytes_under;
use crate::process::{Usage, peak_memory, usage};

/// A server that is not ready by then will not be.
const READY_TIME_MAX: Duration = Duration::from_secs(30);

/// A server that has not written what it holds by then hangs.
const STOP_TIME_MAX: Duration = Duration::from_secs(120);

/// How often a server that is stopping is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Which server, and where.
#[derive(Debug, Args)]
pub(crate) struct ServerArguments {
    /// The server's program [default: `nunchi` beside this one, which `make build` makes]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
    /// Folder to make its data folder in; its disk is what is measured [default: the system's folder for such]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// What an acknowledgement promises: fsync, os or none
    #[arg(long, default_value = "fsync", value_name = "MODE")]
    pub(crate) durability: String,
    /// Further options of the server, as in --server-option=--store-flush-bytes=64MiB
    #[arg(long = "server-option", value_name = "OPTION", allow_hyphen_values = true)]
    options: Vec<String>,
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    addresses: Addresses,
    log: Follower,
}

/// Reads the server's log to its end.
#[derive(Debug)]
struct Follower {
    lines: Receiver<String>,
    /// Gives the rows that went into blocks.
    reader: Option<JoinHandle<u64>>,
}

/// Where it listens, as `host:port`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) otlp_grpc: String,
    pub(crate) otlp_http: String,
    pub(crate) api: String,
}

/// What a server that has ended used, and what it left.
#[derive(Debug)]
pub(crate) struct Remains {
    /// Time on a core since it began.
    pub(crate) cpu: Duration,
    /// The most memory it ever had resident, bytes.
    pub(crate) peak_memory: u64,
    /// Rows that went into blocks.
    pub(crate) rows: u64,
    /// Bytes of its blocks.
    pub(crate) block_bytes: u64,
}

impl Server {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(arguments: &ServerArguments, options: &[&str]) -> Result<Self> {
        let scratch = arguments.scratch.clone().unwrap_or_else(env::temp_dir);
        let folder = TempDir::with_prefix_in("nunchi-benches-", scratch)?;
        let (child, log) = spawn(arguments, folder.path(), options)?;
        // From here on it is killed whatever happens.
        let mut server = Self { child, folder, addresses: Addresses::default(), log };
        server.addresses = await_ready(&server.log.lines)?;
        Ok(server)
    }

    /// Kills it without a word, starts another in its folder, and says how long that took to be ready.
    pub(crate) fn crash_and_restart(&mut self, arguments: &ServerArguments, options: &[&str]) -> Result<Duration> {
        self.child.kill()?;
        self.child.wait()?;
        let begun = Instant::now();
        (self.child, self.log) = spawn(arguments, self.folder.path(), options)?;
        self.addresses = await_ready(&self.log.lines)?;
        Ok(begun.elapsed())
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        usage(self.child.id())
    }

    /// Where its write-ahead log lies.
    pub(crate) fn wal_folder(&self) -> PathBuf {
        self.folder.path().join("wal")
    }

    /// Has it write all it holds to blocks and end, and says what it took in all.
    pub(crate) fn stop(mut self) -> Result<Remains> {
        let pid = self.child.id();
        let killed = Command::new("kill").args(["-TERM", &pid.to_string()]).status().context("cannot run kill")?;
        ensure!(killed.success(), "the server is gone already");
        let begun = Instant::now();
        let mut peak = 0;
        // Its last figures can be read as long as nobody has waited for it.
        let cpu = loop {
            peak = peak_memory(pid).unwrap_or(peak);
            let usage = usage(pid)?;
            if usage.is_over {
                break usage.cpu;
            }
            ensure!(begun.elapsed() < STOP_TIME_MAX, "the server does not stop");
            thread::sleep(LOOK_EVERY);
        };
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        let reader = self.log.reader.take().context("its log is read once")?;
        let rows = reader.join().map_err(|_| anyhow!("reading its log failed"))?;
        let block_bytes = bytes_under(&self.folder.path().join("blocks"))?;
        Ok(Remains { cpu, peak_memory: peak, rows, block_bytes })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(arguments: &ServerArguments, folder: &Path, options: &[&str]) -> Result<(Child, Follower)> {
    let program = match &arguments.server_bin {
        Some(program) => program.clone(),
        None => env::current_exe()?.with_file_name("nunchi"),
    };
    ensure!(
        program.try_exists()?,
        "there is no {}: make it with make build, or name another with --server-bin",
        program.display()
    );
    let mut command = Command::new(&program);
    command.arg("server").arg("--data-dir").arg(folder);
    for port in ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"] {
        command.args([port, "127.0.0.1:0"]);
    }
    command.args(["--log-format", "json", "--store-durability", &arguments.durability]);
    command.args(options).args(&arguments.options).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let log = follow(child.stderr.take().context("the server has no stderr")?);
    Ok((child, log))
}

/// Follows its log, which must be read to its end, or the server would wait for us.
fn follow(stderr: ChildStderr) -> Follower {
    let (sender, lines): (SyncSender<String>, _) = sync_channel(1_024);
    let reader = thread::spawn(move || {
        let mut rows = 0;
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if !matches!(entry["level"].as_str(), Some("INFO" | "DEBUG" | "TRACE")) {
                eprintln!("server: {line}");
            }
            if entry["fields"]["message"] == "flushed the memtable" {
                rows += entry["fields"]["rows"].as_u64().unwrap_or(0);
            }
            // Nobody listens once it is ready.
            let _ = sender.try_send(line);
        }
        rows
    });
    Follower { lines, reader: Some(reader) }
}

fn await_ready(log: &Receiver<String>) -> Result<Addresses> {
    let mut addresses = None;
    loop {
        let Ok(line) = log.recv_timeout(READY_TIME_MAX) else { bail!("the server does not become ready") };
        let Ok(entry) = serde_json::from_str::<Value>(&line) else { continue };
        let fields = &entry["fields"];
        let address =
            |name: &str| fields[name].as_str().map(str::to_owned).context("the server does not say where it listens");
        match fields["message"].as_str() {
            Some("listening") => {
                addresses = Some(Addresses {
                    otlp_grpc: address("otlp_grpc")?,
                    otlp_http: address("otlp_http")?,
                    api: address("api")?,
                });
            }
            Some("ready") => return addresses.context("the server is ready but listens nowhere"),
            _ => {}
        }
    }
}
