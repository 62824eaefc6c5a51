//! How far the clocks of two hosts are apart, learnt from calls between them.
//!
//! A call is seen twice: by the clock of its client and by the clock of its server. As it cannot be taken up before it
//! was made, nor be answered after the answer has come, each call bounds the offset of the two clocks from both sides:
//!
//! ```text
//! client's clock   start ─────────────────────── end        upper = server start − client start
//! server's clock         start ────────── end               lower = server end − client end
//!                  └ way there            └ way back         lower ≤ server's clock − client's clock ≤ upper
//! ```
//!
//! The quickest way there and the quickest way back of many calls leave little room between the bounds. Some calls
//! lie: they were abandoned, answered early, or paired wrongly. So offsets are where most calls agree, as NTP finds
//! which of its servers to trust (Marzullo, "Maintaining the time in a distributed system", 1984; RFC 5905, 11.2.1).
//!
//! | file | holds |
//! |---|---|
//! | `bounds.rs` | what one call says |
//! | `exchange.rs` | one call with its two sides, and where a trace has them |
//! | `window.rs` | what is kept of the calls of two hosts in five minutes |
//! | `agreement.rs` | what most of several bounds agree on |
//! | `estimate.rs` | the offset at an instant, from the windows about it |
//! | `offset.rs` | an offset with its error bar |
//! | `offsets.rs` | all windows of all pairs, within limits |
//! | `chain.rs` | offsets of hosts that never called each other, by way of others |

mod agreement;
mod bounds;
mod exchange;
mod chain;
mod estimate;
mod offset;
mod offsets;
mod window;

pub(crate) use agreement::{Agreement, Interval};
pub use bounds::Bounds;
pub use exchange::Exchange;
pub use offset::Offset;
pub use offsets::{HOST_BYTES_MAX, OFFSET_WINDOWS_MAX, Offsets};
pub use window::{OFFSET_WINDOW_NANOS, OffsetWindow};
