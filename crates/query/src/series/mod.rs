//! Which Prometheus series there are, and which of them match.
//!
//! One series as it is stored may be several to Prometheus, its *views*: a classic histogram has one for each bucket, one for
//! the count and one for the sum. Their labels are made when the row of `series` that describes it is first read, and kept in
//! an index in memory, per tenant.
//!
//! | file | what |
//! |---|---|
//! | `question.rs` | series, names of labels and their values, as they are asked for |
//! | `metadata.rs` | what metrics mean: kind, help, unit |
//! | `cardinality.rs` | what there are many of |
//! | `selected.rs` | series to read points of |
//! | `stored.rs` | a series as it is stored, and what Prometheus sees of it |
//! | `stays.rs` | when resources were heard from |
//! | `description.rs` | a row of `series` |
//! | `translation/` | OTLP → names and labels of Prometheus |
//! | `index/` | labels → series |
//! | `indexes.rs` | the indexes of all tenants, kept up to what is asked |

mod cardinality;
mod description;
mod index;
mod indexes;
mod metadata;
mod question;
mod selected;
mod stays;
mod stored;
mod translation;

pub use cardinality::{Cardinality, CardinalityQuestion, Counted};
pub(crate) use indexes::SeriesIndexes;
pub use metadata::{MetadataQuestion, MetricKind, MetricMetadata};
pub use question::{LabelAnswer, SeriesAnswer, SeriesQuestion};
pub(crate) use selected::SelectedSeries;
pub(crate) use stored::{SeriesView, Stay, StoredSeries, Temporality};
