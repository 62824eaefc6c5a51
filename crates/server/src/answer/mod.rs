//! What was found → what crosses the boundary.
//!
//! | file | what |
//! |---|---|
//! | `json_value.rs` | values and attributes |
//! | `json_cells.rs` | cells of a SQL answer |
//! | `sql_rows.rs` | a SQL answer as JSON, NDJSON, CSV or an Arrow stream |
//! | `log_records.rs` `trace_story.rs` `trace_profile.rs` `nearby.rs` `journey.rs` `service_list.rs` `service_graph.rs` `passport.rs` `telemetry_health.rs` `pin_list.rs` `server_status.rs` | the bodies of each endpoint |
//! | `prometheus/` | the bodies of the Prometheus API |
//! | `coverage.rs` | what an answer rests on |
//! | `error.rs` | every error → status, code, message, hint |

mod json_value;
mod json_cells;
mod sql_rows;
mod log_records;
mod trace_story;
mod trace_profile;
mod nearby;
mod journey;
mod service_list;
mod service_graph;
mod passport;
mod telemetry_health;
mod pin_list;
mod server_status;
mod prometheus;
mod coverage;
mod error;

pub(crate) use coverage::coverage_of;
pub(crate) use error::ApiError;
pub(crate) use journey::journey_answer;
pub(crate) use log_records::{log_histogram_answer, log_record, logs_answer};
pub(crate) use nearby::{exemplars_answer, nearby_answer};
pub(crate) use passport::passport_answer;
pub(crate) use pin_list::{pin_answer, pins_answer};
pub(crate) use prometheus::{
    PromError, QueryStatistics, Said, TRUNCATED, answer, exemplars_data, metadata_data, query_response,
    series_response, syntax_tree, tsdb_data,
};
pub(crate) use server_status::status_answer;
pub(crate) use service_graph::{graph_diff_answer, service_graph_answer};
pub(crate) use service_list::services_answer;
pub(crate) use sql_rows::{SqlFormat, sql_response};
pub(crate) use telemetry_health::{clocks_answer, repairs_answer};
pub(crate) use trace_profile::profile_answer;
pub(crate) use trace_story::{trace_answer, traces_answer};
