//! Requests that are small on the wire and large in memory, many at once: each is answered as it must be, the server goes
//! on, and it stays within what `--memory-max` says and a tenth.
//!
//! | file | what |
//! |---|---|
//! | `confined.rs` | a server in a control group of its own, or watched by its peak where there is none |
//! | `bombs.rs` | bodies that become much more than they are |
//! | `bounds.rs` | each bomb, and what may come of it |
//! | `series.rs` | more series than a tenant may have |
//! | `admission.rs` | what does not fit now is told so at once |

mod admission;
mod bombs;
mod bounds;
mod confined;
mod series;
