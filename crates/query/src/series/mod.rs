//! Which Prometheus series there are, and which of them match.
//!
//! | file | what |
//! |---|---|
//! | `question.rs` | series, names of labels and their values, as they are asked for |
//! | `metadata.rs` | what metrics mean: kind, help, unit |
//! | `cardinality.rs` | what there are many of |
//! | `selected.rs` | series to read points of |
//! | `stored.rs` | a series as it is stored, and what Prometheus sees of it |

mod cardinality;
mod metadata;
mod question;
mod selected;
mod stored;

pub use cardinality::{Cardinality, CardinalityQuestion, Counted};
pub use metadata::{MetadataQuestion, MetricKind, MetricMetadata};
pub use question::{LabelAnswer, SeriesAnswer, SeriesQuestion};
pub(crate) use selected::{SelectedSeries, SeriesSelected};
pub(crate) use stored::{SeriesView, Stay, StoredSeries, Temporality};
