//! The tokens of rows as they are written: what indexes know of them, see [`model::Necessary`].
//!
//! What a block promotes of a set that is not kept whole is left out: `promoted_index.rs` tells of it.

use std::ops::Range;

use arrow::array::{Array, AsArray, BinaryViewArray, ListArray, RecordBatch, StringViewArray};
use arrow::datatypes::UInt64Type;
use model::{AttributeSet, Attributes, PromotedColumn, Residual, ResidualItem, Table, Tokenizer};

use super::word_filter::{field_hash, pair_hash};

/// The columns of lists whose items have attributes.
fn list_columns(table: Table) -> &'static [&'static str] {
    if table == Table::Spans { &["events", "links"] } else { &[] }
}

/// Rows of one batch, as a block of a table with text stores them.
#[derive(Debug)]
pub(super) struct RowTokens<'a> {
    texts: Vec<&'a StringViewArray>,
    resource_ids: &'a [u64],
    record: &'a BinaryViewArray,
    /// Whether the column of the record's set holds what is left of it.
    is_residual: bool,
    resource: &'a BinaryViewArray,
    scope: &'a BinaryViewArray,
    lists: Vec<&'a ListArray>,
}

impl<'a> RowTokens<'a> {
    /// The batch has the table's columns, of which these are promoted.
    pub(super) fn new(table: Table, promoted: &[PromotedColumn], rows: &'a RecordBatch) -> Self {
        let column = |name: &str| rows.column_by_name(name).expect("a batch has its table's columns");
        let sets = |set: AttributeSet| column(set.column()).as_binary_view();
        Self {
            texts: table.text_columns().iter().map(|name| column(name).as_string_view()).collect(),
            resource_ids: column("resource_id").as_primitive::<UInt64Type>().values(),
            record: sets(AttributeSet::Record),
            is_residual: promoted.iter().any(|column| column.set() == AttributeSet::Record),
            resource: sets(AttributeSet::Resource),
            scope: column("scope_attributes").as_binary_view(),
            lists: list_columns(table).iter().map(|name| column(name).as_list()).collect(),
        }
    }

    /// Gives each word of the rows, at least once.
    pub(super) fn words(&self, rows: Range<usize>, tokenizer: &mut Tokenizer, mut take: impl FnMut(&str)) {
        for texts in &self.texts {
            let text = |row: usize| texts.is_valid(row).then(|| texts.value(row));
            for row in rows.clone() {
                let is_again = row > rows.start && text(row - 1) == text(row);
                if let Some(text) = text(row).filter(|_| !is_again) {
                    tokenizer.words(text, &mut take);
                }
            }
        }
    }

    /// Gives the hash of each field and pair of the rows that is in no promoted column, wherever among their attributes,
    /// at least once; but what was given of the rows from `since` on, up to these, need not come again.
    pub(super) fn fields(
        &self,
        rows: Range<usize>,
        since: usize,
        tokenizer: &mut Tokenizer,
        mut take: impl FnMut(u64),
    ) {
        for row in rows.clone() {
            // Rows of one resource stand together, and mostly those of one scope; of records mostly nothing has stayed.
            let before = row.checked_sub(1).filter(|before| *before >= since);
            if before.is_none_or(|before| self.resource_ids[before] != self.resource_ids[row]) {
                fields(Attributes::new(self.resource.value(row)), tokenizer, &mut take);
            }
            if before.is_none_or(|before| self.scope.value(before) != self.scope.value(row)) {
                fields(Attributes::new(self.scope.value(row)), tokenizer, &mut take);
            }
            if before.is_none_or(|before| self.record.value(before) != self.record.value(row)) {
                self.record_fields(row, tokenizer, &mut take);
            }
        }
        for list in &self.lists {
            let items = list.value_offsets()[rows.start] as usize..list.value_offsets()[rows.end] as usize;
            let sets = list.values().as_struct().column_by_name("attributes").expect("items have attributes");
            let sets = sets.as_binary_view();
            items.for_each(|item| fields(Attributes::new(sets.value(item)), tokenizer, &mut take));
        }
    }

    /// What is in the record's own column.
    fn record_fields(&self, row: usize, tokenizer: &mut Tokenizer, take: &mut impl FnMut(u64)) {
        let set = self.record.value(row);
        if !self.is_residual {
            return fields(Attributes::new(set), tokenizer, take);
        }
        for item in Residual::new(set).iter().map_while(Result::ok) {
            match item {
                ResidualItem::Stayed(entries) => fields(entries, tokenizer, take),
                ResidualItem::Promoted(_) => {}
            }
        }
    }
}

fn fields(attributes: Attributes<'_>, tokenizer: &mut Tokenizer, take: &mut impl FnMut(u64)) {
    let mut hash = 0;
    tokenizer.fields(attributes, |field, value| match value {
        None => {
            hash = field_hash(field);
            take(hash);
        }
        Some(value) => take(pair_hash(hash, value)),
    });
}
