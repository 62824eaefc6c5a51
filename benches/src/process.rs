//! What a process has used so far, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Clock ticks of a second in `/proc/PID/stat`. Linux has shown 100 to every program since 2.6.
const TICKS_PER_SECOND: u64 = 100;

/// What a process has used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Time on a core, user and system, all threads. Steps of 10 ms.
    pub(crate) cpu: Duration,
    /// Whether it has ended and only waits for its parent to ask how.
    pub(crate) is_over: bool,
}

/// What the process has used. Works until its parent has waited for it.
pub(crate) fn usage(pid: u32) -> Result<Usage> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parse_stat(&stat).with_context(|| format!("{path} has a new form"))
}

fn parse_stat(stat: &str) -> Option<Usage> {
    // The second field is the program's name in parentheses, which may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let cpu = Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND);
    Some(Usage { cpu, is_over: matches!(*fields.first()?, "Z" | "X") })
}

/// The most memory it ever had resident, bytes; `None` once it has ended.
pub(crate) fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_is_skipped() {
        let stat = "42 (a ) b) Z 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 99";
        let expected = Usage { cpu: Duration::from_secs(2), is_over: true };
        assert_eq!(parse_stat(stat), Some(expected));
        assert_eq!(parse_stat("42 (a) R 1"), None);
    }

    #[test]
    fn this_process_runs_and_has_memory() {
        let pid = std::process::id();
        assert!(!usage(pid).unwrap().is_over);
        assert!(peak_memory(pid).unwrap() > 0);
    }
}
