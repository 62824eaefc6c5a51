//! Sets → residuals and promoted columns.
//!
//! The rows of one sender mostly have the same keys in the same order, so each entry's key is first compared with
//! the key that the row before had in its place; only where that fails is it looked up. Nothing is allocated per
//! entry. Where sets repeat from row to row, as those of resources do, each is taken apart once.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, BinaryViewBuilder, UInt32Array};
use arrow::compute::take;

use super::cells::CellsBuilder;
use super::residual::{put_promoted, put_stayed};
use super::{PROMOTED_COLUMNS_MAX, PromotedColumn, PromotedKind};
use crate::attributes::{read_entry, read_value, varint_bytes, zigzag};
use crate::{Entry, ValueRef};

/// Rows of equal sets in a row, on average, from which on taking each apart once is worth the copying.
const REPEATS_MIN: usize = 4;

/// Places whose keys are remembered. Rows with more entries are rare, and their later ones are looked up.
const EXPECTED_MAX: usize = 128;

/// Takes sets apart, batch after batch of one block.
#[derive(Debug)]
pub struct Promoter {
    columns: Vec<CellsBuilder>,
    keys: Vec<Key>,
    /// Key → index in `keys`.
    by_name: HashMap<Box<str>, usize>,
    expected: Vec<Expected>,
    residual: Vec<u8>,
}

/// Sets that were taken apart, row by row.
#[derive(Debug)]
pub struct Promoted {
    /// What is left of each set; null where there was none.
    pub residual: BinaryViewArray,
    /// One array per column, in the order given.
    pub columns: Vec<ArrayRef>,
}

#[derive(Debug)]
struct Key {
    bytes: usize,
    /// Column numbers, by type.
    numbers: [Option<usize>; PromotedKind::ALL.len()],
    is_mixed: bool,
}

/// The key that the row before had in a place.
#[derive(Debug, Default)]
struct Expected {
    /// As encoded, with its length.
    encoded: Vec<u8>,
    key: Option<usize>,
}

impl Promoter {
    /// Into these columns, all of one set and each once, at most [`PROMOTED_COLUMNS_MAX`].
    pub fn new<'a>(columns: impl IntoIterator<Item = &'a PromotedColumn>) -> Self {
        let (mut builders, mut keys, mut by_name) = (Vec::new(), Vec::new(), HashMap::new());
        for (number, column) in columns.into_iter().enumerate() {
            builders.push(CellsBuilder::new(column.kind()));
            let index = *by_name.entry(Box::from(column.key())).or_insert_with(|| {
                keys.push(Key { bytes: column.key().len(), numbers: Default::default(), is_mixed: false });
                keys.len() - 1
            });
            keys[index].numbers[column.kind() as usize] = Some(number);
        }
        assert!(builders.len() <= PROMOTED_COLUMNS_MAX, "whoever chooses the columns holds the bound");
        Self { columns: builders, keys, by_name, expected: Vec::new(), residual: Vec::new() }
    }

    /// Takes the sets apart. Every set comes back from [`super::Restorer`] byte for byte, also bytes that are no set.
    pub fn promote(&mut self, sets: &BinaryViewArray) -> Promoted {
        let runs = Runs::of(sets);
        if runs.first_rows.len() * REPEATS_MIN > sets.len() {
            return self.promote_each(sets);
        }
        let expect = "the indices are of rows";
        let distinct = take(sets, &UInt32Array::from(runs.first_rows), None).expect(expect);
        let Promoted { residual, columns } = self.promote_each(distinct.as_binary_view());
        let run_of_row = UInt32Array::from(runs.run_of_row);
        Promoted {
            residual: take(&residual, &run_of_row, None).expect(expect).as_binary_view().clone(),
            columns: columns.iter().map(|column| take(column, &run_of_row, None).expect(expect)).collect(),
        }
    }

    /// Whether any value so far under the column's key has stayed in a residual, though it was the first of its row.
    pub fn is_mixed(&self, column: &PromotedColumn) -> bool {
        self.by_name.get(column.key()).is_some_and(|key| self.keys[*key].is_mixed)
    }

    fn promote_each(&mut self, sets: &BinaryViewArray) -> Promoted {
        let mut residuals = BinaryViewBuilder::with_capacity(sets.len());
        for (row, set) in sets.iter().enumerate() {
            let Some(set) = set else {
                residuals.append_null();
                continue;
            };
            self.promote_row(row, set);
            residuals.append_value(&self.residual);
        }
        let columns = self.columns.iter_mut().map(|column| column.finish(sets.len())).collect();
        Promoted { residual: residuals.finish(), columns }
    }

    /// Leaves the residual of the set in `self.residual`.
    fn promote_row(&mut self, row: usize, set: &[u8]) {
        self.residual.clear();
        // Entries before `stayed` are dealt with; those from there to the next promoted one stay.
        let (mut stayed, mut seen, mut place) = (0, 0u128, 0);
        let mut rest = set;
        while !rest.is_empty() {
            let start = set.len() - rest.len();
            // What cannot be read stays, with all that follows.
            let Some((key, value)) = self.read_entry(&mut rest, place) else { break };
            place += 1;
            let Some(key) = key.filter(|key| seen & (1 << key) == 0) else { continue };
            seen |= 1 << key;
            let end = set.len() - rest.len();
            let Key { bytes, numbers, is_mixed } = &mut self.keys[key];
            let number = PromotedKind::of(&value).and_then(|kind| numbers[kind as usize]);
            match number.filter(|_| is_canonical(*bytes, &value, &set[start..end])) {
                Some(number) => {
                    put_stayed(&mut self.residual, &set[stayed..start]);
                    put_promoted(&mut self.residual, number);
                    self.columns[number].put(row, &value);
                    stayed = end;
                }
                None => *is_mixed = true,
            }
        }
        put_stayed(&mut self.residual, &set[stayed..]);
    }

    /// The index of the entry's key, if it has columns, and the value.
    fn read_entry<'a>(&mut self, rest: &mut &'a [u8], place: usize) -> Option<(Option<usize>, ValueRef<'a>)> {
        if let Some(expected) = self.expected.get(place)
            && let Some(after) = rest.strip_prefix(&expected.encoded[..])
        {
            *rest = after;
            return Some((expected.key, read_value(rest)?));
        }
        let Entry { key, value, encoded } = read_entry(rest)?;
        let index = self.by_name.get(key).copied();
        if place < EXPECTED_MAX {
            if self.expected.len() == place {
                self.expected.push(Expected::default());
            }
            let expected = &mut self.expected[place];
            expected.encoded.clear();
            let after_length = encoded.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1);
            expected.encoded.extend_from_slice(&encoded[..after_length + key.len()]);
            expected.key = index;
        }
        Some((index, value))
    }
}

