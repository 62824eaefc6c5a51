//! One numbered file: its name and its header; frames follow the header without gaps.
//!
//! ```text
//! name    the LSN of its first frame as 20 decimal digits, then ".wal"
//!
//! offset  bytes  field                  integers are little-endian
//!      0      4  magic "NWAL"
//!      4      2  version                1
//!      6      2  zero
//!      8      8  identity               random; seeds the header crc of every frame in the file
//!     16      8  first lsn              as in the name
//!     24      4  zero
//!     28      4  crc                    crc32c of bytes 0 to 28
//!     32     32  the same once more     one bad bit here must not cost a whole file
//!     64         first frame, see `frame`
//! ```
//!
//! Magic, version and crc keep their places in every later version, so that an old program can name what it refuses.

use std::{ffi::OsStr, ops::Range};

use crate::{Lsn, frame::field};

/// The format this program writes, and the only one it reads.
pub(crate) const VERSION: u16 = 1;

/// Where the first frame begins.
pub(crate) const FILE_HEADER_BYTES: usize = 2 * COPY_BYTES;

const COPY_BYTES: usize = 32;
const MAGIC: [u8; 4] = *b"NWAL";
const CRC_COVERS: Range<usize> = 0..28;

/// The header of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) identity: u64,
    pub(crate) first_lsn: Lsn,
}

/// Why a header cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadHeader {
    /// Neither copy is whole.
    Unreadable,
    /// A whole header of another format version.
    Version(u16),
}

impl FileHeader {
    pub(crate) fn encode(self) -> [u8; FILE_HEADER_BYTES] {
        let mut copy = [0; COPY_BYTES];
        copy[0..4].copy_from_slice(&MAGIC);
        copy[4..6].copy_from_slice(&VERSION.to_le_bytes());
        copy[8..16].copy_from_slice(&self.identity.to_le_bytes());
        copy[16..24].copy_from_slice(&self.first_lsn.get().to_le_bytes());
        let crc = crc32c::crc32c(&copy[CRC_COVERS]);
        copy[CRC_COVERS.end..].copy_from_slice(&crc.to_le_bytes());

        let mut header = [0; FILE_HEADER_BYTES];
        header[..COPY_BYTES].copy_from_slice(&copy);
        header[COPY_BYTES..].copy_from_slice(&copy);
        header
    }

    /// The header; its second copy counts when the first is bad.
    pub(crate) fn decode(header: &[u8; FILE_HEADER_BYTES]) -> Result<FileHeader, BadHeader> {
        let (copies, _) = header.as_chunks::<COPY_BYTES>();
        let whole = |copy: &&[u8; COPY_BYTES]| {
            copy[..4] == MAGIC && crc32c::crc32c(&copy[CRC_COVERS]).to_le_bytes() == copy[CRC_COVERS.end..]
        };
        let copy = copies.iter().find(whole).ok_or(BadHeader::Unreadable)?;
        match u16::from_le_bytes(field(copy, 4)) {
            VERSION => Ok(FileHeader {
                identity: u64::from_le_bytes(field(copy, 8)),
                first_lsn: Lsn::new(u64::from_le_bytes(field(copy, 16))),
            }),
            version => Err(BadHeader::Version(version)),
        }
    }

    /// What the header crc of every frame in this file begins with.
    pub(crate) fn seed(&self) -> u32 {
        crc32c::crc32c(&self.identity.to_le_bytes())
    }
}

/// The name of the file that begins with `first_lsn`. Names sort as their numbers do.
pub(crate) fn file_name(first_lsn: Lsn) -> String {
    format!("{:020}.wal", first_lsn.get())
}

/// The LSN in a file's name; `None` for a name the log would not give.
pub(crate) fn parse_file_name(name: &OsStr) -> Option<Lsn> {
    let digits = name.to_str()?.strip_suffix(".wal")?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let lsn = Lsn::new(digits.parse().ok()?);
    (Lsn::ZERO < lsn && lsn <= Lsn::MAX).then_some(lsn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_log_gives_are_read() {
        let cases = [
            ("00000000000000000001.wal", Some(1)),
            ("09223372036854775807.wal", Some(i64::MAX as u64)),
            ("09223372036854775808.wal", None),
            ("99999999999999999999.wal", None),
            ("00000000000000000000.wal", None),
            ("1.wal", None),
            ("+0000000000000000001.wal", None),
            ("00000000000000000001.wal.tmp", None),
        ];
        for (name, lsn) in cases {
            assert_eq!(parse_file_name(OsStr::new(name)), lsn.map(Lsn::new), "{name}");
        }
        assert_eq!(file_name(Lsn::new(4711)), "00000000000000004711.wal");
    }

    #[test]
    fn a_newer_version_is_named() {
        let mut bytes = FileHeader { identity: 7, first_lsn: Lsn::new(1) }.encode();
        bytes[4] = 2;
        let crc = crc32c::crc32c(&bytes[CRC_COVERS]);
        bytes[CRC_COVERS.end..COPY_BYTES].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(FileHeader::decode(&bytes), Err(BadHeader::Version(2)));
    }
}
