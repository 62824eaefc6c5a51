//! Numbers of some bits each, one after the other, and those in Rice's code: few bits for the small among them.
//!
//! Bits are numbered from the lowest of the first byte. A number in Rice's code with so many low bits is as many ones as
//! what is above its low bits says, a zero, and the low bits.

/// Bits of a number that is read or written at once, at most: with those before it in its byte they are in eight bytes.
pub(super) const BITS_MAX: u32 = 56;

/// How many bits it takes to write the number, at least one.
pub(super) fn bits_of(number: u64) -> u32 {
    u64::BITS - (number | 1).leading_zeros()
}

/// The low bits with which Rice's code of the numbers is shortest: at most three bits more each than their mean has.
pub(super) fn low_bits_for(numbers: impl Iterator<Item = u64> + Clone) -> u32 {
    let (count, sum) = numbers.clone().fold((0, 0), |(count, sum), number| (count + 1, sum + number));
    let above = |low: u32| numbers.clone().map(|number| number >> low).sum::<u64>() + count * u64::from(low);
    (0..=bits_of(sum / count.max(1))).min_by_key(|low| above(*low)).unwrap_or_default()
}

/// Appends numbers to bytes.
#[derive(Debug)]
pub(super) struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// Bits taken of the last byte, 0 to 7; 0 where it is full.
    taken: u32,
}

impl<'a> BitWriter<'a> {
    /// Begins with a new byte.
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, taken: 0 }
    }

    /// Appends the number, which has at most so many bits.
    pub(super) fn put(&mut self, mut number: u64, mut bits: u32) {
        while bits > 0 {
            if self.taken == 0 {
                self.bytes.push(0);
            }
            let now = bits.min(u8::BITS - self.taken);
            let low = number & ((1 << now) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= (low as u8) << self.taken;
            }
            (number, bits, self.taken) = (number >> now, bits - now, (self.taken + now) % u8::BITS);
        }
    }

    /// Appends the number in Rice's code.
    pub(super) fn put_rice(&mut self, number: u64, low: u32) {
        (0..number >> low).for_each(|_| self.put(1, 1));
        self.put(0, 1);
        self.put(number & ((1 << low) - 1), low);
    }
}

/// Takes numbers from bytes. What it is asked for behind their end is `None`.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Begins with the first bit.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next number of so many bits, at most [`BITS_MAX`].
    pub(super) fn take(&mut self, bits: u32) -> Option<u64> {
        let end = self.at + bits as usize;
        let touched = self.bytes.get(self.at / 8..end.div_ceil(8))?;
        let mut eight = [0; 8];
        eight.get_mut(..touched.len())?.copy_from_slice(touched);
        let number = u64::from_le_bytes(eight) >> (self.at % 8) & ((1 << bits) - 1);
        self.at = end;
        Some(number)
    }

    /// The next number in Rice's code, with at most [`BITS_MAX`] low bits; `None` also for what is no number of 64 bits.
    pub(super) fn take_rice(&mut self, low: u32) -> Option<u64> {
        let mut above = 0u64;
        while self.take(1)? == 1 {
            above += 1;
        }
        above.checked_mul(1 << low)?.checked_add(self.take(low)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_lie_from_the_lowest_bit_on() {
        let mut bytes = vec![7];
        let mut bits = BitWriter::new(&mut bytes);
        bits.put(0b101, 3);
        // Two above the two low bits: 1 1 0, then 0 1 from the lowest on.
        bits.put_rice(2 << 2 | 0b10, 2);
        bits.put(1, 1);
        assert_eq!(bytes, [7, 0b1001_1101, 0b1]);
    }

    #[test]
    fn the_low_bits_are_those_of_the_shortest_code() {
        let check = |numbers: &[u64], low| assert_eq!(low_bits_for(numbers.iter().copied()), low, "{numbers:?}");
        check(&[], 0);
        check(&[0, 0, 0], 0);
        check(&[1, 0, 1, 0], 0);
        check(&[100, 100, 100], 6);
        check(&[0, 0, 0, 0, 0, 0, 0, 4], 0);
        check(&[(1 << 36) - 1], 35);
    }

    proptest! {
        #[test]
        fn what_was_put_is_taken_in_as_few_bits_as_promised(numbers in prop::collection::vec(0u64..1 << 50, 1..200), shift in 0..50) {
            let numbers: Vec<u64> = numbers.iter().map(|number| number >> shift).collect();
            let low = low_bits_for(numbers.iter().copied());
            let mut bytes = Vec::new();
            let mut bits = BitWriter::new(&mut bytes);
            for number in &numbers {
                bits.put_rice(*number, low);
                bits.put(*number, bits_of(*number));
            }
            let raw: u32 = numbers.iter().map(|number| bits_of(*number)).sum();
            let mean = numbers.iter().sum::<u64>() / numbers.len() as u64;
            let promised = (bits_of(mean) as usize + 3) * numbers.len() + raw as usize;
            prop_assert!(bytes.len() <= promised.div_ceil(8));
            let mut bits = BitReader::new(&bytes);
            for number in &numbers {
                prop_assert_eq!(bits.take_rice(low), Some(*number));
                prop_assert_eq!(bits.take(bits_of(*number)), Some(*number));
            }
            prop_assert!(bits.take(8).is_none());
        }
    }
}
