//! The passport of a service: whose it is, where it runs and since when, what it is asked, and what has changed, all as of
//! one time. Made of the digest tables alone: no span is read again.
//!
//! | file | what |
//! |---|---|
//! | `service_passport.rs` | the question and its answer |
//! | `facts.rs` | owner, runbook, repository, contact, description: where they are looked up |
//! | `presence.rs` | who was there: versions, pods, nodes, namespaces and environments |
//! | `deploys.rs` | changes of version |
//! | `requests.rs` | operations, callers and callees |

mod facts;
mod deploys;
mod presence;
mod requests;
mod service_passport;

pub use deploys::Deploy;
pub use facts::{Fact, FactSource, StatedFacts};
pub use presence::{InstanceSeen, NodeSeen, PlaceSeen, Seen, VersionSeen};
pub use requests::{NeighbourCalls, OperationCalls, OperationChange};
pub use service_passport::{CallsOf, Passport, PassportQuestion};
