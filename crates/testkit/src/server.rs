//! `nunchi server` as a process, on free ports and a folder of its own.

use std::env;
use std::path::Path;
use std::process::{Command, ExitStatus};

use reqwest::Method;
use tempfile::TempDir;

use crate::api::Api;
use crate::deadline::eventually;
use crate::process::Process;
use crate::program::program;

/// A running server. It is killed when this is dropped, and its folder goes with it.
#[derive(Debug)]
pub struct TestServer {
    process: Process,
    addresses: Addresses,
    options: Vec<String>,
    data_dir: TempDir,
}

/// Where it listens. Each start takes other ports.
#[derive(Clone, Debug)]
struct Addresses {
    otlp_grpc: String,
    otlp_http: String,
    api: String,
}

impl TestServer {
    /// Starts a server with these options besides, and waits until it is ready.
    pub async fn start(options: &[&str]) -> Self {
        let server = Self::launch(new_folder(), options).await;
        server.ready().await;
        server
    }

    /// Starts a server on the folder and waits until it listens. It may still read its log.
    pub async fn launch(data_dir: TempDir, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let (process, addresses) = spawn(data_dir.path(), &options).await;
        Self { process, addresses, options, data_dir }
    }

    /// Starts a server by a command that has its options and its folder, and waits until it is ready. Started
    /// again, it has none of the command's other options and variables.
    pub async fn started_by(mut command: Command, data_dir: TempDir) -> Self {
        let mut process = Process::start("the server", &mut command);
        let addresses = process.says("where it listens", addresses_in).await;
        let server = Self { process, addresses, options: Vec::new(), data_dir };
        server.ready().await;
        server
    }

    /// Waits until it has read its log and takes requests.
    pub async fn ready(&self) {
        let api = self.api();
        eventually("the server to be ready", async || {
            let reply = api.try_send(api.request(Method::GET, "/readyz")).await.ok()?;
            reply.status.is_success().then_some(())
        })
        .await;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM without waiting for what comes of it.
    pub fn terminate(&self) {
        self.process.terminate();
    }

    /// How it ended after [`TestServer::terminate`].
    pub async fn ended(&mut self) -> ExitStatus {
        self.process.ended().await
    }

    /// Starts again on the same folder with the same options, and waits until it is ready.
    pub async fn restart(&mut self) {
        self.process.kill();
        (self.process, self.addresses) = spawn(self.data_dir.path(), &self.options).await;
        self.ready().await;
    }

    /// Waits until the server's own log has a line with these words.
    pub async fn logs(&mut self, words: &str) {
        self.process.says(words, |line| line.contains(words).then_some(())).await;
    }

    /// Everything in the server's own log.
    pub fn log(&self) -> String {
        self.process.said()
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// The most memory that it had resident at once since its start, bytes.
    pub fn peak_resident_bytes(&self) -> u64 {
        self.process.peak_resident_bytes()
    }

    /// Its API.
    pub fn api(&self) -> Api {
        Api::new(&self.addresses.api)
    }

    /// Where it takes OTLP/gRPC, as in `127.0.0.1:4317`.
    pub fn otlp_grpc(&self) -> &str {
        &self.addresses.otlp_grpc
    }

    /// Where it takes OTLP/HTTP.
    pub fn otlp_http(&self) -> &str {
        &self.addresses.otlp_http
    }

    /// The folder that everything is kept in.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Runs `nunchi` with these arguments against this server, and returns what it wrote.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub async fn cli(&self, arguments: &[&str]) -> String {
        let mut command = nunchi();
        command.args(arguments).env("NUNCHI_SERVER", self.api().url());
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("the wait is not cancelled").expect("the program runs");
        let (out, talk) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "nunchi {arguments:?} ended with {}: {out}\n{talk}", output.status);
        out.into_owned()
    }
}

/// An empty folder that is deleted when dropped.
fn new_folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

/// The program, to be given arguments, without what the surroundings say about other servers.
pub fn nunchi() -> Command {
    let mut command = Command::new(program());
    let ours = env::vars_os().map(|(name, _)| name).filter(|name| name.as_encoded_bytes().starts_with(b"NUNCHI_"));
    for name in ours {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

async fn spawn(data_dir: &Path, options: &[String]) -> (Process, Addresses) {
    let mut command = nunchi();
    command.arg("server").arg("--data-dir").arg(data_dir);
    for port in ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"] {
        if !options.iter().any(|option| option == port) {
            command.args([port, "127.0.0.1:0"]);
        }
    }
    command.args(options);
    let mut process = Process::start("the server", &mut command);
    let addresses = process.says("where it listens", addresses_in).await;
    (process, addresses)
}

/// From the line `… listening otlp_grpc=… otlp_http=… api=…`.
fn addresses_in(line: &str) -> Option<Addresses> {
    let (_, fields) = line.split_once(" listening ")?;
    let field = |name: &str| {
        let value = fields.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    };
    Some(Addresses { otlp_grpc: field("otlp_grpc")?, otlp_http: field("otlp_http")?, api: field("api")? })
}
