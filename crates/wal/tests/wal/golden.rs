//! The bytes on disk, pinned. A change here is a new format version.

use std::fs;

use bytes::Bytes;
use wal::{Entry, Frame, Lsn, Replayed};

use crate::log::{Log, block_on};

/// Two frames in a file that begins with LSN 7 and has the identity 0x0123456789abcdef.
const GOLDEN: &str = "
4e57414c01000000efcdab8967452301
070000000000000000000000962877c6
4e57414c01000000efcdab8967452301
070000000000000000000000962877c6
e9f383250600000027fe5b2807000000
0000000015cd853dfe9c971701020700
64656661756c746e756e636869a5f42c
75000000000000000008000000000000
00ffffffffffffffffff000000
";

fn entries() -> [Entry; 2] {
    [
        Entry {
            tenant: "default".into(),
            signal: 1,
            codec: 2,
            receive_unix_nanos: 1_700_000_000_123_456_789,
            payload: Bytes::from_static(b"nunchi"),
        },
        Entry { tenant: "".into(), signal: 255, codec: 0, receive_unix_nanos: -1, payload: Bytes::new() },
    ]
}

/// The format once more, written down from its description and not from the code.
fn encode(identity: u64, first_lsn: u64, entries: &[Entry]) -> Vec<u8> {
    let mut copy = b"NWAL\x01\0\0\0".to_vec();
    copy.extend(identity.to_le_bytes());
    copy.extend(first_lsn.to_le_bytes());
    copy.extend([0; 4]);
    copy.extend(crc32c::crc32c(&copy).to_le_bytes());
    let mut file = [copy.clone(), copy].concat();
    for (entry, lsn) in entries.iter().zip(first_lsn..) {
        let mut covered = identity.to_le_bytes().to_vec();
        covered.extend((entry.payload.len() as u32).to_le_bytes());
        covered.extend(crc32c::crc32c(&entry.payload).to_le_bytes());
        covered.extend(lsn.to_le_bytes());
        covered.extend(entry.receive_unix_nanos.to_le_bytes());
        covered.extend([entry.signal, entry.codec, entry.tenant.len() as u8, 0]);
        covered.extend(entry.tenant.as_bytes());
        file.extend(crc32c::crc32c(&covered).to_le_bytes());
        file.extend(&covered[8..]);
        file.extend(&entry.payload);
    }
    file
}

fn hex(bytes: &[u8]) -> String {
    bytes.chunks(16).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n").collect()
}

#[test]
fn the_described_format_is_the_pinned_one() {
    assert_eq!(hex(&encode(0x0123_4567_89ab_cdef, 7, &entries())), GOLDEN.trim_start());
}

#[test]
fn the_writer_writes_the_described_format() {
    let log = Log::new();
    let wal = log.start(6);
    for entry in entries() {
        block_on(wal.append(entry, ())).unwrap();
    }
    drop(wal);
    let written = log.read(7);
    let identity = u64::from_le_bytes(written[8..16].try_into().unwrap());
    assert_eq!(hex(&written), hex(&encode(identity, 7, &entries())));
}

#[test]
fn the_reader_reads_the_pinned_bytes() {
    let log = Log::new();
    let digits: String = GOLDEN.split_whitespace().collect();
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    log.replace_all(&[(7, &bytes)]);

    let (replayed, frames) = log.replay(0);
    let expected = entries().into_iter().zip(7..).map(|(entry, lsn)| {
        let Entry { tenant, signal, codec, receive_unix_nanos, payload } = entry;
        Frame { lsn: Lsn::new(lsn), tenant, signal, codec, receive_unix_nanos, payload }
    });
    assert_eq!(frames, expected.collect::<Vec<_>>());
    assert_eq!(replayed, Replayed { frames: 2, bytes: 6, last_lsn: Lsn::new(8), ..Replayed::default() });
    assert_eq!(fs::read(log.file(7)).unwrap(), bytes, "a whole file is left as it is");
}

#[test]
fn two_files_have_different_identities() {
    let log = Log::with_a_file_per_group();
    log.write(&["a", "b"]);
    assert_ne!(log.read(1)[8..16], log.read(2)[8..16]);
}
