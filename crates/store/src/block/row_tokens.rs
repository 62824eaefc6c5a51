//! The tokens of rows as they are written: what indexes know of them, see [`model::Necessary`].
//!
//! Whichever attributes a block promotes, the tokens are those of the rows as they were sent.

use std::ops::Range;

use arrow::array::{Array, AsArray, BinaryViewArray, ListArray, RecordBatch, StringViewArray};
use arrow::datatypes::UInt64Type;
use model::{AttributeSet, Attributes, PromotedCells, PromotedColumn, Residual, ResidualItem, Table, Tokenizer};

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
    record: Set<'a>,
    resource: Set<'a>,
    scope: &'a BinaryViewArray,
    lists: Vec<&'a ListArray>,
}

/// One set of attributes, and what is promoted of it.
#[derive(Debug)]
struct Set<'a> {
    sets: &'a BinaryViewArray,
    promoted: Vec<(u64, PromotedCells<'a>)>,
}

impl<'a> RowTokens<'a> {
    /// The batch has the table's columns and these promoted ones.
    pub(super) fn new(table: Table, promoted: &[PromotedColumn], rows: &'a RecordBatch) -> Self {
        let column = |name: &str| rows.column_by_name(name).expect("a batch has its table's columns");
        let set = |set: AttributeSet| {
            // A set that is kept whole has in itself what is promoted of it.
            let promoted = promoted.iter().filter(|column| column.set() == set && !set.is_kept_whole());
            let cells =
                |of: &PromotedColumn| PromotedCells::of(of.kind(), column(&of.name())).expect("a column has its type");
            let promoted = promoted.map(|of| (field_hash(of.key()), cells(of)));
            Set { promoted: promoted.collect(), sets: column(set.column()).as_binary_view() }
        };
        Self {
            texts: table.text_columns().iter().map(|name| column(name).as_string_view()).collect(),
            resource_ids: column("resource_id").as_primitive::<UInt64Type>().values(),
            record: set(AttributeSet::Record),
            resource: set(AttributeSet::Resource),
            scope: column("scope_attributes").as_binary_view(),
            lists: list_columns(table).iter().map(|name| column(name).as_list()).collect(),
        }
    }

    /// Gives each word of the rows.
    pub(super) fn words(&self, rows: Range<usize>, tokenizer: &mut Tokenizer, mut take: impl FnMut(&str)) {
        for texts in &self.texts {
            for row in rows.clone().filter(|row| texts.is_valid(*row)) {
                tokenizer.words(texts.value(row), &mut take);
            }
        }
    }

    /// Gives the hash of each field and pair of the rows, wherever among their attributes.
    pub(super) fn fields(&self, rows: Range<usize>, tokenizer: &mut Tokenizer, mut take: impl FnMut(u64)) {
        // Rows of one resource stand together, and mostly those of one scope.
        let mut last = None;
        for row in rows.clone() {
            let (resource, scope) = (self.resource_ids[row], self.scope.value(row));
            if last.is_none_or(|(id, _)| id != resource) {
                self.resource.fields(row, tokenizer, &mut take);
            }
            if last.is_none_or(|(_, bytes)| bytes != scope) {
                fields(Attributes::new(scope), tokenizer, &mut take);
            }
            last = Some((resource, scope));
            self.record.fields(row, tokenizer, &mut take);
        }
        for list in &self.lists {
            let items = list.value_offsets()[rows.start] as usize..list.value_offsets()[rows.end] as usize;
            let sets = list.values().as_struct().column_by_name("attributes").expect("items have attributes");
            let sets = sets.as_binary_view();
            items.for_each(|item| fields(Attributes::new(sets.value(item)), tokenizer, &mut take));
        }
    }
}

impl Set<'_> {
    fn fields(&self, row: usize, tokenizer: &mut Tokenizer, take: &mut impl FnMut(u64)) {
        if self.promoted.is_empty() {
            return fields(Attributes::new(self.sets.value(row)), tokenizer, take);
        }
        for item in Residual::new(self.sets.value(row)).iter().map_while(Result::ok) {
            match item {
                ResidualItem::Stayed(entries) => fields(entries, tokenizer, take),
                ResidualItem::Promoted(_) => {}
            }
        }
        for (field, cells) in &self.promoted {
            if let Some(value) = cells.get(row) {
                take(*field);
                tokenizer.values(value, |value| take(pair_hash(*field, value)));
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
