//! The entries of a few keys, as sets: what a text query over fields looks at.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, col,
};
use model::{Attributes, AttributesWriter, DamagedResidual, PromotedCells, PromotedKind, Residual, ResidualItem};

/// Sets with only the entries of the keys, of the sets in the named column. Other columns of the block's set then need
/// not be read.
pub(crate) fn entries_of(column: &str, keys: Vec<String>) -> Expr {
    Entries::udf(keys).call(vec![col(column)])
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Entries {
    pub(super) keys: Vec<String>,
    signature: Signature,
}

impl Entries {
    pub(super) fn udf(keys: Vec<String>) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Self { keys, signature: Signature::any(1, Volatility::Immutable) }))
    }
}

impl ScalarUDFImpl for Entries {
    fn name(&self) -> &str {
        "attr_entries"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::BinaryView)
    }

    fn placement(&self, _: &[ExpressionPlacement]) -> ExpressionPlacement {
        ExpressionPlacement::MoveTowardsLeafNodes
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let sets = arguments.args[0].to_array(arguments.number_rows)?;
        let Some(sets) = sets.as_binary_view_opt() else { return exec_err!("{}: expects sets", self.name()) };
        let mut found = BinaryViewBuilder::with_capacity(arguments.number_rows);
        let mut writer = AttributesWriter::new();
        for set in sets {
            writer.clear();
            put_named(&mut writer, &self.keys, Attributes::new(set.unwrap_or_default()));
            found.append_option(set.map(|_| writer.as_bytes()));
        }
        Ok(ColumnarValue::Array(Arc::new(found.finish())))
    }
}

/// The same in a block that has promoted keys of the set. Arguments are what is left of the sets, then the promoted
/// columns of the keys.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PromotedEntries {
    keys: Vec<String>,
    columns: Vec<NumberedColumn>,
    signature: Signature,
}

/// A promoted column with its number among those of the set.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NumberedColumn {
    pub(super) number: usize,
    pub(super) kind: PromotedKind,
    pub(super) key: String,
}

impl PromotedEntries {
    pub(super) fn udf(keys: Vec<String>, columns: Vec<NumberedColumn>) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Self { keys, columns, signature: Signature::variadic_any(Volatility::Immutable) }))
    }

    fn put_row(&self, row: usize, left: &[u8], cells: &[PromotedCells<'_>], set: &mut AttributesWriter) -> Option<()> {
        for item in Residual::new(left).iter() {
            match item.ok()? {
                ResidualItem::Stayed(entries) => put_named(set, &self.keys, entries),
                ResidualItem::Promoted(number) => {
                    let Some(at) = self.columns.iter().position(|column| column.number == number) else { continue };
                    set.key(&self.columns[at].key);
                    cells[at].write(row, set).ok()?;
                }
            }
        }
        Some(())
    }
}

impl ScalarUDFImpl for PromotedEntries {
    fn name(&self) -> &str {
        "promoted_entries"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::BinaryView)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let arrays = arguments.args.iter().map(|column| column.to_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
        let Some((left, columns)) = arrays.split_first() else {
            return exec_err!("{}: a column is missing", self.name());
        };
        let cells = self.columns.iter().zip(columns).map(|(column, array)| PromotedCells::of(column.kind, array));
        let (Some(left), Some(cells)) = (left.as_binary_view_opt(), cells.collect::<Option<Vec<_>>>()) else {
            return exec_err!("{}: a column is not of its type", self.name());
        };
        if cells.len() != self.columns.len() {
            return exec_err!("{}: a column is missing", self.name());
        }
        let mut found = BinaryViewBuilder::with_capacity(rows);
        let mut writer = AttributesWriter::new();
        for (row, left) in left.iter().enumerate() {
            writer.clear();
            // Damage of what is stored, not a mistake in the question.
            self.put_row(row, left.unwrap_or_default(), &cells, &mut writer)
                .ok_or_else(|| DataFusionError::External(Box::new(DamagedResidual)))?;
            found.append_option(left.map(|_| writer.as_bytes()));
        }
        Ok(ColumnarValue::Array(Arc::new(found.finish())))
    }
}

fn put_named(writer: &mut AttributesWriter, keys: &[String], set: Attributes<'_>) {
    for entry in set.iter().map_while(Result::ok).filter(|entry| keys.iter().any(|key| key == entry.key)) {
        writer.encoded(entry.encoded);
    }
}
