//! One number for memory, from which the limits of what takes it derive.
//!
//! | of `memory_max` | goes to | option that says otherwise |
//! |---|---|---|
//! | a sixth | requests in work | `receive.in_flight_bytes_max` |
//! | a quarter | memtables; a flush takes up to half as much again while it orders rows | `store.memtable_bytes_max` |
//! | a quarter | questions | `query.memory_bytes_max` |
//! | up to a sixth | the index of series, where metrics are asked for | `query.series_index_bytes_max` |
//! | up to a sixteenth | decoded points, where metrics are asked for | `query.points_kept_bytes_max` |
//! | the rest | flushes and merges, the log's queue, ids of series, footers of blocks, the program itself, what is free and not given back yet | |
//!
//! What is free is the allocator's to keep, until half of `memory_max` is resident.

use std::fs;
use std::path::{Path, PathBuf};

use super::resolve::ConfigError;

/// Default where the machine has more: what is above it makes nothing faster, and others want memory, too.
const DEFAULT_MAX: u64 = 2 << 30;

/// Below this the program and one flush alone need more.
const MEMORY_MIN: u64 = 256 << 20;

/// What may be taken, and what of it each part may take, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemoryPlan {
    pub(super) memory_max: u64,
    pub(super) in_flight: u64,
    pub(super) memtable: u64,
    pub(super) query: u64,
    pub(super) series_index: u64,
}

impl MemoryPlan {
    /// With so much in all; where nothing is said, three quarters of what the system gives, at most [`DEFAULT_MAX`].
    pub(super) fn new(said: Option<u64>, system: Option<u64>) -> Result<Self, ConfigError> {
        let memory_max = said.unwrap_or_else(|| system.map_or(DEFAULT_MAX, |system| system / 4 * 3).min(DEFAULT_MAX));
        if said.is_some_and(|said| said < MEMORY_MIN) {
            return Err(ConfigError::new("memory_max: must be at least 256MiB"));
        }
        let memory_max = memory_max.max(MEMORY_MIN);
        let (in_flight, series_index) = (memory_max / 6, memory_max / 6);
        Ok(Self { memory_max, in_flight, memtable: memory_max / 4, query: memory_max / 4, series_index })
    }

    /// Whether what the parts may take in the end leaves a quarter for the rest.
    pub(super) fn check(&self, in_flight: u64, memtable: u64, query: u64) -> Result<(), ConfigError> {
        let parts = in_flight.saturating_add(memtable).saturating_add(query);
        if parts <= self.memory_max / 4 * 3 {
            return Ok(());
        }
        Err(ConfigError::new(format!(
            "memory_max: receive.in_flight_bytes_max, store.memtable_bytes_max and query.memory_bytes_max are {} MiB \
             together, and must be at most three quarters of it, {} MiB: lower one of them, or raise memory_max",
            parts >> 20,
            (self.memory_max / 4 * 3) >> 20,
        )))
    }
}

/// Bytes of memory that the system gives this process: the smallest limit of its control groups, or what is built in;
/// `None` where it does not say.
pub(super) fn system_memory() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = limit_files(&groups).into_iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok());
    limits.chain(built_in(&fs::read_to_string("/proc/meminfo").unwrap_or_default())).min()
}

/// The files with the limits of the groups and of those above them, as `/proc/self/cgroup` lists them. Not all exist.
fn limit_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let below = Path::new(path.trim_start_matches('/'));
        files.extend(below.ancestors().map(|folder| Path::new(root).join(folder).join(file)));
    }
    files
}

fn built_in(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn the_default_is_three_quarters_of_the_machine_up_to_a_limit() {
        let check = |said, system, expected| {
            assert_eq!(MemoryPlan::new(said, system).unwrap().memory_max, expected, "{said:?} of {system:?}");
        };
        check(None, Some(64 * GIB), DEFAULT_MAX);
        check(None, Some(GIB), GIB / 4 * 3);
        check(None, Some(MEMORY_MIN), MEMORY_MIN);
        check(None, None, DEFAULT_MAX);
        check(Some(5 * GIB), Some(GIB), 5 * GIB);
        assert!(MemoryPlan::new(Some(MEMORY_MIN - 1), None).is_err());
    }

    #[test]
    fn what_derives_fits_and_what_is_said_must() {
        let plan = MemoryPlan::new(Some(GIB), None).unwrap();
        assert!(plan.check(plan.in_flight, plan.memtable, plan.query).is_ok());
        assert!(plan.check(GIB / 4, GIB / 4, GIB / 4).is_ok());
        let error = plan.check(GIB / 4, GIB / 4, GIB / 4 + 1).unwrap_err().to_string();
        assert!(error.contains("lower one of them"), "{error}");
        assert!(plan.check(u64::MAX, 1, 1).is_err());
    }

    #[test]
    fn limits_are_looked_for_in_the_group_and_all_above_it() {
        let names =
            |groups: &str| limit_files(groups).iter().map(|file| file.display().to_string()).collect::<Vec<_>>();
        assert_eq!(
            names("4:cpu,memory:/a/b\n3:cpuset:/\n0::/\n"),
            [
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory.max"
            ]
        );
        assert_eq!(names("nonsense\n\n"), [""; 0]);
        assert_eq!(built_in("MemFree: 1 kB\nMemTotal:       24684032 kB\n"), Some(24_684_032 * 1024));
        assert_eq!(built_in(""), None);
    }
}
