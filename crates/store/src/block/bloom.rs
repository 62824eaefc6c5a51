//! Split-block Bloom filters: a hash sets eight bits of one block of 256, so asking for it reads one block.
//!
//! ```text
//! filter := window*
//! window := block{16} crc32c:u32        in the last window what is left
//! block  := bits:u32{8}
//! ```
//!
//! All numbers are little-endian. The upper half of the hash times the number of blocks, shifted right by 32, is the
//! block; the lower half times each of the [`SALTS`], shifted right by 27, is the bit in each of its eight words.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

pub(super) const BLOCK_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// Blocks under one checksum: what is read to ask for a hash.
const WINDOW_BLOCKS: usize = 16;
const WINDOW_BYTES: usize = WINDOW_BLOCKS * BLOCK_BYTES + CHECKSUM_BYTES;

/// Odd numbers of random bits: each spreads a hash over the 32 bits of its word in another way.
const SALTS: [u32; 8] =
    [0xd2ea_c903, 0x2c5d_6baf, 0xace1_a955, 0xf3c9_5789, 0x00e0_3d2d, 0x0b66_4029, 0xac10_3525, 0xcbf2_7735];

/// How many blocks give each of so many hashes so many bits.
pub(super) fn blocks_for(hashes: usize, bits: usize) -> u32 {
    (hashes * bits).div_ceil(BLOCK_BYTES * 8).max(1) as u32
}

/// Adds the windows of a filter of so many blocks over the hashes.
pub(super) fn encode(bytes: &mut Vec<u8>, blocks: u32, hashes: impl Iterator<Item = u64>) {
    let mut filter = vec![0; blocks as usize * BLOCK_BYTES];
    for hash in hashes {
        let block = block_of(hash, blocks) as usize * BLOCK_BYTES;
        for (bits, mask) in filter[block..block + BLOCK_BYTES].chunks_exact_mut(4).zip(masks(hash)) {
            let set = u32::from_le_bytes(bits.try_into().expect("4 bytes")) | mask;
            bits.copy_from_slice(&set.to_le_bytes());
        }
    }
    for window in filter.chunks(WINDOW_BLOCKS * BLOCK_BYTES) {
        bytes.extend_from_slice(window);
        bytes.extend_from_slice(&crc32c::crc32c(window).to_le_bytes());
    }
}

/// How long a filter of so many blocks is, in bytes.
pub(super) fn encoded_bytes(blocks: u32) -> u64 {
    let blocks = u64::from(blocks);
    blocks * BLOCK_BYTES as u64 + blocks.div_ceil(WINDOW_BLOCKS as u64) * CHECKSUM_BYTES as u64
}

/// Asks a filter of so many blocks, at least one, that begins at the offset. `InvalidData` where it is damaged.
pub(super) fn may_have(file: &File, offset: u64, blocks: u32, hash: u64) -> io::Result<bool> {
    let block = block_of(hash, blocks) as usize;
    let (window, in_window) = (block / WINDOW_BLOCKS, block % WINDOW_BLOCKS);
    let length = WINDOW_BLOCKS.min(blocks as usize - window * WINDOW_BLOCKS) * BLOCK_BYTES + CHECKSUM_BYTES;
    let mut bytes = [0; WINDOW_BYTES];
    let bytes = &mut bytes[..length];
    file.read_exact_at(bytes, offset + (window * WINDOW_BYTES) as u64)?;
    Ok(has(&checked(bytes)?[in_window * BLOCK_BYTES..], hash))
}

/// Reads a whole filter of so many blocks that begins at the offset. `InvalidData` where it is damaged.
pub(super) fn read(file: &File, offset: u64, blocks: u32) -> io::Result<Box<[u8]>> {
    let mut bytes = vec![0; encoded_bytes(blocks) as usize];
    file.read_exact_at(&mut bytes, offset)?;
    let mut filter = Vec::with_capacity(blocks as usize * BLOCK_BYTES);
    for window in bytes.chunks(WINDOW_BYTES) {
        filter.extend_from_slice(checked(window)?);
    }
    Ok(filter.into())
}

/// Asks a filter that was read.
pub(super) fn may_have_in(filter: &[u8], hash: u64) -> bool {
    let block = block_of(hash, (filter.len() / BLOCK_BYTES) as u32) as usize;
    has(&filter[block * BLOCK_BYTES..], hash)
}

fn checked(window: &[u8]) -> io::Result<&[u8]> {
    let (window, checksum) = window.split_at(window.len() - CHECKSUM_BYTES);
    if crc32c::crc32c(window).to_le_bytes() != checksum {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a filter does not have its checksum"));
    }
    Ok(window)
}

/// Whether the block at the start of the bytes has the hash.
fn has(block: &[u8], hash: u64) -> bool {
    let words = block.chunks_exact(4).map(|bits| u32::from_le_bytes(bits.try_into().expect("4 bytes")));
    words.zip(masks(hash)).all(|(bits, mask)| bits & mask != 0)
}

fn block_of(hash: u64, blocks: u32) -> u32 {
    (((hash >> 32) * u64::from(blocks)) >> 32) as u32
}

fn masks(hash: u64) -> impl Iterator<Item = u32> {
    SALTS.into_iter().map(move |salt| 1 << ((hash as u32).wrapping_mul(salt) >> 27))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    fn hash(number: u32) -> u64 {
        xxh3_64(&number.to_le_bytes())
    }

    #[test]
    fn golden_bytes_pin_the_bits_of_a_hash() {
        let hash = 0x8000_0000_0000_0001;
        let mut filter = Vec::new();
        encode(&mut filter, 2, [hash].into_iter());
        let mut expected = vec![0; BLOCK_BYTES];
        for bit in [26, 5, 21, 30, 0, 1, 21, 25] {
            expected.extend((1u32 << bit).to_le_bytes());
        }
        expected.extend(crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(filter, expected);
    }

    #[test]
    fn a_filter_has_what_it_was_given_and_little_else_read_whole_or_by_windows() {
        for count in [0, 1, 300, 30_000] {
            let blocks = blocks_for(count as usize, 16);
            let mut bytes = vec![9; 7];
            encode(&mut bytes, blocks, (0..count).map(hash));
            assert_eq!(bytes.len() as u64, 7 + encoded_bytes(blocks));
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            let whole = read(&file, 7, blocks).unwrap();
            let mut wrong = 0;
            for number in (0..count).chain(1_000_000..1_010_000) {
                let found = may_have_in(&whole, hash(number));
                assert_eq!(may_have(&file, 7, blocks, hash(number)).unwrap(), found);
                assert!(found || number >= count, "{number}");
                wrong += usize::from(found && number >= count);
            }
            assert!(wrong < 50, "{wrong} of 10000 absent ones among {count}");
        }
    }

    #[test]
    fn a_flipped_byte_is_noticed() {
        let mut bytes = Vec::new();
        encode(&mut bytes, 20, (0..300).map(hash));
        for position in 0..bytes.len() {
            let mut file = tempfile::tempfile().unwrap();
            bytes[position] ^= 4;
            file.write_all(&bytes).unwrap();
            bytes[position] ^= 4;
            assert!(read(&file, 0, 20).is_err());
            let asked: Vec<_> = (0..300).map(|number| may_have(&file, 0, 20, hash(number))).collect();
            assert!(asked.iter().any(Result::is_err) && !asked.iter().any(|asked| matches!(asked, Ok(false))));
        }
    }
}
