//! OTLP → Prometheus: what a stored series is called there, and which labels it has.
//!
//! Names, units and labels become what Prometheus' own OTLP receiver makes of them with the options that it has by
//! default, so that dashboards fit. What came by remote write is left as it is.
//!
//! | file | what |
//! |---|---|
//! | `unit.rs` | `By/s` → `bytes`, `per_second` |
//! | `metric_name.rs` | `http.server.duration` in `s` → `http_server_duration_seconds` |
//! | `label_name.rs` | `http.route` → `http_route` |
//! | `label_value.rs` | a typed value as text |
//! | `label_set.rs` | the labels of a resource, of a point, of `target_info` |
//! | `family.rs` | a metric: its name, kind and unit in Prometheus |
//! | `bound.rs` | `le` and `quantile` |

mod bound;
mod family;
mod label_name;
mod label_set;
mod label_value;
mod metric_name;
mod unit;

pub(super) use bound::bound_text;
pub(super) use family::{Family, FamilyKind, StoredKind};
pub(super) use label_set::{LabelSet, ResourceLabels, TARGET_INFO, series_labels, target_info_labels};
