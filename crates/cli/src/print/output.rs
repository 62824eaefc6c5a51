//! `--output`: the forms an answer can take.

/// The forms of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum RowsOutput {
    /// Columns for people; the default, for a pipe too.
    #[default]
    Table,
    /// The server's whole answer, with its coverage, as one JSON document.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
}

/// The forms of log records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogsOutput {
    /// Columns for people; the default, for a pipe too.
    #[default]
    Table,
    /// All records, with the coverage, as one JSON document.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// The bodies only, one line each.
    Raw,
}

/// The forms of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum GraphOutput {
    /// Columns for people; the default, for a pipe too.
    #[default]
    Table,
    /// The server's whole answer, with its coverage, as one JSON document.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// The language of Graphviz, which draws it.
    Dot,
}

/// The forms of the value of an expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum PromqlOutput {
    /// Columns for people, one row per series; the default, for a pipe too.
    #[default]
    Table,
    /// The server's whole answer as one JSON document.
    Json,
    /// Comma-separated values with a header, one row per point.
    Csv,
    /// Curves over time; with --range.
    Graph,
}

/// The forms of one trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TraceOutput {
    /// A drawing, with log lines in place; the default, for a pipe too.
    #[default]
    #[value(alias = "table")]
    Waterfall,
    /// The server's whole answer as one JSON document.
    Json,
    /// One JSON object per span, log record and entry of the ledger: `{"span":…}`, `{"log":…}`, `{"repair":…}`, ….
    Ndjson,
}
