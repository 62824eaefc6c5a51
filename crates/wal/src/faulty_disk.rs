//! The local disk with faults to come, for tests of the writer.

use std::{
    fs::File,
    io::{self, IoSlice},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::disk::{Disk, LocalDisk};

/// Which step fails. The first file is created by the start; steps are counted from then on, from zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    Sync(usize),
    Write(usize),
    /// The write takes some bytes, then the disk is full.
    ShortWrite(usize),
    CreateFile(usize),
    SyncFolder(usize),
    /// The cut after a write that was refused.
    Truncate(usize),
}

/// The local disk with some faults, each of this kind and once. Afterwards it works again, as a disk may.
pub(crate) struct FaultyDisk {
    pub(crate) faults: Vec<Fault>,
    kind: io::ErrorKind,
    /// Writes, syncs, files, folder syncs and cuts since the start.
    done: [usize; 5],
    started: bool,
    pub(crate) syncs_after_fault: Arc<AtomicUsize>,
}

impl FaultyDisk {
    pub(crate) fn new(faults: &[Fault], kind: io::ErrorKind) -> FaultyDisk {
        let (done, syncs_after_fault) = ([0; 5], Arc::default());
        FaultyDisk { faults: faults.to_vec(), kind, done, started: false, syncs_after_fault }
    }

    /// Whether it is this fault's turn.
    fn fails(&mut self, fault: Fault) -> bool {
        let position = self.faults.iter().position(|other| *other == fault);
        position.map(|position| self.faults.remove(position)).is_some()
    }

    /// Counts a step, and fails if it is the one.
    fn step(&mut self, step: usize, fault: fn(usize) -> Fault) -> io::Result<()> {
        if !self.started {
            return Ok(());
        }
        let number = self.done[step];
        self.done[step] += 1;
        if self.fails(fault(number)) { Err(self.kind.into()) } else { Ok(()) }
    }
}

impl Disk for FaultyDisk {
    type File = File;

    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.step(2, Fault::CreateFile)?;
        LocalDisk.create(path)
    }

    fn write(&mut self, file: &mut File, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let number = self.done[0];
        if self.started && self.fails(Fault::ShortWrite(number)) {
            // The rest of this write is the next one, and fails.
            self.faults.push(Fault::Write(number));
            return LocalDisk.write(file, &[IoSlice::new(&slices[0][..slices[0].len() / 2])]);
        }
        self.step(0, Fault::Write)?;
        LocalDisk.write(file, slices)
    }

    fn sync(&mut self, file: &mut File) -> io::Result<()> {
        self.syncs_after_fault.fetch_add(usize::from(self.faults.is_empty()), Ordering::Relaxed);
        self.step(1, Fault::Sync)?;
        LocalDisk.sync(file)
    }

    fn truncate(&mut self, file: &mut File, bytes: u64) -> io::Result<()> {
        self.step(4, Fault::Truncate)?;
        LocalDisk.truncate(file, bytes)
    }

    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        self.step(3, Fault::SyncFolder)?;
        self.started = true;
        LocalDisk.sync_folder(path)
    }
}
