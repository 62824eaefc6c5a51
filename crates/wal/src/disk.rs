//! What the writer asks of a disk. A trait, so that a test can make any single step fail.

use std::{
    fs::{File, OpenOptions},
    io::{self, IoSlice, Seek, SeekFrom, Write},
    path::Path,
};

/// The steps of the writer that can fail.
pub(crate) trait Disk: Send + 'static {
    /// An open file.
    type File: Send;

    /// Opens a file for writing, empty.
    fn create(&mut self, path: &Path) -> io::Result<Self::File>;
    /// Appends some of `slices` and says how many bytes; fewer than asked is no error.
    fn write(&mut self, file: &mut Self::File, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Returns when all that was written is on the disk.
    fn sync(&mut self, file: &mut Self::File) -> io::Result<()>;
    /// Cuts the file to its first `bytes` bytes, where the next write goes on.
    fn truncate(&mut self, file: &mut Self::File, bytes: u64) -> io::Result<()>;
    /// Returns when the names in the folder are on the disk.
    fn sync_folder(&mut self, path: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug)]
pub(crate) struct LocalDisk;

impl Disk for LocalDisk {
    type File = File;

    fn create(&mut self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(true).open(path)
    }

    fn write(&mut self, file: &mut File, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        file.write_vectored(slices)
    }

    fn sync(&mut self, file: &mut File) -> io::Result<()> {
        file.sync_data()
    }

    fn truncate(&mut self, file: &mut File, bytes: u64) -> io::Result<()> {
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes)).map(|_| ())
    }

    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// Writes all of `slices`, of which the first must not be empty.
pub(crate) fn write_all<D: Disk>(disk: &mut D, file: &mut D::File, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !slices.is_empty() {
        match disk.write(file, slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(bytes) => IoSlice::advance_slices(&mut slices, bytes),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a failed write says that there is no room for it, and nothing about what was written before: the disk is
/// full, over quota, or has become read-only.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull, WriteZero};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem | WriteZero)
}
