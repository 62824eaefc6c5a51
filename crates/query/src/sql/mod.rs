//! SQL, read-only.
//!
//! | file | what |
//! |---|---|
//! | `guard.rs` | what is refused before it is parsed |
//! | `run.rs` | parse, plan, run, cut at the limits |

mod guard;
mod run;

pub use run::{SqlQuestion, SqlRows};
