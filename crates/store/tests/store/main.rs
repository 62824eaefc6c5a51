//! The store as its callers meet it, on real files.
//!
//! | file | what |
//! |---|---|
//! | `rows.rs` | rows of any table, and requests that carry them |
//! | `house.rs` | a store in a folder of its own, and what its snapshots hold |
//! | `exactly_once.rs` | random appends, flushes, retention and crashes against a model |
//! | `concurrency.rs` | the same invariant while threads append and flush |
//! | `blocks.rs` | a block written is a block read, sorted and described as documented |
//! | `promoted.rs` | attributes as columns of their own, and that nobody can tell |
//! | `candidates.rs` | indexes rule out no row that matches |
//! | `damage.rs` | flipped bytes, missing files, leftovers |
//! | `start.rs` | the lock, and what a start replays and keeps |
//! | `full.rs` | a disk without room, and a clock that is set |
//! | `crash_points/` | a disk that fails, and a process that dies, at every step |
//! | `retention.rs` | which blocks go, and when their files do |
//! | `rules.rs` | which rows go by which rules, and what pins hold |
//! | `digests.rs` | what is worked out of rows at a flush is committed with them |
//! | `set_aside.rs` | a folder with damage is checked and repaired |

#![allow(clippy::unwrap_used, reason = "all of this is tests, also what stands beside the test functions")]

mod blocks;
mod candidates;
mod concurrency;
mod crash_points;
mod damage;
mod digests;
mod exactly_once;
mod full;
mod house;
mod promoted;
mod retention;
mod rows;
mod rules;
mod set_aside;
mod start;
