//! The server's options: defaults → YAML file → `NUNCHI_…` environment → flags, the later wins.
//!
//! | file | what |
//! |---|---|
//! | `options.rs` | each option once, as flag, variable and YAML key |
//! | `resolve.rs` | layers → options → checked settings |
//! | `memory.rs` | one number for memory, from which limits derive |
//! | `quantity.rs` | sizes such as `128MiB` |

mod options;
mod resolve;
mod memory;
mod quantity;

pub use options::ServerOptions;
pub use resolve::{ConfigError, Listen, Settings, settings};
