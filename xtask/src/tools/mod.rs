//! What the checks and tests need besides Rust, and how a fresh machine gets it.
//!
//! | file | gets |
//! |---|---|
//! | `page.rs`       | the page's packages, and the page itself |
//! | `services.rs`   | the packages of the Node and Python services that the tests drive |
//! | `browser.rs`    | a Chromium |
//! | `cargo_deny.rs` | cargo-deny, at the version that `deny.toml` is written for |
//! | `prometheus.rs` | a real Prometheus, and runs the comparison with it |
//! | `stamp.rs`      | "has this input changed since?" |
//! | `quiet.rs`      | runs a talkative command and shows its output only when it fails |
//!
//! Each is quick when there is nothing to do, and says what is missing when it may not install it.

pub(crate) mod browser;
pub(crate) mod cargo_deny;
pub(crate) mod page;
pub(crate) mod prometheus;
pub(crate) mod services;

mod debian;
mod quiet;
mod stamp;
