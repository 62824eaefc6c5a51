//! Over the wire: series sent as Prometheus sends them, questions asked as its users ask them, answers compared.
//!
//! | file | what |
//! |---|---|
//! | `remote_write.rs` | sends series, by remote write 2.0 |
//! | `respondent.rs` | who is asked: a server by the HTTP API, or the evaluator of this process |
//! | `answer.rs` | an answer, and how it differs from another |

mod answer;
mod remote_write;
mod respondent;

pub use answer::{Answer, Bucket, Sample, difference};
pub use remote_write::send;
pub use respondent::Respondent;
