//! Retention: how long a record is kept, and taking it out of blocks once it has expired.
//!
//! | file | what |
//! |---|---|
//! | `rule.rs` | `keep SELECTOR DURATION` and `tenant NAME DURATION`: text ↔ rule |
//! | `policy.rs` | rules → how long the records of one resource are kept |
//! | `pinned.rs` | which blocks pins hold |
//! | `resources.rs` | resources that were met, each judged once |
//! | `trimmer.rs` | which blocks hold rows that have expired |
//! | `removal.rs` | whole blocks out of service, and blocks rewritten without expired rows |
//!
//! A record is kept by the longest of the rules that match its resource; if none does, by its tenant's; else by the
//! default. It expires with its hour: once the hour in whose folder it is lies wholly before `now - kept`.
//!
//! ```text
//! a block's hour   ──── longest of the tenant ago ──── shortest ago ──── now
//!                  removed whole        │  trimmed: rewritten   │ untouched
//!                                       │  without what expired │
//! ```
//!
//! What cannot be judged is kept as long as anything of its tenant: points whose series nobody describes, and
//! resources beyond the number that is remembered. Rows of `series` stay a day longer than what
//! they describe, and while a pin holds it. Blocks that overlap a pin are left alone.

mod rule;
mod policy;
mod pinned;
mod resources;
mod trimmer;
mod removal;

pub(crate) use policy::Retention;
pub use removal::Trimmed;
pub(crate) use rule::RETENTION_MIN;
pub use rule::{RETENTION_RULES_MAX, RetentionRule, RetentionRuleError, RetentionRules};
pub(crate) use trimmer::Trimmer;
