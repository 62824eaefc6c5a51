//! The store's options.

use std::time::Duration;

use wal::Durability;

use crate::retention::{RETENTION_MIN, RetentionRules};

/// How the store keeps what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What an acknowledgement promises. Default: `fsync`.
    pub durability: Durability,
    /// The memtable is flushed to blocks once it holds this many bytes of memory. Default: 128 MiB.
    pub flush_bytes: u64,
    /// The memtable is flushed at least this often while it holds anything. Default: 60 s.
    pub flush_interval: Duration,
    /// Above this many bytes of memory in memtables, appends are refused until a flush has caught up.
    /// Must be at least twice `flush_bytes`, so that one memtable can fill while another is written. Default: 512 MiB.
    pub memtable_bytes_max: u64,
    /// Bytes of the volume that are kept free: appends are refused below it, so that flushes and merges can go on. Where
    /// it is `None`, a twentieth of the volume, at most 256 MiB. Default: `None`.
    pub disk_reserve_bytes: Option<u64>,
    /// Records are deleted once their hour is older than this, where no rule says otherwise. Default: 7 days.
    pub retention: Duration,
    /// How long the records of some tenants, or of resources that a selector matches, are kept. Default: none.
    pub retention_rules: RetentionRules,
    /// The write-ahead log's own options.
    pub wal: wal::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            durability: Durability::Fsync,
            flush_bytes: 128 << 20,
            flush_interval: Duration::from_secs(60),
            memtable_bytes_max: 512 << 20,
            disk_reserve_bytes: None,
            retention: Duration::from_secs(7 * 86_400),
            retention_rules: RetentionRules::default(),
            wal: wal::Config::default(),
        }
    }
}

/// An option whose value cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("store.{key}: {problem}")]
pub struct ConfigError {
    /// The option's name inside the store's section.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl Config {
    /// Whether the options can work together; the error names the first that cannot.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let fail = |key, problem: &str| Err(ConfigError { key, problem: problem.to_owned() });
        if self.flush_bytes < 1 << 20 {
            return fail("flush_bytes", "must be at least 1 MiB, or blocks become too many and too small");
        }
        if self.memtable_bytes_max < 2 * self.flush_bytes {
            return fail("memtable_bytes_max", "must be at least twice flush_bytes");
        }
        if self.flush_interval < Duration::from_secs(1) {
            return fail("flush_interval", "must be at least 1s");
        }
        if self.retention < RETENTION_MIN {
            return fail("retention", "must be at least 1h, the width of a block's folder");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_a_wrong_value_is_named() {
        assert_eq!(Config::default().validate(), Ok(()));
        let config = Config { memtable_bytes_max: 1 << 20, ..Config::default() };
        assert_eq!(config.validate().map_err(|error| error.key), Err("memtable_bytes_max"));
    }
}
