//! What was found → the bodies of the Prometheus API.
//!
//! | file | what |
//! |---|---|
//! | `number.rs` | values and times as Prometheus writes them |
//! | `value.rs` | the value of an expression, written piece by piece while it is sent |
//! | `labels.rs` | labels of series |
//! | `envelope.rs` | what every answer is wrapped in |
//! | `error.rs` | every error → status, error type, words |
//! | `syntax_tree.rs` | an expression as a tree of JSON |
//! | `metadata.rs` | what metrics are about, their exemplars, and how many series there are |

mod envelope;
mod error;
mod labels;
mod metadata;
mod number;
mod syntax_tree;
mod value;

pub(crate) use envelope::{Said, TRUNCATED, answer};
pub(crate) use error::PromError;
pub(crate) use labels::series_response;
pub(crate) use metadata::{exemplars_data, metadata_data, tsdb_data};
pub(crate) use syntax_tree::syntax_tree;
pub(crate) use value::{QueryStatistics, query_response};
