//! Which files exist, what each holds, and which may go.

use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    DiskError, Lsn, WalError,
    fail_point::fail_point,
    file::{FILE_HEADER_BYTES, file_name, parse_file_name},
};

/// One file of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogFile {
    pub(crate) first_lsn: Lsn,
    /// No frame in the file is above it. Below `first_lsn` while the file has no frames.
    pub(crate) last_lsn: Lsn,
    pub(crate) bytes: u64,
}

impl LogFile {
    /// The file that begins after `last_lsn`.
    pub(crate) fn after(last_lsn: Lsn) -> LogFile {
        LogFile { first_lsn: last_lsn.next(), last_lsn, bytes: FILE_HEADER_BYTES as u64 }
    }

    pub(crate) fn has_frames(&self) -> bool {
        self.last_lsn >= self.first_lsn
    }

    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(file_name(self.first_lsn))
    }
}

/// The files of a folder, oldest first. Each but the newest ends where the next one begins; the newest is said to end
/// at `last_lsn`. A folder that does not exist has no files.
pub(crate) fn list(folder: &Path, last_lsn: Lsn) -> Result<Vec<LogFile>, DiskError> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(DiskError::on("list", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(DiskError::on("list", folder))?;
        if let Some(first_lsn) = parse_file_name(&entry.file_name()) {
            let bytes = entry.metadata().map_err(DiskError::on("look at", &entry.path()))?.len();
            files.push(LogFile { first_lsn, last_lsn, bytes });
        }
    }
    files.sort_by_key(|file| file.first_lsn);
    for index in 1..files.len() {
        files[index - 1].last_lsn = Lsn::new(files[index].first_lsn.get() - 1);
    }
    Ok(files)
}

/// The files of a running log. The writer moves it forward; `release` takes finished files out.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) folder: PathBuf,
    finished: VecDeque<LogFile>,
    open: LogFile,
    floor: Lsn,
    syncs: u64,
    sync_time: Duration,
}

impl Directory {
    /// The folder as replay left it, made if need be, with an open file that the writer is about to create.
    pub(crate) fn open(folder: &Path, last_lsn: Lsn) -> Result<Directory, WalError> {
        if last_lsn >= Lsn::MAX {
            return Err(WalError::Exhausted { last_lsn });
        }
        fail_point("wal::start")
            .and_then(|()| fs::create_dir_all(folder))
            .and_then(|()| fs::File::open(folder.join(".."))?.sync_all())
            .map_err(DiskError::on("create", folder))?;
        let mut finished = VecDeque::from(list(folder, last_lsn)?);
        let open = LogFile::after(last_lsn);
        // A start that got no frame leaves a file with this name; without frames, it may be made anew.
        finished.retain(|file| file.first_lsn != open.first_lsn || file.bytes > FILE_HEADER_BYTES as u64);
        match finished.back() {
            Some(newest) if newest.first_lsn >= open.first_lsn => {
                Err(WalError::Behind { path: newest.path(folder), last_lsn })
            }
            _ => Ok(Directory {
                folder: folder.to_owned(),
                finished,
                open,
                floor: Lsn::ZERO,
                syncs: 0,
                sync_time: Duration::ZERO,
            }),
        }
    }

    /// The open file as it is after the last whole group.
    pub(crate) fn current(&self) -> LogFile {
        self.open
    }

    /// A group went into the open file, which is now `open`.
    pub(crate) fn advance(&mut self, open: LogFile) {
        self.open = open;
    }

    /// The open file is finished, and `open` follows it.
    pub(crate) fn rotate(&mut self, open: LogFile) {
        self.finished.push_back(self.open);
        self.open = open;
    }

    pub(crate) fn count_sync(&mut self, time: Duration) {
        self.syncs += 1;
        self.sync_time += time;
    }

    /// Raises the floor, never above what was committed: a floor from nowhere must not delete frames to come.
    pub(crate) fn raise_floor(&mut self, floor: Lsn) {
        self.floor = self.floor.max(floor.min(self.open.last_lsn));
    }

    /// Takes out the finished files that hold nothing above the floor, for the caller to delete, oldest first.
    pub(crate) fn take_released(&mut self) -> Vec<PathBuf> {
        let count = self.finished.iter().take_while(|file| file.last_lsn <= self.floor).count();
        self.finished.drain(..count).map(|file| file.path(&self.folder)).collect()
    }

    /// Whether only the open file stands between its frames and their deletion.
    pub(crate) fn open_is_released(&self) -> bool {
        self.open.has_frames() && self.open.last_lsn <= self.floor
    }

    pub(crate) fn floor(&self) -> Lsn {
        self.floor
    }

    pub(crate) fn files(&self) -> usize {
        self.finished.len() + 1
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.finished.iter().map(|file| file.bytes).sum::<u64>() + self.open.bytes
    }

    pub(crate) fn syncs(&self) -> (u64, Duration) {
        (self.syncs, self.sync_time)
    }
}

/// Deletes released files. An error is only logged: replay passes over frames at or below the floor.
pub(crate) fn unlink(paths: &[PathBuf]) {
    for path in paths {
        if let Err(error) = fail_point("wal::unlink").and_then(|()| fs::remove_file(path)) {
            tracing::warn!(path = %path.display(), %error, "released wal file not deleted");
        }
    }
}
