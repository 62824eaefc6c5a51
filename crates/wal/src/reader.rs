//! Reads the frames of one file, in order, past damage.

use std::{fs::File, io, ops::RangeInclusive, os::unix::fs::FileExt, path::Path};

use bytes::Bytes;

use crate::{
    Frame, Lsn,
    directory::LogFile,
    file::{BadHeader, FILE_HEADER_BYTES, FileHeader},
    frame::{HEADER_BYTES_MAX, HEADER_BYTES_MIN, Header},
};

/// How much is read at once for headers. Payloads are read by themselves, into the memory they are handed out in.
const WINDOW_BYTES: usize = 64 << 10;

const _: () = assert!(WINDOW_BYTES >= HEADER_BYTES_MAX, "a header fits the window");

/// Reads one file.
#[derive(Debug)]
pub(crate) struct Reader {
    file: File,
    bytes: u64,
    seed: u32,
    /// Where the next frame should begin. All frames with a good header end at or before it.
    offset: u64,
    /// The LSN it should have.
    expected: Lsn,
    window: Vec<u8>,
    window_offset: u64,
}

/// What lies next in the file.
#[derive(Debug)]
pub(crate) enum Found {
    /// A whole frame.
    Frame(Frame),
    /// A frame at or below the floor; its payload was not looked at.
    Passed,
    /// The frames from the first LSN up to the second (exclusive) are damaged.
    Lost(Lsn, Lsn),
    /// No whole frame begins between [`Reader::offset`] and the end of the file.
    End,
}

impl Reader {
    /// Opens a file. The inner error says why its header cannot be used.
    pub(crate) fn open(path: &Path, log_file: &LogFile) -> io::Result<Result<Reader, BadHeader>> {
        if log_file.bytes < FILE_HEADER_BYTES as u64 {
            return Ok(Err(BadHeader::Unreadable));
        }
        let file = File::open(path)?;
        let mut header = [0; FILE_HEADER_BYTES];
        file.read_exact_at(&mut header, 0)?;
        Ok(match FileHeader::decode(&header) {
            // A file under another name is as good as unreadable: its frames have their place elsewhere.
            Ok(header) if header.first_lsn != log_file.first_lsn => Err(BadHeader::Unreadable),
            Ok(header) => Ok(Reader {
                file,
                bytes: log_file.bytes,
                seed: header.seed(),
                offset: FILE_HEADER_BYTES as u64,
                expected: log_file.first_lsn,
                window: Vec::new(),
                window_offset: 0,
            }),
            Err(bad) => Err(bad),
        })
    }

    /// Where reading goes on: the end of the last frame with a good header.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The LSN after the last frame with a good header.
    pub(crate) fn expected(&self) -> Lsn {
        self.expected
    }

    /// The next thing in the file; payloads of frames at or below `floor` are passed over.
    pub(crate) fn next(&mut self, floor: Lsn) -> io::Result<Found> {
        let lsn = self.expected;
        let Some(header) = self.header_at(self.offset, &(lsn..=lsn))? else { return self.resynchronise() };
        let payload_offset = self.offset + header.header_bytes() as u64;
        let payload_bytes = header.payload_bytes;
        if payload_offset + payload_bytes as u64 > self.bytes {
            return Ok(Found::End);
        }
        self.offset = payload_offset + payload_bytes as u64;
        self.expected = lsn.next();
        if lsn <= floor {
            return Ok(Found::Passed);
        }
        // The length was covered by the header crc, and lies within the file and the format's limit.
        let mut payload = vec![0; payload_bytes];
        self.file.read_exact_at(&mut payload, payload_offset)?;
        Ok(header.join(Bytes::from(payload)).map_or(Found::Lost(lsn, self.expected), Found::Frame))
    }

    /// Looks for the next good header behind a bad one. Its LSN can be above the expected one by as many frames as
    /// the bytes between have room for.
    fn resynchronise(&mut self) -> io::Result<Found> {
        let last = self.bytes.saturating_sub(HEADER_BYTES_MIN as u64);
        for offset in self.offset + 1..=last {
            let room = (offset - self.offset) / HEADER_BYTES_MIN as u64;
            let lsns = self.expected..=Lsn::new(self.expected.get().saturating_add(room));
            if let Some(header) = self.header_at(offset, &lsns)? {
                let lost = Found::Lost(self.expected, header.lsn);
                self.offset = offset;
                self.expected = header.lsn;
                return Ok(lost);
            }
        }
        Ok(Found::End)
    }

    fn header_at(&mut self, offset: u64, lsns: &RangeInclusive<Lsn>) -> io::Result<Option<Header>> {
        let end = self.bytes.min(offset + HEADER_BYTES_MAX as u64);
        if offset < self.window_offset || end > self.window_offset + self.window.len() as u64 {
            let length = (self.bytes.saturating_sub(offset)).min(WINDOW_BYTES as u64) as usize;
            self.window.resize(length, 0);
            self.window_offset = offset;
            self.file.read_exact_at(&mut self.window, offset)?;
        }
        let start = (offset - self.window_offset) as usize;
        let length = end.saturating_sub(offset) as usize;
        Ok(Header::decode(&self.window[start..start + length], self.seed, lsns))
    }
}
