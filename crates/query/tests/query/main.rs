//! Questions over a store that was filled as a server fills it: OTLP requests, decoded by `ingest`.
//!
//! | file | what |
//! |---|---|
//! | `telemetry.rs` | OTLP requests in a line or two |
//! | `world.rs` | an engine over those requests: in memory, in blocks, or some here and some there |
//! | `sql.rs` | SQL over every table, the same wherever rows lie |
//! | `attributes.rs` | `attributes['k']` against every operator and type |
//! | `promoted_rows.rs` | SQL over attributes, the same wherever they lie |
//! | `promoted_plans.rs` | what they read of blocks, and what rules the rest out |
//! | `refused.rs` | what SQL refuses, and what must not bring it down |
//! | `plans.rs` | what reaches the scans |
//! | `logs.rs` | log search: selectors, text, order |
//! | `histogram.rs` | how many records match, over time |
//! | `paging.rs` | every record exactly once, whatever ties |
//! | `early_stop.rs` | a search that stops early finds the same |
//! | `traces.rs` | trace search |
//! | `story.rs` | one trace |
//! | `repairs.rs` | what was repaired, and how far clocks are apart |
//! | `profile.rs` | many traces of one operation |
//! | `nearby.rs` | what lies around a trace, and exemplars |
//! | `journeys.rs` | traces that belong together |
//! | `services.rs` | services |
//! | `measured.rs` | metrics of every kind in a line or two |
//! | `promql.rs` | expressions over them |
//! | `series_exemplars.rs` | exemplars by what Prometheus calls their series |
//! | `graph.rs` | the service graph, and how two differ |
//! | `passport.rs` | the passport of a service |
//! | `series.rs` | which Prometheus series there are |
//! | `unreadable.rs` | damaged and missing blocks |
//! | `flipped.rs` | one flipped byte in any file |
//! | `limits.rs` | timeout, cancellation, memory, places |

#![allow(clippy::unwrap_used, reason = "all of this is tests, also what stands beside the test functions")]

mod attributes;
mod early_stop;
mod flipped;
mod graph;
mod histogram;
mod journeys;
mod limits;
mod logs;
mod measured;
mod nearby;
mod paging;
mod passport;
mod plans;
mod profile;
mod promoted_plans;
mod promoted_rows;
mod promql;
mod refused;
mod repairs;
mod series_exemplars;
mod series;
mod services;
mod sql;
mod story;
mod telemetry;
mod traces;
mod unreadable;
mod world;
