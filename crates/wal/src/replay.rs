//! After a crash: hand out what is whole, cut off what is torn, set aside what is damaged.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

use crate::{
    DiskError, Frame, Lsn, ReplayError,
    directory::{LogFile, list},
    fail_point::{crash_point, fail_point},
    file::{BadHeader, FILE_HEADER_BYTES, file_name},
    reader::{Found, Reader},
};

/// Where copies of damaged files go.
const QUARANTINE: &str = "quarantine";

/// What a replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Frames handed out.
    pub frames: u64,
    /// Payload bytes handed out.
    pub bytes: u64,
    /// The highest LSN there is any sign of: the floor, a frame of any age, the name of a file. What
    /// [`Wal::start`](crate::Wal::start) goes on from.
    pub last_lsn: Lsn,
    /// Frames above the floor that are lost to damage. Their files, as they were, are in `quarantine/`. Damage stays
    /// in place and is counted again until its file is released.
    pub damaged_frames: u64,
    /// Bytes cut off the end of the newest file: what was being written when the process died.
    pub torn_bytes: u64,
}

/// Hands out the frames above `floor`, in LSN order, and makes the folder fit to be started.
///
/// The newest file is cut back to its last whole frame and synced, so whatever was handed out is on the disk. A damaged
/// frame in the middle is skipped: its file is copied to `quarantine/`, and the frames after it are handed out. Files
/// with nothing above the floor are not read. A folder that does not exist is an empty log.
///
/// Replaying again gives the same frames. Must not run while a [`Wal`](crate::Wal) is open on the folder.
pub fn replay<E>(
    folder: &Path,
    floor: Lsn,
    mut visit: impl FnMut(Frame) -> Result<(), E>,
) -> Result<Replayed, ReplayError<E>> {
    fail_point("replay::list").map_err(DiskError::on("list", folder))?;
    let mut files = list(folder, Lsn::MAX)?;
    files.retain(|file| file.last_lsn > floor);
    for file in &files {
        let path = file.path(folder);
        if let Err(BadHeader::Version(version)) = open(&path, file)? {
            return Err(ReplayError::Version { path, version });
        }
    }
    let mut replay = Replay { folder, floor, replayed: Replayed { last_lsn: floor, ..Replayed::default() } };
    for (index, file) in files.iter().enumerate() {
        let next_file = files.get(index + 1);
        replay.file(file, next_file.map(|next| next.first_lsn), &mut visit)?;
    }
    Ok(replay.replayed)
}

/// A replay under way.
struct Replay<'a> {
    folder: &'a Path,
    floor: Lsn,
    replayed: Replayed,
}

/// How far a file can be used.
struct Extent {
    /// The end of its last frame with a good header; zero if the header of the file itself is bad.
    bytes: u64,
    /// The LSN after that frame.
    end_lsn: Lsn,
    /// Frames above the floor that are damaged up to there.
    damaged: u64,
}

impl Replay<'_> {
    /// Replays one file. `next_lsn` begins the next file; the newest has none.
    fn file<E>(
        &mut self,
        file: &LogFile,
        next_lsn: Option<Lsn>,
        visit: &mut impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<(), ReplayError<E>> {
        let path = file.path(self.folder);
        let Extent { bytes, end_lsn, mut damaged } = match open(&path, file)? {
            Ok(reader) => self.frames(reader, &path, visit)?,
            Err(_) => Extent { bytes: 0, end_lsn: file.first_lsn, damaged: 0 },
        };
        // The header is synced before a frame follows it: bad, it is either torn and all there is, or damaged.
        let header_damaged = bytes == 0 && file.bytes > FILE_HEADER_BYTES as u64;
        // A finished file reaches to the next. A newest one with a damaged header held one frame at the least.
        let reach = next_lsn.unwrap_or(if header_damaged { end_lsn.next() } else { end_lsn });
        damaged += self.above_floor(end_lsn, reach);
        if damaged > 0 {
            tracing::warn!(path = %path.display(), damaged, "wal frames damaged");
            self.quarantine(file, &path)?;
        }
        if next_lsn.is_none() && !header_damaged {
            self.replayed.torn_bytes = file.bytes.saturating_sub(bytes);
            if self.replayed.torn_bytes > 0 {
                tracing::warn!(path = %path.display(), bytes = self.replayed.torn_bytes, "torn end of the wal cut off");
            }
            seal(&path, file.bytes.min(bytes)).map_err(DiskError::on("cut back", &path))?;
        }
        self.replayed.damaged_frames += damaged;
        self.replayed.last_lsn = self.replayed.last_lsn.max(Lsn::new(reach.get() - 1));
        Ok(())
    }

    /// Hands out the frames of one file.
    fn frames<E>(
        &mut self,
        mut reader: Reader,
        path: &Path,
        visit: &mut impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<Extent, ReplayError<E>> {
        let mut damaged = 0;
        loop {
            fail_point("replay::read").map_err(DiskError::on("read", path))?;
            match reader.next(self.floor).map_err(DiskError::on("read", path))? {
                Found::Frame(frame) => {
                    self.replayed.frames += 1;
                    self.replayed.bytes += frame.payload.len() as u64;
                    visit(frame).map_err(ReplayError::Visit)?;
                }
                Found::Passed => {}
                Found::Lost(from, to) => damaged += self.above_floor(from, to),
                Found::End => return Ok(Extent { bytes: reader.offset(), end_lsn: reader.expected(), damaged }),
            }
        }
    }

    /// How many LSNs from `from` up to `to` (exclusive) lie above the floor. Those below were stored elsewhere, or,
    /// after a power cut without `fsync`, were never written: the log went on from the floor then.
    fn above_floor(&self, from: Lsn, to: Lsn) -> u64 {
        to.get().saturating_sub(from.max(self.floor.next()).get())
    }

    /// Copies a file to the quarantine, under its name and length, so that the same damage is copied once.
    fn quarantine(&self, file: &LogFile, path: &Path) -> Result<(), DiskError> {
        let folder = self.folder.join(QUARANTINE);
        let copy = folder.join(format!("{}.{}", file_name(file.first_lsn), file.bytes));
        if fs::metadata(&copy).is_ok_and(|metadata| metadata.len() == file.bytes) {
            return Ok(());
        }
        fail_point("replay::quarantine")
            .and_then(|()| fs::create_dir_all(&folder))
            .and_then(|()| fs::copy(path, &copy))
            .inspect(|_| crash_point("replay::copied"))
            .and_then(|_| File::open(&copy)?.sync_all())
            .and_then(|()| File::open(&folder)?.sync_all())
            .and_then(|()| File::open(self.folder)?.sync_all())
            .map_err(DiskError::on("copy to quarantine", path))
    }
}

/// Opens a file that [`list`] found.
fn open(path: &Path, file: &LogFile) -> Result<Result<Reader, BadHeader>, DiskError> {
    Reader::open(path, file).map_err(DiskError::on("read", path))
}

/// Makes the first `bytes` bytes of the newest file all of it, and durable: what was handed out must not go with a
/// power cut, once later frames follow it.
fn seal(path: &Path, bytes: u64) -> io::Result<()> {
    fail_point("replay::seal")?;
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(bytes)?;
    crash_point("replay::cut");
    file.sync_all()
}
