//! The service graph: who called whom, how often, how it went, and how long it took; now or at any past time.
//!
//! | file | what |
//! |---|---|
//! | `node.rs` | a service, database, queue or uninstrumented peer |
//! | `red.rs` | rate, errors, duration |
//! | `service_graph.rs` | nodes and edges of a time range |
//! | `tally.rs` | rows of `calls` added up |
//! | `owners.rs` | whose services are, and which ones a selector means |
//! | `difference.rs` | two time ranges held against each other |

mod node;
mod red;
mod tally;
mod owners;
mod service_graph;
mod difference;

pub use difference::{Change, EdgeDifference, GraphDifference, NodeDifference};
pub use node::GraphNode;
pub(crate) use owners::Owners;
pub use red::{Quantiles, Red};
pub use service_graph::{EDGES_MAX, EdgeCalls, GraphQuestion, NODES_MAX, NodeCalls, ServiceGraph};
pub(crate) use tally::{each_call, in_environment, whole_minutes};
