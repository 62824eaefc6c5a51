//! Whole sets in a block that has promoted some of their keys.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use model::{PromotedColumn, Restorer};

/// The sets as they were sent. Arguments are what is left of them, then the promoted columns of the set.
#[derive(Debug)]
pub(super) struct Restore {
    columns: Vec<PromotedColumn>,
    restorer: Restorer,
    /// The column as the table has it.
    field: FieldRef,
    signature: Signature,
}

impl Restore {
    pub(super) fn udf(columns: Vec<PromotedColumn>, field: FieldRef) -> Arc<ScalarUDF> {
        let restorer = Restorer::new(&columns);
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { columns, restorer, field, signature }))
    }
}

impl ScalarUDFImpl for Restore {
    fn name(&self) -> &str {
        "restore"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.field.data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::clone(&self.field))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let arrays = arguments.args.iter().map(|column| column.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let Some((residuals, promoted)) = arrays.split_first() else {
            return exec_err!("{}: a column is missing", self.name());
        };
        let Some(residuals) = residuals.as_binary_view_opt() else {
            return exec_err!("{}: what is left of the sets is not bytes", self.name());
        };
        let sets = self.restorer.restore(residuals, promoted);
        // Damage of what is stored, not a mistake in the question.
        Ok(ColumnarValue::Array(Arc::new(sets.map_err(|error| DataFusionError::External(Box::new(error)))?)))
    }
}

impl PartialEq for Restore {
    fn eq(&self, other: &Self) -> bool {
        (&self.columns, &self.field) == (&other.columns, &other.field)
    }
}

impl Eq for Restore {}

impl Hash for Restore {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.columns, &self.field).hash(state);
    }
}
