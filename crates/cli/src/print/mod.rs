//! How answers look. Everything is written to a `&mut dyn Write`, so that tests read what a person sees.
//!
//! | file | what |
//! |---|---|
//! | `escape.rs` | hostile characters made visible; the reason why no other file has to think of them |
//! | `colour.rs` | when colour is used, and which |
//! | `screen.rs` | what a stream ends in: width and colour |
//! | `quantity.rs` | durations, times, sizes and counts in words |
//! | `body.rs` | a log record's body as text |
//! | `coverage.rs` | how much of the truth an answer rests on, for standard error |
//! | `line.rs` | one line of toned pieces, measured in cells, cut or padded |
//! | `table.rs` | columns, or records where columns do not fit |
//! | `json.rs`, `csv.rs` | exact output for programs |
//! | `output.rs` | `--output`: the forms an answer can take |
//! | `red.rs` | rate, errors and duration as cells |
//! | `promql.rs`, `plot.rs`, `series_text.rs` | values of expressions: as tables, curves and texts |
//! | `labels.rs`, `top_series.rs` | what series there are |
//! | `logs.rs`, `traces.rs`, `journey.rs`, `services.rs`, `graph.rs`, `diff.rs`, `passport.rs`, `repairs.rs`, `clocks.rs`, `pins.rs`, `rows.rs`, `status.rs`, `trace.rs`, `profile.rs`, `nearby.rs`, `exemplars.rs` | one answer each, in every form |
//! | `ledger.rs` | what was repaired in a trace, and what was left |
//! | `dot.rs` | the service graph in the language of Graphviz |
//! | `waterfall/` | one trace, drawn |
//!
//! [`Line`](line::Line) and [`Table`](table::Table) make text visible as it is put in; [`json`] and [`csv`]
//! escape as they write. Nothing else prints text that came from a server.

pub(crate) mod body;
pub(crate) mod clocks;
pub(crate) mod colour;
pub(crate) mod coverage;
pub(crate) mod csv;
pub(crate) mod diff;
mod dot;
pub(crate) mod escape;
pub(crate) mod exemplars;
pub(crate) mod graph;
pub(crate) mod journey;
pub(crate) mod json;
pub(crate) mod labels;
pub(crate) mod ledger;
pub(crate) mod line;
pub(crate) mod logs;
pub(crate) mod nearby;
pub(crate) mod output;
pub(crate) mod passport;
pub(crate) mod pins;
mod plot;
pub(crate) mod profile;
pub(crate) mod promql;
pub(crate) mod quantity;
mod red;
pub(crate) mod repairs;
pub(crate) mod rows;
pub(crate) mod screen;
mod series_text;
pub(crate) mod services;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod top_series;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod waterfall;

#[cfg(test)]
mod tests;
