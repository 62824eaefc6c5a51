//! The values of one promoted column, while they are gathered and when they are put back.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Float64Array, Float64Builder, Int64Array, Int64Builder,
    StringViewArray, StringViewBuilder,
};
use arrow::datatypes::{Float64Type, Int64Type};

use super::{DamagedResidual, PromotedKind};
use crate::{AttributesWriter, ValueRef};

/// Gathers the values of a promoted column. Rows without one cost nothing until the next that has one.
#[derive(Debug)]
pub(super) enum CellsBuilder {
    Text(StringViewBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
}

impl CellsBuilder {
    pub(super) fn new(kind: PromotedKind) -> Self {
        match kind {
            PromotedKind::Text => Self::Text(StringViewBuilder::new()),
            PromotedKind::Int => Self::Int(Int64Builder::new()),
            PromotedKind::Float => Self::Float(Float64Builder::new()),
            PromotedKind::Bool => Self::Bool(BooleanBuilder::new()),
        }
    }

    /// Takes the value of the row, which comes after all rows with a value so far.
    pub(super) fn put(&mut self, row: usize, value: &ValueRef<'_>) {
        self.fill(row);
        match (self, value) {
            (Self::Text(cells), ValueRef::Text(value)) => cells.append_value(value),
            (Self::Int(cells), ValueRef::Int(value)) => cells.append_value(*value),
            (Self::Float(cells), ValueRef::Float(value)) => cells.append_value(*value),
            (Self::Bool(cells), ValueRef::Bool(value)) => cells.append_value(*value),
            (cells, value) => unreachable!("a column is chosen by the type of the value: {value:?} for {cells:?}"),
        }
    }

    /// The column of so many rows; the builder is empty again and keeps what memory it can.
    pub(super) fn finish(&mut self, rows: usize) -> ArrayRef {
        self.fill(rows);
        match self {
            Self::Text(cells) => Arc::new(cells.finish()),
            Self::Int(cells) => Arc::new(cells.finish()),
            Self::Float(cells) => Arc::new(cells.finish()),
            Self::Bool(cells) => Arc::new(cells.finish()),
        }
    }

    /// Nulls up to the row.
    fn fill(&mut self, row: usize) {
        match self {
            Self::Text(cells) => (arrow::array::ArrayBuilder::len(cells)..row).for_each(|_| cells.append_null()),
            Self::Int(cells) => cells.append_nulls(row - arrow::array::ArrayBuilder::len(cells)),
            Self::Float(cells) => cells.append_nulls(row - arrow::array::ArrayBuilder::len(cells)),
            Self::Bool(cells) => cells.append_nulls(row - arrow::array::ArrayBuilder::len(cells)),
        }
    }
}

/// A promoted column that is read.
#[derive(Clone, Copy, Debug)]
pub enum PromotedCells<'a> {
    /// Of kind text.
    Text(&'a StringViewArray),
    /// Of kind integer.
    Int(&'a Int64Array),
    /// Of kind double.
    Float(&'a Float64Array),
    /// Of kind truth value.
    Bool(&'a BooleanArray),
}

impl<'a> PromotedCells<'a> {
    /// Over the array of a column of the kind; `None` where the array is of another type.
    pub fn of(kind: PromotedKind, array: &'a dyn Array) -> Option<Self> {
        match kind {
            PromotedKind::Text => array.as_string_view_opt().map(Self::Text),
            PromotedKind::Int => array.as_primitive_opt::<Int64Type>().map(Self::Int),
            PromotedKind::Float => array.as_primitive_opt::<Float64Type>().map(Self::Float),
            PromotedKind::Bool => array.as_boolean_opt().map(Self::Bool),
        }
    }

    /// The value of the row, which must be one of the array's; `None` where it has none.
    pub fn get(&self, row: usize) -> Option<ValueRef<'a>> {
        match self {
            Self::Text(cells) => cells.is_valid(row).then(|| ValueRef::Text(cells.value(row))),
            Self::Int(cells) => cells.is_valid(row).then(|| ValueRef::Int(cells.value(row))),
            Self::Float(cells) => cells.is_valid(row).then(|| ValueRef::Float(cells.value(row))),
            Self::Bool(cells) => cells.is_valid(row).then(|| ValueRef::Bool(cells.value(row))),
        }
    }

    /// Writes the value of the row, which must be one of the array's; an error where it has none.
    pub fn write(&self, row: usize, set: &mut AttributesWriter) -> Result<(), DamagedResidual> {
        match self {
            Self::Text(cells) if cells.is_valid(row) => set.text(cells.value(row)),
            Self::Int(cells) if cells.is_valid(row) => set.int(cells.value(row)),
            Self::Float(cells) if cells.is_valid(row) => set.float(cells.value(row)),
            Self::Bool(cells) if cells.is_valid(row) => set.bool(cells.value(row)),
            _ => return Err(DamagedResidual),
        }
        Ok(())
    }
}
