//! Prometheus' language for tests of PromQL: scripts that load series, ask, and say what must come out.
//!
//! ```text
//! load 1m                              series from the Unix epoch on, a sample a minute
//!   up{job="a"} 1 1 0x3 _ stale
//!
//! eval instant at 2m sum(up)           also asked with `@` at other instants, and as a range
//!   {} 0
//! ```
//!
//! ```text
//! text ─► Script ─► run ─► Report      a case is one `eval`
//!                    │
//!                    └ Subject         what is tested: Evaluator (this process), or a server
//! ```
//!
//! [`MemorySource`] keeps the series of a script. [`check_source`] holds any other `SeriesSource` to the trait's
//! contract. With the feature `wire` there is also what it takes to ask the same of a server. Only tests use this crate; what it cannot read, it says with the line.

mod ask;
mod duration;
mod expectation;
mod folder;
mod judge;
mod load;
mod memory_source;
mod native;
mod near;
mod notation;
mod pinned;
mod run;
mod script;
mod source_suite;
mod subject;
#[cfg(feature = "wire")]
pub mod wire;

pub use ask::{Ask, When};
pub use folder::{Exception, Folder, Tally};
pub use load::Load;
pub use memory_source::MemorySource;
pub use run::{Failure, Report, run};
pub use script::{Command, Script, ScriptError};
pub use source_suite::check_source;
pub use subject::{Evaluator, Subject};
