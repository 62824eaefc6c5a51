//! One frame: an entry as it lies on disk.
//!
//! ```text
//! offset  bytes  field                  integers are little-endian
//!      0      4  header crc             crc32c of the file's identity (8 bytes), then bytes 4 to the end of the tenant
//!      4      4  payload bytes          at most PAYLOAD_BYTES_MAX
//!      8      4  payload crc            crc32c of the payload
//!     12      8  lsn                    one more than the frame before it in this file
//!     20      8  receive unix nanos     signed
//!     28      1  signal                 opaque
//!     29      1  codec                  opaque
//!     30      1  tenant bytes           t, at most TENANT_BYTES_MAX
//!     31      1  zero
//!     32      t  tenant                 UTF-8
//! 32 + t         payload
//! ```
//!
//! The header crc covers the length and the payload crc, so a reader trusts a length only after the crc agreed. It is
//! seeded with the identity of the file, so a frame of an older file in a reused disk block never validates.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::{AppendErrorKind, Lsn};

/// The longest payload, in bytes (inclusive): 64 MiB, the largest request body a receiver takes.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 20;

/// The longest tenant name, in bytes (inclusive).
pub const TENANT_BYTES_MAX: usize = 64;

/// A header without tenant.
pub(crate) const HEADER_BYTES_MIN: usize = 32;

/// A header with the longest tenant.
pub(crate) const HEADER_BYTES_MAX: usize = HEADER_BYTES_MIN + TENANT_BYTES_MAX;

/// What an entry costs in memory beside its payload: header, tenant, item, waiter. It keeps a queue of empty payloads
/// bounded too.
const ENTRY_BYTES: u64 = 256;

const _: () = assert!(PAYLOAD_BYTES_MAX <= u32::MAX as usize, "a payload length is four bytes on disk");
const _: () = assert!(TENANT_BYTES_MAX <= u8::MAX as usize, "a tenant length is one byte on disk");
const _: () = assert!(HEADER_BYTES_MAX <= ENTRY_BYTES as usize, "an entry costs at least its header");

/// What a caller appends. The log interprets none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is; at most [`TENANT_BYTES_MAX`] bytes.
    pub tenant: Box<str>,
    /// What kind of payload it is; the caller's numbering.
    pub signal: u8,
    /// How the payload is encoded; the caller's numbering.
    pub codec: u8,
    /// When it was received, in nanoseconds since 1970.
    pub receive_unix_nanos: i64,
    /// The bytes; at most [`PAYLOAD_BYTES_MAX`]. A slice keeps all of its buffer in memory while it waits, and the
    /// queue counts only the slice.
    pub payload: Bytes,
}

impl Entry {
    /// Whether the log takes an entry of this size.
    pub(crate) fn check(&self) -> Result<(), AppendErrorKind> {
        if self.payload.len() > PAYLOAD_BYTES_MAX || self.tenant.len() > TENANT_BYTES_MAX {
            return Err(AppendErrorKind::TooLarge);
        }
        Ok(())
    }

    /// How much it takes on disk.
    pub(crate) fn disk_bytes(&self) -> u64 {
        (HEADER_BYTES_MIN + self.tenant.len() + self.payload.len()) as u64
    }

    /// How much it counts for in the queue.
    pub(crate) fn queue_bytes(&self) -> u64 {
        ENTRY_BYTES + self.payload.len() as u64
    }
}

/// What replay hands out: an [`Entry`] and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its place in the log.
    pub lsn: Lsn,
    /// Whose it is.
    pub tenant: Box<str>,
    /// What kind of payload it is.
    pub signal: u8,
    /// How the payload is encoded.
    pub codec: u8,
    /// When it was received, in nanoseconds since 1970.
    pub receive_unix_nanos: i64,
    /// The bytes, as appended; their checksum was verified.
    pub payload: Bytes,
}

/// A header whose crc agreed.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) payload_bytes: usize,
    payload_crc: u32,
    pub(crate) lsn: Lsn,
    receive_unix_nanos: i64,
    signal: u8,
    codec: u8,
    tenant: Box<str>,
}

impl Header {
    /// Appends the header of `entry`, which passed [`Entry::check`], to `out`. The payload follows it on disk.
    pub(crate) fn encode(entry: &Entry, lsn: Lsn, seed: u32, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend([0; 4]);
        out.extend((entry.payload.len() as u32).to_le_bytes());
        out.extend(crc32c::crc32c(&entry.payload).to_le_bytes());
        out.extend(lsn.get().to_le_bytes());
        out.extend(entry.receive_unix_nanos.to_le_bytes());
        out.extend([entry.signal, entry.codec, entry.tenant.len() as u8, 0]);
        out.extend(entry.tenant.as_bytes());
        let crc = crc32c::crc32c_append(seed, &out[start + 4..]);
        out[start..start + 4].copy_from_slice(&crc.to_le_bytes());
    }

    /// The header at the start of `bytes`, if one is there whole, with an LSN in `lsns`. The range comes first: while
    /// a reader looks for a header among damaged bytes, it spares the crc at nearly every place, and makes it all but
    /// impossible that 32 bits of crc agree by chance.
    pub(crate) fn decode(bytes: &[u8], seed: u32, lsns: &RangeInclusive<Lsn>) -> Option<Header> {
        let fixed: &[u8; HEADER_BYTES_MIN] = bytes.first_chunk()?;
        let lsn = Lsn::new(u64::from_le_bytes(field(fixed, 12)));
        let payload_bytes = u32::from_le_bytes(field(fixed, 4)) as usize;
        let tenant_bytes = usize::from(fixed[30]);
        if !lsns.contains(&lsn) || payload_bytes > PAYLOAD_BYTES_MAX || tenant_bytes > TENANT_BYTES_MAX {
            return None;
        }
        let header = bytes.get(..HEADER_BYTES_MIN + tenant_bytes)?;
        if crc32c::crc32c_append(seed, &header[4..]) != u32::from_le_bytes(field(fixed, 0)) {
            return None;
        }
        Some(Header {
            payload_bytes,
            payload_crc: u32::from_le_bytes(field(fixed, 8)),
            lsn,
            receive_unix_nanos: i64::from_le_bytes(field(fixed, 20)),
            signal: fixed[28],
            codec: fixed[29],
            tenant: std::str::from_utf8(&header[HEADER_BYTES_MIN..]).ok()?.into(),
        })
    }

    /// How long the header itself is.
    pub(crate) fn header_bytes(&self) -> usize {
        HEADER_BYTES_MIN + self.tenant.len()
    }

    /// The frame of this header and `payload`, unless its checksum disagrees.
    pub(crate) fn join(self, payload: Bytes) -> Option<Frame> {
        let Header { payload_crc, lsn, receive_unix_nanos, signal, codec, tenant, .. } = self;
        (crc32c::crc32c(&payload) == payload_crc).then_some(Frame {
            lsn,
            tenant,
            signal,
            codec,
            receive_unix_nanos,
            payload,
        })
    }
}

/// The `N` bytes at `offset` of a header. Both are constants of the format at every call.
pub(crate) fn field<const N: usize, const M: usize>(header: &[u8; M], offset: usize) -> [u8; N] {
    *header[offset..].first_chunk().expect("the fields of a header lie within it")
}
