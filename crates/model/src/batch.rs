//! A batch: rows of one table, as Arrow columns.

use arrow::array::RecordBatch;

use crate::Table;

/// Rows of one table. The columns are exactly [`Table::schema`].
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The table the rows belong to.
    pub table: Table,
    /// The rows, in no particular order.
    pub rows: RecordBatch,
}
