//! `attr` in a block that has promoted the key.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BinaryViewArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use model::{PromotedCells, PromotedKind, Residual, ValueRef};

use super::form::Form;

/// An attribute from the promoted columns of its key and, where the key is mixed or was not promoted, from what is
/// left of the set.
///
/// Arguments are the residuals if `from_residual`, then one promoted column per kind. The outcome is that of `attr`
/// over the whole set.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PromotedAttr {
    form: Form,
    key: String,
    kinds: Vec<PromotedKind>,
    from_residual: bool,
    signature: Signature,
}

impl PromotedAttr {
    pub(super) fn udf(form: Form, key: &str, kinds: Vec<PromotedKind>, from_residual: bool) -> Arc<ScalarUDF> {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { form, key: key.to_owned(), kinds, from_residual, signature }))
    }
}

impl ScalarUDFImpl for PromotedAttr {
    fn name(&self) -> &str {
        "promoted_attr"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.form.data_type())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let arrays = arguments.args.iter().map(|column| column.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let (residuals, columns) = arrays.split_at(usize::from(self.from_residual));
        let residuals = residuals.first().and_then(|residuals| residuals.as_binary_view_opt());
        let columns = self.kinds.iter().zip(columns).map(|(kind, column)| PromotedCells::of(*kind, column));
        let Some(columns) = columns.collect::<Option<Vec<_>>>() else {
            return exec_err!("{}: a promoted column is not of its type", self.name());
        };
        if residuals.is_some() != self.from_residual || columns.len() != self.kinds.len() {
            return exec_err!("{}: a column is missing", self.name());
        }
        let value = |row| columns.iter().find_map(|cells| cells.get(row)).or_else(|| self.left(residuals?, row));
        Ok(ColumnarValue::Array(self.form.column((0..rows).map(value))))
    }
}

impl PromotedAttr {
    fn left<'a>(&self, residuals: &'a BinaryViewArray, row: usize) -> Option<ValueRef<'a>> {
        residuals.is_valid(row).then(|| residuals.value(row)).and_then(|left| Residual::new(left).get(&self.key))
    }
}
