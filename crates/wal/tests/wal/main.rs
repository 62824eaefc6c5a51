//! What the log promises, tested through its public face. Each file is one promise.

mod log;

mod append;
mod flips;
mod golden;
mod model;
mod release;
mod torn;
