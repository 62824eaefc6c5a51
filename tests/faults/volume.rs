//! A volume of the test's own, to fill and to write-protect.
//!
//! A small tmpfs where this process may mount one. Where it may not, the volume of the temporary folder: a server that
//! keeps all but a little of it in reserve finds it as full as a small one, once the test has taken that little.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_remount, unmount};
use tempfile::TempDir;

/// Bytes of the small volume. A store that holds next to nothing takes less than one of them.
const SMALL_BYTES: u64 = 24 << 20;

/// What a server on a shared volume may take of it. Others write there, too: it must be more than they do.
const SHARED_ROOM_BYTES: u64 = 1 << 30;

#[derive(Debug)]
pub(crate) struct Volume {
    kind: Kind,
    folder: TempDir,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Mounted for the test.
    Small,
    /// The one of the temporary folder.
    Shared,
}

impl Volume {
    /// # Panics
    ///
    /// When mounting fails for another reason than that it is not allowed.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = std::ffi::CString::new(format!("size={SMALL_BYTES}")).unwrap();
        let kind = match mount("tmpfs", folder.path(), "tmpfs", MountFlags::empty(), Some(size.as_c_str())) {
            Ok(()) => Kind::Small,
            Err(Errno::PERM) => {
                println!("mounting is not allowed here: the volume of {} is filled instead", folder.path().display());
                Kind::Shared
            }
            Err(error) => panic!("cannot mount a tmpfs: {error}"),
        };
        Self { kind, folder }
    }

    /// A folder on it for a server.
    pub(crate) fn folder(&self) -> TempDir {
        tempfile::tempdir_in(self.folder.path()).unwrap()
    }

    /// The options with which a server takes no more of it than of the small one.
    pub(crate) fn options(&self) -> Vec<String> {
        match self.kind {
            Kind::Small => Vec::new(),
            Kind::Shared => {
                let reserve = free_bytes(self.folder.path()).saturating_sub(SHARED_ROOM_BYTES);
                vec!["--store-disk-reserve-bytes".to_owned(), reserve.to_string()]
            }
        }
    }

    /// Takes all the room that is left for the server.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let bytes = vec![0x5a; 1 << 20];
        let limit = match self.kind {
            Kind::Small => u64::MAX,
            // Far beyond the edge, or others who delete something make room.
            Kind::Shared => (2 * SHARED_ROOM_BYTES) >> 20,
        };
        for _ in 0..limit {
            match ballast.write_all(&bytes) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return,
                Err(error) => panic!("cannot fill the volume: {error}"),
            }
        }
    }

    /// Gives it back.
    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        if self.kind == Kind::Small {
            // A server that is still being killed keeps it until it is gone.
            let _ = unmount(self.folder.path(), UnmountFlags::DETACH);
        }
    }
}

/// Bytes that this process may write on the volume of the folder.
fn free_bytes(folder: &Path) -> u64 {
    let volume = statvfs(folder).unwrap();
    volume.f_bavail * volume.f_frsize
}

/// A folder that cannot be written as long as this lives: mounted once more over itself, read-only. Files that are open
/// already can be written all the same, as on a disk that is about to be taken away.
#[derive(Debug)]
pub(crate) struct WriteProtected {
    folder: PathBuf,
}

impl WriteProtected {
    /// `None` where mounting is not allowed.
    pub(crate) fn new(folder: &Path) -> Option<Self> {
        match mount_bind(folder, folder) {
            Ok(()) => {}
            Err(Errno::PERM) => return None,
            Err(error) => panic!("cannot mount {} once more: {error}", folder.display()),
        }
        let protected = Self { folder: folder.to_owned() };
        mount_remount(folder, MountFlags::BIND | MountFlags::RDONLY, "").unwrap();
        Some(protected)
    }
}

impl Drop for WriteProtected {
    fn drop(&mut self) {
        let _ = unmount(&self.folder, UnmountFlags::DETACH);
    }
}
