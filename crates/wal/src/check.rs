//! Looking at a log that nobody has open: what is whole, what is damaged, what has been set aside.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use crate::replay::{Survey, files_above, is_quarantined, quarantine, quarantined};
use crate::{Lsn, ReplayError};

/// One file of the log, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCheck {
    /// The file.
    pub path: PathBuf,
    /// Whole frames above the floor.
    pub frames: u64,
    /// Frames above the floor that are lost to damage.
    pub damaged_frames: u64,
    /// Bytes at the end of the newest file that the next replay cuts off: what was being written when the process died.
    pub torn_bytes: u64,
    /// The copy of the file in the quarantine; `None` where there is none.
    pub set_aside: Option<PathBuf>,
}

/// Reads every frame above `floor` and changes nothing. Files with nothing above the floor are not read.
///
/// Must not run while a [`Wal`](crate::Wal) is open on the folder.
pub fn check(folder: &Path, floor: Lsn) -> Result<Vec<FileCheck>, ReplayError<Infallible>> {
    let files = files_above(folder, floor)?;
    let looked = files.iter().enumerate().map(|(index, file)| {
        let next_lsn = files.get(index + 1).map(|next| next.first_lsn);
        let survey = Survey::of(folder, file, next_lsn, floor, &mut |_| Ok(()))?;
        Ok(FileCheck {
            path: file.path(folder),
            frames: survey.frames,
            damaged_frames: survey.damaged,
            torn_bytes: survey.torn_bytes,
            set_aside: is_quarantined(folder, file).then(|| quarantined(folder, file)),
        })
    });
    looked.collect()
}

/// Copies every file in which [`check`] finds damaged frames to `quarantine/`, as a replay would, and returns those
/// that were not there yet. Their whole frames stay where they are and are replayed.
pub fn set_aside(folder: &Path, floor: Lsn) -> Result<Vec<FileCheck>, ReplayError<Infallible>> {
    let files = files_above(folder, floor)?;
    let mut copied = Vec::new();
    for (file, checked) in files.iter().zip(check(folder, floor)?) {
        if checked.damaged_frames > 0 && checked.set_aside.is_none() {
            quarantine(folder, file)?;
            copied.push(FileCheck { set_aside: Some(quarantined(folder, file)), ..checked });
        }
    }
    Ok(copied)
}
