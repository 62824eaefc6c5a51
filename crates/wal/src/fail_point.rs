//! Steps with a name, at which a test makes a disk fail or the process die.
//!
//! Without the feature `failpoints`, which only tests turn on, nothing of this is compiled in. With it, the variable
//! `FAILPOINTS` of the environment says what happens, as in `wal::sync=2*off->1*return(5)`: the third sync fails with
//! EIO. `crates/store/tests/store/crash_points/` tries every point with every fault.

use std::io;

/// A step that can fail: by the error whose number of the operating system a test gives, else by EIO.
#[inline]
pub fn fail_point(name: &'static str) -> io::Result<()> {
    #[cfg(feature = "failpoints")]
    injected::fail_point(name)?;
    let _ = name;
    Ok(())
}

/// A step that cannot fail, at which the process can only die.
#[inline]
pub fn crash_point(name: &'static str) {
    #[cfg(feature = "failpoints")]
    injected::crash_point(name);
    let _ = name;
}

#[cfg(feature = "failpoints")]
mod injected {
    use std::{io, mem, sync::Once};

    use fail::FailScenario;

    /// The number of EIO on every system that we build for.
    const EIO: i32 = 5;

    pub(super) fn fail_point(name: &'static str) -> io::Result<()> {
        read_environment();
        fail::fail_point!(name, |code: Option<String>| {
            let code = code.and_then(|code| code.parse().ok()).unwrap_or(EIO);
            Err(io::Error::from_raw_os_error(code))
        });
        Ok(())
    }

    pub(super) fn crash_point(name: &'static str) {
        read_environment();
        fail::fail_point!(name);
    }

    /// Once, for the life of the process.
    fn read_environment() {
        static READ: Once = Once::new();
        READ.call_once(|| mem::forget(FailScenario::setup()));
    }
}
