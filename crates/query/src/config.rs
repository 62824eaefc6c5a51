//! Limits of questions.

use std::time::Duration;

/// What one question may cost. Each limit has its own error, which names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A question is cancelled after this long. Default: 30 s.
    pub timeout: Duration,
    /// Questions that run at once; further ones wait up to `timeout`. Default: 8.
    pub concurrency: usize,
    /// Memory of all running questions together, bytes. Default: 512 MiB.
    pub memory_bytes_max: usize,
    /// Decoded points of blocks and of memory that are kept for the next question, bytes, beside what running questions
    /// take. Default: 128 MiB.
    pub points_kept_bytes_max: usize,
    /// Rows of a SQL answer; more are cut and the answer says so. Default: 100 000.
    pub sql_rows_max: usize,
    /// Bytes of a SQL answer in memory; more are cut and the answer says so. Default: 128 MiB.
    pub sql_bytes_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            concurrency: 8,
            memory_bytes_max: 512 << 20,
            points_kept_bytes_max: 128 << 20,
            sql_rows_max: 100_000,
            sql_bytes_max: 128 << 20,
        }
    }
}

/// Records of a log search or traces of a trace search that can be asked for at once. Pages carry more.
pub const LIMIT_MAX: usize = 10_000;

/// Bytes of the records of one page of a log search. A page that would have more ends early, and the next begins there:
/// ten thousand records of a quarter of a mebibyte are not one answer.
pub const LOG_PAGE_BYTES_MAX: usize = 16 << 20;

/// Spans of one trace that an answer shows. A longer trace is cut and the answer says so.
pub const TRACE_SPANS_MAX: usize = 100_000;

/// Log records of one trace that an answer shows. More are cut and the answer says so.
pub const TRACE_LOGS_MAX: usize = 10_000;
