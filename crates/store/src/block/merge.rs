//! Several blocks → one, in order, in bounded memory.
//!
//! Two passes: the first reads only the columns of groups and resources, and ranks them; the second reads every input
//! a batch at a time and always takes the longest run that no other input interrupts. At any moment one
//! batch of each input is in memory, and the rows gathered for the output.
//!
//! Inputs may promote different attributes. What the output promotes is decided from their footers; rows of an input
//! that promotes the same pass as they are, those of another are put together and taken apart anew.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter_record_batch, interleave_record_batch};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use model::{AttributeSet, PromotedColumn, Table};
use parquet::file::metadata::RowGroupMetaData;
use wal::fail_point;

use super::groups::{GroupRanks, Groups, group_column, group_columns};
use super::promotion::Choice;
use super::reshaper::{Reshaper, promoted_sets};
use super::resource_sample::ResourceSample;
use super::writer::BlockWriter;
use super::{Block, BlockId, BlockMeta, BlockReadError, BlockWriteError, NewBlock};
use crate::error::StoreErrorKind;

/// Rows of an input that are in memory at once.
const INPUT_ROWS: usize = 4_096;

/// Bytes of an input that are in memory at once, about: where rows are large, fewer of them are.
const INPUT_BYTES: usize = 4 << 20;

/// Why blocks were not merged. The inputs are untouched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError {
    /// An input cannot be read. It is left alone from now on.
    #[error("block {0} cannot be read")]
    Input(BlockId, #[source] BlockReadError),
    #[error("the merged block cannot be written")]
    Output(#[from] BlockWriteError),
    /// The invariant of a merge does not hold, so its outcome is thrown away.
    #[error("the inputs have {expected} rows and the merged block {found}")]
    RowsNotConserved { expected: u64, found: u64 },
}

impl MergeError {
    /// What the caller can do about it.
    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Input(..) | Self::RowsNotConserved { .. } => StoreErrorKind::Damaged,
            Self::Output(_) => StoreErrorKind::Io,
        }
    }
}

/// Merges the inputs, all of one tenant, table and hour, into the block. Every row of every input is in it once. Rows of one
/// group and time stay in the order in which they came, as far as that is known: what was merged is older than what was
/// flushed since, and flushes tell their order.
pub(crate) fn merge_blocks(root: &Path, block: NewBlock, inputs: &[Arc<Block>]) -> Result<BlockMeta, MergeError> {
    merge_blocks_without(root, block, inputs, &HashSet::new())
}

/// The same without the rows of some resources, of which not every row may be.
pub(crate) fn merge_blocks_without(
    root: &Path,
    block: NewBlock,
    inputs: &[Arc<Block>],
    resources: &HashSet<u64>,
) -> Result<BlockMeta, MergeError> {
    let table = block.table;
    let mut inputs = inputs.to_vec();
    inputs.sort_by(|a, b| a.meta().id.in_order_of_arrival(&b.meta().id));
    let inputs = &inputs[..];
    let (ranks, sample) = survey(table, inputs)?;
    let choice = Choice::of_inputs(inputs, &sample).map_err(|(input, error)| unreadable(input, error))?;
    let promoted = choice.columns();
    let opened = inputs.iter().map(|input| Cursor::open(input, resources, &promoted, &ranks));
    let mut cursors = opened.collect::<Result<Vec<_>, _>>()?;
    let mut heads: BinaryHeap<Reverse<(Key, usize)>> =
        cursors.iter().enumerate().filter_map(|(index, cursor)| Some(Reverse((cursor.head()?, index)))).collect();
    let mut writer = BlockWriter::create(root, block, choice)?;
    writer.index_text(inputs.iter().map(|input| input.meta().rows).sum())?;
    let mut gathered: Vec<(usize, usize)> = Vec::with_capacity(INPUT_ROWS);
    while let Some(Reverse((_, index))) = heads.pop() {
        // Of one group and time, rows of an earlier input come first.
        let until = heads.peek().map(|Reverse((key, other))| (*key, *other > index));
        gathered.extend(cursors[index].take_until(until).map(|row| (index, row)));
        if cursors[index].is_at_end_of_batch() {
            // What is gathered points into the batch that is about to be replaced.
            write_gathered(&mut writer, &cursors, &mut gathered)?;
            cursors[index].next_batch(&ranks)?;
        }
        heads.extend(cursors[index].head().map(|key| Reverse((key, index))));
    }
    let merged = writer.finish(|column| cursors.iter().any(|cursor| cursor.reshaper.is_mixed(column)))?;
    let left_out: u64 = cursors.iter().map(|cursor| cursor.left_out).sum();
    let expected = inputs.iter().map(|input| input.meta().rows).sum::<u64>() - left_out;
    if merged.rows != expected {
        return Err(MergeError::RowsNotConserved { expected, found: merged.rows });
    }
    Ok(merged)
}

/// The order of the groups, and which resources there are.
fn survey(table: Table, inputs: &[Arc<Block>]) -> Result<(GroupRanks, ResourceSample), MergeError> {
    let (mut groups, mut resources) = (Groups::new(table), ResourceSample::default());
    let has_sample = promoted_sets(table).contains(&AttributeSet::Resource);
    let mut columns = group_columns(table).to_vec();
    if has_sample {
        columns.extend(ResourceSample::COLUMNS.iter().filter(|name| !group_columns(table).contains(name)));
    }
    for input in inputs {
        let unreadable = |error| unreadable(input, error);
        let rows = rows_at_once(input).map_err(unreadable)?;
        for batch in input.read_batches(Some(&columns), rows).map_err(unreadable)? {
            let batch = batch.map_err(unreadable)?;
            groups.add(&batch);
            if has_sample {
                resources.add(&batch);
            }
        }
    }
    Ok((groups.rank(), resources))
}