/// Whether [`crate::AttributesWriter`] would write the entry with just these bytes. Only then does it come back.
///
/// No encoding of a number is shorter than the writer's, so equal lengths mean equal bytes; but the tenth byte of
/// an integer has six bits that no reader looks at.
fn is_canonical(key_bytes: usize, value: &ValueRef<'_>, encoded: &[u8]) -> bool {
    let value_bytes = match value {
        ValueRef::Bool(_) => 0,
        ValueRef::Int(value) => varint_bytes(zigzag(*value)),
        ValueRef::Float(_) => 8,
        ValueRef::Text(text) => varint_bytes(text.len() as u64) + text.len(),
        ValueRef::Null | ValueRef::Bytes(_) | ValueRef::List(_) | ValueRef::Map(_) => return false,
    };
    let ignored_bits = match value {
        ValueRef::Int(_) if value_bytes == 10 => encoded.last().is_some_and(|last| *last > 1),
        _ => false,
    };
    encoded.len() == varint_bytes(key_bytes as u64) + key_bytes + 1 + value_bytes && !ignored_bits
}

/// Rows next to each other with equal sets.
struct Runs {
    /// The first row of each run.
    first_rows: Vec<u32>,
    /// The run of each row.
    run_of_row: Vec<u32>,
}

impl Runs {
    fn of(sets: &BinaryViewArray) -> Self {
        let (mut first_rows, mut run_of_row) = (Vec::new(), Vec::with_capacity(sets.len()));
        let views = sets.views();
        for row in 0..sets.len() {
            let repeats = row > 0
                && sets.is_valid(row) == sets.is_valid(row - 1)
                // Equal views are equal bytes and cost nothing to compare.
                && (views[row] == views[row - 1] || sets.is_null(row) || sets.value(row) == sets.value(row - 1));
            if !repeats {
                first_rows.push(index(row));
            }
            run_of_row.push(index(first_rows.len() - 1));
        }
        Self { first_rows, run_of_row }
    }
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a batch is far smaller than 2^32 rows")
}
