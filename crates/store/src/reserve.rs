//! The room that the disk has left, and when appends stop so that flushes can go on.
//!
//! A flush needs room before it gives any back: blocks are written first, and the log goes afterwards. So appends stop
//! while there is still room for blocks as large as the log, and a reserve besides for the catalog and for merges.
//!
//! ```text
//! free >= reserve + log            appends are taken, and each is counted twice: in the log now, in a block later
//! free <  reserve + log            appends are refused until there is a quarter of the reserve more than that
//! ```

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::StatVfsMountFlags;
use tracing::{info, warn};

/// Looking costs a system call; a disk that is filled by others is noticed within this.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The reserve where none is configured, as a share of the volume: one in so many bytes.
const RESERVE_SHARE: u64 = 20;

/// The reserve where none is configured, at most: two memtables of the default size, uncompressed.
const RESERVE_BYTES_MAX: u64 = 256 << 20;

/// What is free beyond the reserve before a full disk counts as having room again, as a share of the reserve: without
/// it, each small block that retention deletes would let a few requests in, and leave as many small blocks.
const MARGIN_SHARE: u64 = 4;

/// How much room there is for the data folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// Bytes of the volume that this process may still write; 0 with `total_bytes` 0 where the system does not say.
    pub free_bytes: u64,
    /// Bytes of the volume.
    pub total_bytes: u64,
    /// Bytes kept free for flushes, the catalog and merges.
    pub reserve_bytes: u64,
    /// Whether appends are refused for want of room.
    pub full: bool,
    /// Whether appends are refused because the volume has become read-only.
    pub read_only: bool,
}

impl DiskUse {
    /// Why appends are refused, in a few words; `None` when they are not.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Self { read_only: true, .. } => Some("the disk is read-only"),
            Self { full: true, .. } => Some("the disk is full"),
            _ => None,
        }
    }
}

/// What the system says about the volume.
#[derive(Clone, Copy, Debug, Default)]
struct Volume {
    free_bytes: u64,
    total_bytes: u64,
    read_only: bool,
}

/// Keeps appends from taking the room that flushes need.
#[derive(Debug)]
pub(crate) struct Reserve {
    folder: PathBuf,
    configured: Option<u64>,
    /// Bytes that may be appended until the next look.
    room: AtomicI64,
    refusing: AtomicBool,
    /// Whether an append found no room since somebody last asked.
    wanted: AtomicBool,
    /// As of the last look.
    seen: Mutex<DiskUse>,
    /// When the next look is due, in nanoseconds after `opened`.
    look_at: AtomicU64,
    opened: Instant,
}

impl Reserve {
    /// Of the volume that `folder` is on. `configured` is in bytes; where it is `None`, a twentieth of the volume and at
    /// most 256 MiB.
    pub(crate) fn new(folder: &Path, configured: Option<u64>) -> Self {
        Self {
            folder: folder.to_owned(),
            configured,
            room: AtomicI64::new(0),
            refusing: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            seen: Mutex::default(),
            look_at: AtomicU64::new(0),
            opened: Instant::now(),
        }
    }

    /// Takes the room for an append of so many bytes beside a log of `log_bytes`, or says why there is none.
    pub(crate) fn admit(&self, bytes: u64, log_bytes: impl FnOnce() -> u64) -> Result<(), &'static str> {
        if self.is_refusing(log_bytes) {
            return Err(self.seen().refusal().unwrap_or("the disk is full"));
        }
        let twice = i64::try_from(bytes.saturating_mul(2)).unwrap_or(i64::MAX).min(i64::MAX / 4);
        // What is refused counts, too, but only until the next look.
        let before = self.room.fetch_sub(twice, Ordering::Relaxed);
        if before >= twice {
            return Ok(());
        }
        self.wanted.store(true, Ordering::Relaxed);
        Err("the disk has no room for a request of this size")
    }

    /// Whether room is wanted that a flush may give: appends are refused, or one was since this was last asked.
    pub(crate) fn is_wanted(&self, log_bytes: impl FnOnce() -> u64) -> bool {
        self.is_refusing(log_bytes) | self.wanted.swap(false, Ordering::Relaxed)
    }

    /// Whether appends are refused, as of a look that is not older than [`LOOK_AGAIN`].
    fn is_refusing(&self, log_bytes: impl FnOnce() -> u64) -> bool {
        let elapsed = u64::try_from(self.opened.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let due = self.look_at.load(Ordering::Relaxed);
        let next = elapsed.saturating_add(LOOK_AGAIN.as_nanos() as u64);
        // Whoever moves the time of the next look is the one who looks.
        if elapsed >= due && self.look_at.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.look(log_bytes());
        }
        self.refusing.load(Ordering::Relaxed)
    }

    /// Whether so many bytes can be written without touching the reserve.
    pub(crate) fn has_beyond(&self, bytes: u64) -> bool {
        let Volume { free_bytes, total_bytes, .. } = self.volume();
        // A disk that cannot be asked is not kept from being used: the write will tell.
        total_bytes == 0 || free_bytes >= self.bytes(total_bytes).saturating_add(bytes)
    }

    /// How much room there is now, beside a log of `log_bytes`. A change is said once, in the log.
    pub(crate) fn look(&self, log_bytes: u64) -> DiskUse {
        let mut seen = self.seen();
        let Volume { free_bytes, total_bytes, read_only } = self.volume();
        let reserve_bytes = self.bytes(total_bytes);
        let room = match total_bytes {
            0 => i64::MAX / 2,
            _ => room(free_bytes, reserve_bytes.saturating_add(log_bytes)),
        };
        let margin = i64::try_from(reserve_bytes / MARGIN_SHARE).unwrap_or(i64::MAX);
        let full = if seen.full { room < margin } else { room <= 0 };
        let found = DiskUse { free_bytes, total_bytes, reserve_bytes, full, read_only };
        match (seen.refusal(), found.refusal()) {
            (before, Some(reason)) if before != Some(reason) => {
                warn!(reason, free_bytes, reserve_bytes, log_bytes, "requests are refused");
            }
            (Some(_), None) => info!(free_bytes, reserve_bytes, log_bytes, "the disk takes requests again"),
            _ => {}
        }
        *seen = found;
        self.room.store(room, Ordering::Relaxed);
        self.refusing.store(found.refusal().is_some(), Ordering::Relaxed);
        found
    }

    fn bytes(&self, total: u64) -> u64 {
        self.configured.unwrap_or((total / RESERVE_SHARE).min(RESERVE_BYTES_MAX))
    }

    /// What the system says; nothing, where it does not.
    fn volume(&self) -> Volume {
        let Ok(volume) = rustix::fs::statvfs(&self.folder) else { return Volume::default() };
        let bytes = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
        Volume {
            free_bytes: bytes(volume.f_bavail),
            total_bytes: bytes(volume.f_blocks),
            read_only: volume.f_flag.contains(StatVfsMountFlags::RDONLY),
        }
    }

    fn seen(&self) -> MutexGuard<'_, DiskUse> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is free beyond what is spoken for; negative where less is.
