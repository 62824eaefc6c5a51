//! The allocator, and how it is made to let go of memory that nobody uses.

use mimalloc::MiMalloc;

// Ingest allocates many buffers of like size on many threads, where glibc's allocator fights over locks.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Gives what lies free in the allocator's arenas back to the system; pages that other threads keep for themselves stay.
/// Takes milliseconds where that is much.
#[allow(unsafe_code, reason = "the allocator is C, and its crate has no safe name for this")]
pub(crate) fn let_go() {
    unsafe extern "C" {
        /// `mimalloc.h`: with `force`, what was freed is given back before its time.
        fn mi_collect(force: bool);
    }
    // SAFETY: it may be called on any thread at any time, takes no pointer, and leaves alone what is in use.
    unsafe { mi_collect(true) }
}
