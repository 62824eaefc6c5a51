//! The query verbs of the `nunchi` program: ask a server, print its answer.
//!
//! | verb | asks | shows |
//! |---|---|---|
//! | `logs [QUERY]` | `GET /api/v1/logs` | log records |
//! | `traces [QUERY]` | `GET /api/v1/traces` | one line per trace |
//! | `trace ID` | `GET /api/v1/traces/{id}` | a waterfall, with log lines in place |
//! | `services` | `GET /api/v1/services` | who is out there |
//! | `service NAME` | `GET /api/v1/services/{name}` | all that is known of one |
//! | `graph` | `GET /api/v1/service-graph` | who calls whom |
//! | `diff` | `GET /api/v1/service-graph/diff` | what has changed between services |
//! | `promql EXPRESSION` | `POST /prometheus/api/v1/query`, `query_range` | values, or curves over time |
//! | `labels [NAME]` | `GET /prometheus/api/v1/labels`, `label/{name}/values` | labels of metrics |
//! | `top series` | `GET /prometheus/api/v1/status/tsdb` | what makes series many |
//! | `sql [STATEMENT]` | `POST /api/v1/sql` | rows |
//! | `status` | `GET /api/v1/status` | what is stored, how the server is doing |
//! | `pin`, `pins`, `unpin ID` | `POST /api/v1/pins`, `GET`, `DELETE /api/v1/pins/{id}` | pins |
//! | `completions SHELL` | nothing | a completion script |
//!
//! # What every verb keeps to
//!
//! * Standard output carries data only; notes, errors and the spinner go to standard error.
//! * The default output is a table, for a pipe too. On a terminal it fits the width; on a pipe nothing is cut
//!   and nothing is coloured. Programs ask for `-o json`, `ndjson` or `csv`.
//! * Control characters, escape sequences and bidirectional controls from telemetry never come out raw:
//!   tables show them as signs, JSON escapes them.
//! * Colour never says anything alone. `--color` decides before `NO_COLOR`, that before `CLICOLOR_FORCE`, that
//!   before `TERM=dumb` and whether there is a terminal.
//! * A broken pipe is a silent success.
//!
//! # Exit codes
//!
//! | code | when |
//! |---|---|
//! | 0 | done, also when nothing matched |
//! | 1 | nothing matched (only with `--exit-status`), or no such trace or service |
//! | 2 | the command line or the query is wrong |
//! | 3 | the output could not be written |
//! | 4 | the server asks for a token, or refuses the one given |
//! | 5 | the server cannot be reached, failed, or took too long |
//! | 130 | interrupted |
//!
//! # The way of one question
//!
//! ```text
//! command/<verb>.rs   arguments → question          time_range.rs, selector and text as they are
//!   connection.rs     question → HTTP → answer      bounded in time and size; failure.rs, exit.rs
//!   print/…           answer → text                 escape.rs sees every string
//!   session.rs        streams; coverage and failures to standard error
//! ```

mod command;
mod connection;
mod exit;
mod failure;
mod interrupt;
mod print;
mod progress;
mod session;
mod time_range;

pub use command::{
    ClocksArguments, Command, CompletionsArguments, DiffArguments, ExemplarsArguments, GraphArguments,
    JourneyArguments, LabelsArguments, LogsArguments, Order, PinArguments, PinsArguments, ProfileArguments,
    PromqlArguments, RepairsArguments, ServiceArguments, ServicesArguments, SpanStatusFilter, SqlArguments,
    StatusArguments, TopArguments, TraceArguments, TraceView, TracesArguments, UnpinArguments, run,
};
pub use connection::ConnectionArguments;
pub use print::colour::{ColourArguments, ColourChoice};
pub use print::output::{GraphOutput, LogsOutput, PromqlOutput, RowsOutput, TraceOutput};
pub use time_range::TimeRangeArguments;
