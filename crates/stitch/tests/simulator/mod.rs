//! A simulator of services, of what happens to their spans on the way, and a score of what stitching makes of that.
//!
//! ```text
//! world ─► life ─────► sending ───────────► stitch ─► verdicts ─► score
//! nodes,   what truly  by which clock, and            against     per decile
//! calls    happened    lost, twice, renamed            life        of confidence
//! recorded ┘
//! ```
//!
//! | file | what |
//! |---|---|
//! | `random.rs` | numbers that look random and are the same for the same seed |
//! | `world.rs` | nodes with their clocks, services, pods, and who calls whom how |
//! | `life.rs` | what truly happened in one trace: made up in a world, or recorded from a running shop |
//! | `sending.rs` | what arrives of it: clocks that are off, spans that are lost, twice, or under another id |
//! | `knowledge.rs` | what the traces before taught, damaged like all others |
//! | `verdict.rs` | whether a repair is right |
//! | `score.rs` | how many are, by confidence |
//! | `season.rs` | many traces of one world, from first to last |
//!
//! What is right is said in `verdict.rs`, once for each kind of repair.

// A test and an example share this, and neither uses all of it.
#![allow(dead_code, reason = "two programs share the simulator, and each uses what it needs")]

mod knowledge;
mod life;
mod random;
mod score;
mod season;
mod sending;
mod verdict;
mod world;

pub(crate) use score::Score;
pub(crate) use season::{Clocks, Informed, Season, Source};
