//! Disks that are full, read-only or broken: ingest is refused in time, questions are answered, nothing acknowledged is
//! lost, and what passes by itself needs no restart.
//!
//! | file | what |
//! |---|---|
//! | `volume.rs` | a volume of the test's own, to fill and to write-protect |
//! | `journal.rs` | what was sent and acknowledged, held against what is stored |
//! | `full.rs` | a full disk |
//! | `broken.rs` | a disk that reports errors |
//! | `read_only.rs` | a folder that cannot be written, at start and later |

mod broken;
mod full;
mod journal;
mod read_only;
mod volume;

use std::time::Duration;

use tonic::Code;

use crate::wire::{Answer, Status};

/// The sender is told to come back, in between one and thirty seconds, and why.
fn check_refused(answer: &Answer, words: &str) {
    assert!(matches!(answer.status, Status::Http(503) | Status::Grpc(Code::Unavailable)), "{answer:?}");
    let retry = answer.retry_after.unwrap_or_else(|| panic!("nothing says when to come back: {answer:?}"));
    assert!((Duration::from_secs(1)..=Duration::from_secs(30)).contains(&retry), "{answer:?}");
    assert!(answer.message.contains(words), "{answer:?} does not say {words:?}");
}
