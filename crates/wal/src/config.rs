//! The options of one log, and what an acknowledgement promises.

use std::{fmt, str::FromStr};

use crate::ConfigError;

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// `fsync`: on the disk; survives a power cut. The default.
    #[default]
    Fsync,
    /// `os`: handed to the operating system; survives the death of this process, not a power cut.
    Os,
    /// `none`: numbered, and about to be written; survives nothing.
    None,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Durability::Fsync => "fsync",
            Durability::Os => "os",
            Durability::None => "none",
        })
    }
}

impl FromStr for Durability {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Durability, ConfigError> {
        match text {
            "fsync" => Ok(Durability::Fsync),
            "os" => Ok(Durability::Os),
            "none" => Ok(Durability::None),
            _ => Err(ConfigError { key: "durability", reason: "must be fsync, os or none" }),
        }
    }
}

/// The options of one log. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A group that would make the open file longer than this starts a new file. Default 128 MiB: large enough that
    /// creating files costs nothing, small enough that a release frees space soon. A group is never split, so a file
    /// may be longer than this by being one large group.
    pub file_bytes_max: u64,
    /// A group closes once it holds this much. Default 4 MiB: a sync of 4 MiB takes about as long as one of 4 KiB,
    /// and beyond it the wait of the first frame in the group grows. One larger frame is a group of its own.
    pub commit_bytes_max: u64,
    /// How much may wait or be under way to disk before `append` answers `Full`. Default 64 MiB, which is this log's
    /// share of memory when the disk stalls. One larger frame is taken when nothing else waits.
    pub queue_bytes_max: u64,
    /// What an acknowledgement promises. Default `fsync`.
    pub durability: Durability,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            file_bytes_max: 128 << 20,
            commit_bytes_max: 4 << 20,
            queue_bytes_max: 64 << 20,
            durability: Durability::Fsync,
        }
    }
}

impl Config {
    /// Refuses sizes with which the log could not make progress, and names the offending key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("file_bytes_max", self.file_bytes_max),
            ("commit_bytes_max", self.commit_bytes_max),
            ("queue_bytes_max", self.queue_bytes_max),
        ];
        for (key, bytes) in sizes {
            if bytes == 0 {
                return Err(ConfigError { key, reason: "must not be zero" });
            }
        }
        if self.queue_bytes_max < self.commit_bytes_max {
            return Err(ConfigError { key: "queue_bytes_max", reason: "must hold at least commit_bytes_max" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_reads_back_what_it_prints() {
        for durability in [Durability::Fsync, Durability::Os, Durability::None] {
            assert_eq!(durability.to_string().parse(), Ok(durability));
        }
        assert_eq!("FSYNC".parse::<Durability>().unwrap_err().to_string(), "durability must be fsync, os or none");
    }

    #[test]
    fn validate_names_the_offending_key() {
        let good = Config::default();
        assert_eq!(good.validate(), Ok(()));
        let cases = [
            (Config { file_bytes_max: 0, ..good.clone() }, "file_bytes_max"),
            (Config { commit_bytes_max: 0, ..good.clone() }, "commit_bytes_max"),
            (Config { queue_bytes_max: 0, ..good.clone() }, "queue_bytes_max"),
            (Config { queue_bytes_max: good.commit_bytes_max - 1, ..good.clone() }, "queue_bytes_max"),
        ];
        for (config, key) in cases {
            assert_eq!(config.validate().unwrap_err().key, key);
        }
    }
}
