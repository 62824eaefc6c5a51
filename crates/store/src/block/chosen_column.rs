//! A promoted column that a block is going to have, and how Parquet is told to write it.

use model::{PromotedColumn, PromotedKind};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::Encoding;
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::schema::types::ColumnPath;

/// A column, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChosenColumn {
    pub(super) column: PromotedColumn,
    pub(super) spread: Spread,
    /// Values that the block may have in it, about.
    pub(super) values: u64,
}

/// Distinct values in a row group from which on a bloom filter tells what the smallest and the largest cannot.
const MANY: f64 = 4_096.0;

/// Values of a row group for each distinct one below which a dictionary costs more than it saves: whoever looks up one row
/// reads it whole.
const REPEATS_MIN: f64 = 16.0;

/// How many different values a column has, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spread {
    /// Few: a dictionary holds them.
    Few,
    /// Too many for the smallest and the largest to tell anything, but they repeat.
    Many,
    /// Mostly different from each other, as ids are: a dictionary would be nearly as large as they are.
    Distinct,
}

impl ChosenColumn {
    /// The builder with the column's own encoding. Row groups have at most so many rows.
    pub(super) fn tune(&self, builder: WriterPropertiesBuilder, row_group_rows: usize) -> WriterPropertiesBuilder {
        // One part: the dots of a key are no levels.
        let path = ColumnPath::new(vec![self.column.name()]);
        let builder = builder.set_column_dictionary_enabled(path.clone(), self.spread < Spread::Distinct);
        match (self.column.kind(), self.spread) {
            (PromotedKind::Text, Spread::Many | Spread::Distinct) => {
                // An upper bound: the writer folds the filter to what the values turn out to need.
                let distinct_max = self.values.clamp(1, row_group_rows as u64);
                builder
                    .set_column_bloom_filter_enabled(path.clone(), true)
                    .set_column_bloom_filter_max_ndv(path, distinct_max)
            }
            (PromotedKind::Int, Spread::Distinct) => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            (PromotedKind::Float, Spread::Distinct) => builder.set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
            _ => builder,
        }
    }
}

impl Spread {
    /// Of so many distinct values, and so many values in a row group, both about.
    pub(super) fn of(distinct: f64, in_row_group: f64) -> Self {
        if distinct >= MANY && in_row_group / distinct < REPEATS_MIN {
            Self::Distinct
        } else if distinct >= MANY {
            Self::Many
        } else {
            Self::Few
        }
    }

    /// How the column of a block was written; `None` where it has none of this name.
    pub(super) fn of_written(name: &str, footer: &ArrowReaderMetadata) -> Option<Self> {
        let metadata = footer.metadata();
        let leaves = metadata.file_metadata().schema_descr();
        let leaf = leaves.columns().iter().position(|leaf| leaf.path().parts() == [name])?;
        let mut row_groups = metadata.row_groups().iter().map(|row_group| row_group.column(leaf));
        let mut again = row_groups.clone();
        if !row_groups.any(|column| column.dictionary_page_offset().is_some()) {
            Some(Self::Distinct)
        } else if again.any(|column| column.bloom_filter_offset().is_some()) {
            Some(Self::Many)
        } else {
            Some(Self::Few)
        }
    }
}
