//! A server that may take so much memory and no more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use testkit::{TestServer, nunchi};

/// What `--memory-max` says.
const MEMORY_MAX: u64 = 512 << 20;

/// What the server may take in the end: a tenth more.
const LIMIT: u64 = MEMORY_MAX + MEMORY_MAX / 10;

/// A server in a control group that ends it where it takes more than [`LIMIT`]. Where there is no such group, its peak
/// alone tells.
#[derive(Debug)]
pub(super) struct Confined {
    // Before the group, which cannot go while somebody is in it.
    pub(super) server: TestServer,
    group: Option<Group>,
}

impl Confined {
    /// Starts a server with these options besides.
    pub(super) async fn start(options: &[&str]) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let group = Group::new();
        let program = nunchi();
        let mut command = match &group {
            // The shell becomes the server, so that the server is in the group from its first byte on.
            Some(group) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(group.folder.join("cgroup.procs"));
                shell.arg(program.get_program());
                program.get_envs().for_each(|(name, value)| {
                    match value {
                        Some(value) => shell.env(name, value),
                        None => shell.env_remove(name),
                    };
                });
                shell
            }
            None => program,
        };
        command.arg("server").arg("--data-dir").arg(data_dir.path());
        for port in ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"] {
            command.args([port, "127.0.0.1:0"]);
        }
        command.args(["--memory-max", &MEMORY_MAX.to_string(), "--store-flush-interval", "1s"]).args(options);
        Self { server: TestServer::started_by(command, data_dir).await, group }
    }

    /// That it still serves, and took no more than it may.
    pub(super) async fn check(mut self, name: &str) {
        assert!(self.server.is_running(), "{name}: the server has ended: {}", self.server.log());
        assert!(!self.server.log().contains("panicked"), "{name}: {}", self.server.log());
        assert_eq!(self.server.api().get("/readyz", &[]).await.status, 200, "{name}");
        let peak = self.server.peak_resident_bytes();
        let watched = match &self.group {
            Some(group) => format!("in the control group {}", group.folder.display()),
            None => "without a control group, which this system does not give".to_owned(),
        };
        println!("{name}: peak {} MiB of {} MiB, {watched}", peak >> 20, LIMIT >> 20);
        assert!(peak <= LIMIT, "{name}: {} MiB were resident, and {} MiB are the limit", peak >> 20, LIMIT >> 20);
    }
}

/// A control group with a limit, of version 1 or 2. It goes when it is dropped.
#[derive(Debug)]
struct Group {
    folder: PathBuf,
}

impl Group {
    /// `None` where the system gives none: there is no hierarchy for memory, or it is not ours to write.
    fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("nunchi-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let hierarchies = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        hierarchies.into_iter().find_map(|(root, limit)| {
            let folder = Path::new(root).join(&name);
            fs::create_dir(&folder).ok()?;
            // From here on it is removed again where it is of no use.
            let group = Self { folder };
            fs::write(group.folder.join(limit), LIMIT.to_string()).ok()?;
            Some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder);
    }
}
