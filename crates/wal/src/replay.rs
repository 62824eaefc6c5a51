//! After a crash: hand out what is whole, cut off what is torn, set aside what is damaged.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
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
    let files = files_above(folder, floor)?;
    let mut replay = Replay { folder, floor, replayed: Replayed { last_lsn: floor, ..Replayed::default() } };
    for (index, file) in files.iter().enumerate() {
        let next_file = files.get(index + 1);
        replay.file(file, next_file.map(|next| next.first_lsn), &mut visit)?;
    }
    Ok(replay.replayed)
}

/// The files that may hold a frame above `floor`, all of them of the version that this program reads.
pub(crate) fn files_above<E>(folder: &Path, floor: Lsn) -> Result<Vec<LogFile>, ReplayError<E>> {
    let mut files = list(folder, Lsn::MAX)?;
    files.retain(|file| file.last_lsn > floor);
    for file in &files {
        let path = file.path(folder);
        if let Err(BadHeader::Version(version)) = open(&path, file)? {
            return Err(ReplayError::Version { path, version });
        }
    }
    Ok(files)
}

/// A replay under way.
struct Replay<'a> {
    folder: &'a Path,
    floor: Lsn,
    replayed: Replayed,
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
        let survey = Survey::of(self.folder, file, next_lsn, self.floor, visit)?;
        if survey.damaged > 0 {
            tracing::warn!(path = %path.display(), damaged = survey.damaged, "wal frames damaged");
            quarantine(self.folder, file)?;
        }
        if let Some(bytes) = survey.cut_to {
            self.replayed.torn_bytes = survey.torn_bytes;
            if survey.torn_bytes > 0 {
                tracing::warn!(path = %path.display(), bytes = survey.torn_bytes, "torn end of the wal cut off");
            }
            seal(&path, bytes).map_err(DiskError::on("cut back", &path))?;
        }
        self.replayed.frames += survey.frames;
        self.replayed.bytes += survey.bytes;
        self.replayed.damaged_frames += survey.damaged;
        self.replayed.last_lsn = self.replayed.last_lsn.max(Lsn::new(survey.reach.get() - 1));
        Ok(())
    }
}

/// What reading one file has shown.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Whole frames above the floor, and the bytes of their payloads.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// Frames above the floor that are lost to damage.
    pub(crate) damaged: u64,
    /// Bytes behind the last frame of the newest file.
    pub(crate) torn_bytes: u64,
    /// Where the newest file is to be cut; `None` for what is to be left as it is.
    cut_to: Option<u64>,
    /// The LSN after the last one there is any sign of.
    reach: Lsn,
}

impl Survey {
    /// Reads a file, and changes nothing. `next_lsn` begins the next file; the newest has none.
    pub(crate) fn of<E>(
        folder: &Path,
        file: &LogFile,
        next_lsn: Option<Lsn>,
        floor: Lsn,
        visit: &mut impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<Self, ReplayError<E>> {
        let path = file.path(folder);
        let mut survey = Self { frames: 0, bytes: 0, damaged: 0, torn_bytes: 0, cut_to: None, reach: file.first_lsn };
        // The end of the last frame with a good header; zero if the header of the file itself is bad.
        let mut end = 0;
        if let Ok(mut reader) = open(&path, file)? {
            survey.frames_of(&mut reader, floor, &path, visit)?;
            (end, survey.reach) = (reader.offset(), reader.expected());
        }
        // The header is synced before a frame follows it: bad, it is either torn and all there is, or damaged.
        let header_damaged = end == 0 && file.bytes > FILE_HEADER_BYTES as u64;
        // A finished file reaches to the next. A newest one with a damaged header held one frame at the least.
        let after = if header_damaged { survey.reach.next() } else { survey.reach };
        let reach = next_lsn.unwrap_or(after);
        survey.damaged += above(floor, survey.reach, reach);
        survey.reach = reach;
        if next_lsn.is_none() && !header_damaged {
            survey.torn_bytes = file.bytes.saturating_sub(end);
            survey.cut_to = Some(file.bytes.min(end));
        }
        Ok(survey)
    }

    /// Hands out the frames of one file.
    fn frames_of<E>(
        &mut self,
        reader: &mut Reader,
        floor: Lsn,
        path: &Path,
        visit: &mut impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<(), ReplayError<E>> {
        loop {
            fail_point("replay::read").map_err(DiskError::on("read", path))?;
            match reader.next(floor).map_err(DiskError::on("read", path))? {
                Found::Frame(frame) => {
                    self.frames += 1;
                    self.bytes += frame.payload.len() as u64;
                    visit(frame).map_err(ReplayError::Visit)?;
                }
                Found::Passed => {}
                Found::Lost(from, to) => self.damaged += above(floor, from, to),
                Found::End => return Ok(()),
            }
        }
    }
}

/// How many LSNs from `from` up to `to` (exclusive) lie above the floor. Those below were stored elsewhere, or, after a
/// power cut without `fsync`, were never written: the log went on from the floor then.
fn above(floor: Lsn, from: Lsn, to: Lsn) -> u64 {
    to.get().saturating_sub(from.max(floor.next()).get())
}

/// Where the copy of a damaged file goes: under its name and length, so that the same damage is copied once.
pub(crate) fn quarantined(folder: &Path, file: &LogFile) -> PathBuf {
    folder.join(QUARANTINE).join(format!("{}.{}", file_name(file.first_lsn), file.bytes))
}

/// Whether the copy of a damaged file is there.
pub(crate) fn is_quarantined(folder: &Path, file: &LogFile) -> bool {
    fs::metadata(quarantined(folder, file)).is_ok_and(|metadata| metadata.len() == file.bytes)
}

/// Copies a file to the quarantine, unless it is there.
pub(crate) fn quarantine(folder: &Path, file: &LogFile) -> Result<(), DiskError> {
    if is_quarantined(folder, file) {
        return Ok(());
    }
    let (path, copy) = (file.path(folder), quarantined(folder, file));
    let aside = folder.join(QUARANTINE);
    fail_point("replay::quarantine")
        .and_then(|()| fs::create_dir_all(&aside))
        .and_then(|()| fs::copy(&path, &copy))
        .inspect(|_| crash_point("replay::copied"))
        .and_then(|_| File::open(&copy)?.sync_all())
        .and_then(|()| File::open(&aside)?.sync_all())
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(DiskError::on("copy to quarantine", &path))
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
