//! Limits of questions.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What one question may cost. Each limit has its own error, which names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A question is cancelled after this long. Default: 30 s.
    pub timeout: Duration,
    /// Questions that run at once; further ones wait up to `timeout`. Default: 8.
    pub concurrency: usize,
    /// Memory of all running questions together, bytes. An expression may take the part that is left to each where
    /// `concurrency` of them run. Default: 512 MiB.
    pub memory_bytes_max: usize,
    /// Decoded points of blocks and of memory that are kept for the next question, bytes, beside what running questions
    /// take. Default: 128 MiB.
    pub points_kept_bytes_max: usize,
    /// Rows of a SQL answer; more are cut and the answer says so. Default: 100 000.
    pub sql_rows_max: usize,
    /// Bytes of a SQL answer in memory; more are cut and the answer says so. Default: 128 MiB.
    pub sql_bytes_max: usize,
    /// Memory of the index of series, of all tenants together, bytes. A million series of ten labels take about 430 MiB. A
    /// question about a time with more series than fit is refused. Default: 512 MiB.
    pub series_index_bytes_max: usize,
    /// Prometheus series that a selector of an expression may match, and that an answer may list: their labels are made of
    /// each, some 400 bytes. More are refused, and a list is cut and says so. Default: 500 000.
    pub selected_series_max: usize,
    /// How metrics look to Prometheus' dialect.
    pub prometheus: PrometheusView,
}

/// How OTLP metrics look to Prometheus' dialect. Nothing of it is stored: another view shows the same points otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrometheusView {
    /// What names of metrics and labels become.
    pub names: NameTranslation,
    /// Resource attributes, by their keys, that are labels of every series of the resource. Default: none.
    pub promoted_resource_attributes: Vec<String>,
    /// What histograms with explicit bounds become.
    pub classic_histograms: ClassicHistograms,
}

/// What names of metrics and labels become. As Prometheus calls it, translation strategies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameTranslation {
    /// What is no letter, digit or `:` becomes `_`; names of metrics end in their unit, and `total` for counters. The default.
    #[default]
    UnderscoreEscapingWithSuffixes,
    /// The same without what says unit and kind.
    UnderscoreEscapingWithoutSuffixes,
    /// Names stay as they are, and those of metrics end in their unit, and `total` for counters.
    NoUtf8EscapingWithSuffixes,
    /// Names stay as they are.
    NoTranslation,
}

/// What histograms with explicit bounds become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassicHistograms {
    /// Series `_bucket`, `_sum` and `_count`. The default.
    #[default]
    Series,
    /// One native histogram with custom buckets.
    Native,
}

/// A name that is not a translation's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no translation {0:?}: use UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, \
     NoUTF8EscapingWithSuffixes or NoTranslation"
)]
pub struct UnknownTranslation(String);

impl NameTranslation {
    const ALL: [Self; 4] = [
        Self::UnderscoreEscapingWithSuffixes,
        Self::UnderscoreEscapingWithoutSuffixes,
        Self::NoUtf8EscapingWithSuffixes,
        Self::NoTranslation,
    ];

    /// As it is written in Prometheus' configuration.
    pub fn text(self) -> &'static str {
        match self {
            Self::UnderscoreEscapingWithSuffixes => "UnderscoreEscapingWithSuffixes",
            Self::UnderscoreEscapingWithoutSuffixes => "UnderscoreEscapingWithoutSuffixes",
            Self::NoUtf8EscapingWithSuffixes => "NoUTF8EscapingWithSuffixes",
            Self::NoTranslation => "NoTranslation",
        }
    }

    /// Whether names have letters, digits and `_` alone.
    pub(crate) fn is_escaping(self) -> bool {
        matches!(self, Self::UnderscoreEscapingWithSuffixes | Self::UnderscoreEscapingWithoutSuffixes)
    }
}

impl fmt::Display for NameTranslation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for NameTranslation {
    type Err = UnknownTranslation;

    fn from_str(text: &str) -> Result<Self, UnknownTranslation> {
        let found = Self::ALL.into_iter().find(|names| names.text() == text);
        found.ok_or_else(|| UnknownTranslation(text.to_owned()))
    }
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
            series_index_bytes_max: 512 << 20,
            selected_series_max: 500_000,
            prometheus: PrometheusView::default(),
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
