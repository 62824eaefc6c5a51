//! One thing that was found in a data folder, what it costs and what to do about it.

use std::path::PathBuf;

use crate::block::BlockMeta;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// The file, relative to the data folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
    /// The block that the file is of; `None` for files of none.
    pub block: Option<BlockMeta>,
}

/// What kinds of things are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// The catalog is damaged: nobody can tell which blocks are live.
    Catalog,
    /// So many frames of the write-ahead log are damaged.
    Frames(u64),
    /// The rows of a block are damaged or gone.
    Rows,
    /// The checksums of a block are damaged or gone; its rows are whole.
    Checksums,
    /// An index of a block is damaged or gone; its rows are whole.
    Index,
    /// What was being written when the process died. Nobody was told that it is kept.
    Torn,
    /// A block file that the catalog does not list: a flush or a removal that a crash cut short.
    Leftover,
    /// Damage that was set aside before.
    SetAside,
}

impl FindingKind {
    /// Whether something that was kept is damaged.
    pub fn is_damage(self) -> bool {
        !matches!(self, Self::Torn | Self::Leftover | Self::SetAside)
    }

    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Frames(_) => "frames",
            Self::Rows => "rows",
            Self::Checksums => "checksums",
            Self::Index => "index",
            Self::Torn => "torn",
            Self::Leftover => "leftover",
            Self::SetAside => "set-aside",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Catalog => "restore catalog.sqlite from a copy; without it no block can be told from a leftover",
            Self::Frames(_) | Self::Rows => "restore the file from a copy, or `nunchi store repair` to set it aside",
            Self::Checksums | Self::Index => "`nunchi store repair` sets it aside and makes it again from the rows",
            Self::Torn => "nothing: the next start cuts it off",
            Self::Leftover => "nothing: the next start removes it",
            Self::SetAside => "delete it once nobody needs it",
        }
    }
}

impl Finding {
    /// Rows that no answer has because of it. How many rows a damaged frame had, nobody can tell.
    pub fn rows_lost(&self) -> u64 {
        match (self.kind, &self.block) {
            (FindingKind::Rows, Some(block)) => block.rows,
            _ => 0,
        }
    }

    /// Frames that are lost because of it, each of which is one request.
    pub fn frames_lost(&self) -> u64 {
        match self.kind {
            FindingKind::Frames(frames) => frames,
            _ => 0,
        }
    }
}
