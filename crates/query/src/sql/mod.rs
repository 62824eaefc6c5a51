//! SQL, read-only.
//!
//! | file | what |
//! |---|---|
//! | `guard.rs` | what is refused before it is parsed |
//! | `run.rs` | parse, plan, run, cut at the limits |
//! | `interrupt.rs` | ends joins that would go on after their asker has gone |

mod guard;
mod run;
mod interrupt;

pub use run::{SqlQuestion, SqlRows};