fn room(free: u64, taken: u64) -> i64 {
    i64::try_from(i128::from(free) - i128::from(taken)).unwrap_or(if free > taken { i64::MAX } else { i64::MIN })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the disk is full, look after look at logs of these sizes.
    #[track_caller]
    fn check(configured: impl Fn(u64) -> u64, logs: impl Fn(u64) -> Vec<(u64, bool)>) {
        let folder = tempfile::tempdir().unwrap();
        let free = Reserve::new(folder.path(), None).look(0).free_bytes;
        let reserve = Reserve::new(folder.path(), Some(configured(free)));
        for (log_bytes, full) in logs(free) {
            assert_eq!(reserve.look(log_bytes).full, full, "{log_bytes} of {free}");
            // The look of `admit` itself is not due yet, or finds the same.
            assert_eq!(reserve.admit(0, || log_bytes).is_ok(), !full, "{log_bytes} of {free}");
        }
    }

    #[test]
    fn appends_stop_before_the_room_for_blocks_is_gone_and_go_on_a_margin_later() {
        // Others write to the same volume meanwhile, so every figure is far from the edge.
        check(|free| free / 2, |free| vec![(0, false), (free / 4, false), (free, true), (free / 2, true), (0, false)]);
        check(|free| free / 2, |free| vec![(free, true), (free * 7 / 16, true), (free / 4, false)]);
        check(|_| 0, |_| vec![(0, false), (u64::MAX, true), (0, false)]);
        check(|_| u64::MAX, |_| vec![(0, true)]);
    }

    #[test]
    fn what_is_appended_between_two_looks_is_counted_twice() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path(), Some(0));
        let free = reserve.look(0).free_bytes;
        reserve.look_at.store(u64::MAX, Ordering::Relaxed);
        let admits = |bytes| reserve.admit(bytes, || unreachable!("no look is due")).is_ok();
        assert!(admits(free / 4));
        assert!(!reserve.is_wanted(|| unreachable!("no look is due")));
        assert!(!admits(free / 2) && !admits(u64::MAX));
        let wanted = [(); 2].map(|()| reserve.is_wanted(|| unreachable!("no look is due")));
        assert_eq!(wanted, [true, false], "a flush is asked for once");
    }

    #[test]
    fn the_reserve_follows_the_volume_where_none_is_configured() {
        let reserve = Reserve::new(Path::new("/"), None);
        for (total, bytes) in [(0, 0), (64 << 20, (64 << 20) / 20), (1 << 40, 256 << 20)] {
            assert_eq!(reserve.bytes(total), bytes);
        }
        let found = reserve.look(0);
        assert!(found.total_bytes >= found.free_bytes && found.reserve_bytes <= 256 << 20);
        assert!(reserve.has_beyond(0) && !reserve.has_beyond(u64::MAX));
    }

    #[test]
    fn a_folder_that_cannot_be_asked_is_not_full() {
        let reserve = Reserve::new(Path::new("/nowhere/at/all"), None);
        assert_eq!(reserve.look(0), DiskUse::default());
        assert!(reserve.admit(1 << 30, || 0).is_ok() && reserve.has_beyond(1 << 30));
    }
}