/// As many rows as [`INPUT_BYTES`] are, where the rows of the input are largest.
fn rows_at_once(input: &Block) -> Result<usize, BlockReadError> {
    let footer = input.footer()?;
    let bytes_of_row = |group: &RowGroupMetaData| group.total_byte_size() / group.num_rows().max(1);
    let most = footer.metadata().row_groups().iter().map(bytes_of_row).max().unwrap_or(0);
    let most = usize::try_from(most).unwrap_or(0).max(1);
    Ok((INPUT_BYTES / most).clamp(1, INPUT_ROWS))
}

fn unreadable(input: &Block, error: BlockReadError) -> MergeError {
    input.leave_alone();
    MergeError::Input(input.meta().id.clone(), error)
}

fn write_gathered(
    writer: &mut BlockWriter,
    cursors: &[Cursor<'_>],
    gathered: &mut Vec<(usize, usize)>,
) -> Result<(), BlockWriteError> {
    if gathered.is_empty() {
        return Ok(());
    }
    let sources: Vec<&RecordBatch> = cursors.iter().map(|cursor| &cursor.batch).collect();
    let rows = interleave_record_batch(&sources, gathered)?;
    gathered.clear();
    writer.write(&rows)
}

/// Rank of the group, then time: the order of rows in a block.
type Key = (u32, i64);

/// A place in one input.
struct Cursor<'a> {
    input: &'a Block,
    reshaper: Reshaper,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, BlockReadError>>>,
    batch: RecordBatch,
    keys: Vec<Key>,
    next: usize,
    without: &'a HashSet<u64>,
    /// Rows passed over.
    left_out: u64,
}

impl<'a> Cursor<'a> {
    /// At the first row, with these attributes promoted.
    fn open(
        input: &'a Block,
        without: &'a HashSet<u64>,
        promoted: &[PromotedColumn],
        ranks: &GroupRanks,
    ) -> Result<Self, MergeError> {
        let unreadable = |error| unreadable(input, error);
        let promotion = input.promotion().map_err(unreadable)?;
        let reshaper = Reshaper::of_whole_rows(input.meta().table, promotion, promoted);
        let reshaper = reshaper.map_err(|error| unreadable(error.into()))?;
        let rows = rows_at_once(input).map_err(unreadable)?;
        let batches = Box::new(input.read_stored(&reshaper.sources(), rows).map_err(unreadable)?);
        let batch = RecordBatch::new_empty(Arc::clone(reshaper.schema()));
        let mut cursor = Self { input, reshaper, batches, batch, keys: Vec::new(), next: 0, without, left_out: 0 };
        cursor.next_batch(ranks)?;
        Ok(cursor)
    }

    /// The key of the next row; `None` at the end of the input.
    fn head(&self) -> Option<Key> {
        self.keys.get(self.next).copied()
    }

    /// The rows up to those at the key, and those at it if that is said; the rest of the batch without one.
    fn take_until(&mut self, until: Option<(Key, bool)>) -> std::ops::Range<usize> {
        let from = self.next;
        let rest = &self.keys[from..];
        let is_before = |key: &Key, (until, with_it): (Key, bool)| *key < until || with_it && *key == until;
        self.next += until.map_or(rest.len(), |until| rest.partition_point(|key| is_before(key, until))).max(1);
        from..self.next
    }

    fn is_at_end_of_batch(&self) -> bool {
        self.next >= self.keys.len()
    }

    fn next_batch(&mut self, ranks: &GroupRanks) -> Result<(), MergeError> {
        let table = self.input.meta().table;
        self.next = 0;
        self.keys.clear();
        loop {
            let Some(batch) = self.batches.next() else { return Ok(()) };
            let batch = batch.and_then(|batch| {
                let kept = self.kept(batch)?;
                Ok(self.reshaper.reshape(&kept)?)
            });
            fail_point("merge::read").map_err(|error| unreadable(self.input, error.into()))?;
            self.batch = batch.map_err(|error| unreadable(self.input, error))?;
            // A batch without rows would look like the end of the input.
            if self.batch.num_rows() > 0 {
                break;
            }
        }
        let column = |name: &str| self.batch.column_by_name(name).expect("a block has its table's columns");
        let groups = column(group_column(table)).as_primitive::<UInt64Type>().values();
        let times = column(table.time_column()).as_primitive::<TimestampNanosecondType>().values();
        self.keys.extend(groups.iter().zip(times).map(|(group, time)| (ranks.of(*group), *time)));
        Ok(())
    }

    /// The rows of a batch that are not left out.
    fn kept(&mut self, batch: RecordBatch) -> Result<RecordBatch, BlockReadError> {
        if self.without.is_empty() {
            return Ok(batch);
        }
        let resources =
            batch.column_by_name("resource_id").expect("rows are left out by it").as_primitive::<UInt64Type>();
        let kept: BooleanArray = resources.values().iter().map(|id| Some(!self.without.contains(id))).collect();
        let kept = filter_record_batch(&batch, &kept)?;
        self.left_out += (batch.num_rows() - kept.num_rows()) as u64;
        Ok(kept)
    }
}
