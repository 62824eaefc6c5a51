//! Residuals and promoted columns → sets.

use arrow::array::{Array, ArrayRef, BinaryViewArray, BinaryViewBuilder};

use super::cells::PromotedCells;
use super::{DamagedResidual, PromotedColumn, PromotedKind, Residual, ResidualItem};
use crate::AttributesWriter;

/// Puts sets together again.
#[derive(Clone, Debug)]
pub struct Restorer {
    columns: Vec<(PromotedKind, Box<str>)>,
}

impl Restorer {
    /// From these columns, all of one set, in the order in which the sets were taken apart.
    pub fn new<'a>(columns: impl IntoIterator<Item = &'a PromotedColumn>) -> Self {
        Self { columns: columns.into_iter().map(|column| (column.kind(), column.key().into())).collect() }
    }

    /// The sets, byte for byte as they were; null where the residual is.
    ///
    /// `promoted` are the arrays of the columns, as long as `residuals`. What does not fit is an error, never a panic.
    pub fn restore(
        &self,
        residuals: &BinaryViewArray,
        promoted: &[ArrayRef],
    ) -> Result<BinaryViewArray, DamagedResidual> {
        self.restore_some(residuals, &promoted.iter().cloned().map(Some).collect::<Vec<_>>())
    }

    /// The sets without the entries of columns that are not given: enough for who looks at a few keys.
    pub fn restore_some(
        &self,
        residuals: &BinaryViewArray,
        promoted: &[Option<ArrayRef>],
    ) -> Result<BinaryViewArray, DamagedResidual> {
        let fits = |array: &Option<ArrayRef>| array.as_ref().is_none_or(|array| array.len() == residuals.len());
        if promoted.len() != self.columns.len() || !promoted.iter().all(fits) {
            return Err(DamagedResidual);
        }
        let cells = self.columns.iter().zip(promoted).map(|((kind, _), array)| {
            let Some(array) = array else { return Ok(None) };
            PromotedCells::of(*kind, array).map(Some).ok_or(DamagedResidual)
        });
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        let mut sets = Sets::with_capacity(residuals.len());
        let mut set = AttributesWriter::new();
        for (row, residual) in residuals.iter().enumerate() {
            let Some(residual) = residual else {
                sets.put_null();
                continue;
            };
            set.clear();
            for item in Residual::new(residual).iter() {
                match item? {
                    ResidualItem::Stayed(entries) => set.encoded(entries.as_bytes()),
                    ResidualItem::Promoted(number) => {
                        if let Some(cells) = cells.get(number).ok_or(DamagedResidual)? {
                            set.key(&self.columns[number].1);
                            cells.write(row, &mut set)?;
                        }
                    }
                }
            }
            sets.put(set.as_bytes());
        }
        Ok(sets.finish())
    }
}

/// A column of sets in the making. Equal sets in a row, as those of one resource, are held once.
struct Sets {
    column: BinaryViewBuilder,
    last: Vec<u8>,
    repeats: usize,
}

impl Sets {
    fn with_capacity(rows: usize) -> Self {
        Self { column: BinaryViewBuilder::with_capacity(rows), last: Vec::new(), repeats: 0 }
    }

    fn put(&mut self, set: &[u8]) {
        if self.last != set {
            self.settle();
            self.last.clear();
            self.last.extend_from_slice(set);
        }
        self.repeats += 1;
    }

    fn put_null(&mut self) {
        self.settle();
        self.column.append_null();
    }

    fn settle(&mut self) {
        let repeats = std::mem::take(&mut self.repeats);
        self.column.try_append_value_n(&self.last, repeats).expect("a set is far smaller than 4 GiB");
    }

    fn finish(mut self) -> BinaryViewArray {
        self.settle();
        self.column.finish()
    }
}
