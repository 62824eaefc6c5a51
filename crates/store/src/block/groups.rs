//! Groups: rows of one resource, or of one series, which stand together in a block.
//!
//! A block is sorted by some columns that say the same for all rows of a group, by the id of the group, and by
//! time. So the few distinct groups are ranked once, and rows compare a rank and a time.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, UInt64Type};
use model::Table;

/// Distinct groups, while they are collected.
#[derive(Debug)]
pub(crate) struct Groups {
    table: Table,
    keys: HashMap<u64, Vec<Key>>,
}

/// What a sort column before the group says of the group. Nulls come first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Text(Option<String>),
    Id(u64),
}

impl Key {
    fn at(column: &ArrayRef, row: usize) -> Self {
        match column.data_type() {
            DataType::UInt64 => Self::Id(column.as_primitive::<UInt64Type>().value(row)),
            _ => Self::Text(column.is_valid(row).then(|| column.as_string_view().value(row).to_owned())),
        }
    }
}

/// The place of each group in the order of blocks.
#[derive(Debug)]
pub(crate) struct GroupRanks(HashMap<u64, u32>);

/// The column whose equal values stand together: the last sort column before time.
pub(crate) fn group_column(table: Table) -> &'static str {
    let columns = table.sort_columns();
    columns[columns.len() - 2]
}

/// The columns that [`Groups::add`] reads.
pub(crate) fn group_columns(table: Table) -> &'static [&'static str] {
    let columns = table.sort_columns();
    &columns[..columns.len() - 1]
}

impl Groups {
    /// None yet.
    pub(crate) fn new(table: Table) -> Self {
        Self { table, keys: HashMap::new() }
    }

    /// Takes in the groups of a batch that has at least the [`group_columns`].
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        let column = |name: &str| batch.column_by_name(name).expect("the batch has the columns of groups");
        let columns = group_columns(self.table);
        let shared: Vec<&ArrayRef> = columns[..columns.len() - 1].iter().map(|name| column(name)).collect();
        let ids = column(group_column(self.table)).as_primitive::<UInt64Type>().values();
        let mut last = None;
        for (row, id) in ids.iter().enumerate() {
            if last == Some(*id) {
                continue;
            }
            last = Some(*id);
            self.keys.entry(*id).or_insert_with(|| shared.iter().map(|column| Key::at(column, row)).collect());
        }
    }

    /// Ranks the groups by what the columns before say, then by their ids.
    pub(crate) fn rank(self) -> GroupRanks {
        let mut ordered: Vec<(Vec<Key>, u64)> = self.keys.into_iter().map(|(id, key)| (key, id)).collect();
        ordered.sort_unstable();
        let rank = |position: usize| {
            u32::try_from(position).expect("there are fewer groups than rows, and fewer than 2^32 rows")
        };
        GroupRanks(ordered.into_iter().enumerate().map(|(position, (_, id))| (id, rank(position))).collect())
    }
}

impl GroupRanks {
    /// The rank of a group that was added.
    pub(crate) fn of(&self, id: u64) -> u32 {
        self.0[&id]
    }
}
