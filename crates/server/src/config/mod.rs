//! The server's options: defaults → YAML file → `NUNCHI_…` environment → flags, the later wins.
//!
//! | file | what |
//! |---|---|
//! | `options.rs` | each option once, as flag, variable and YAML key |
//! | `resolve.rs` | layers → options → checked settings |
//! | `memory.rs` | one number for memory, from which limits derive |
//! | `services_file.rs` | what an operator states of services, read again whenever it changes |
//! | `quantity.rs` | sizes such as `128MiB` |

mod options;
mod resolve;
mod memory;
mod quantity;
mod services_file;

pub use options::ServerOptions;
pub use resolve::{ConfigError, Listen, Settings, settings};
pub(crate) use services_file::{ServicesFile, StatedServices};
