//! `attr` and its typed siblings, over whole sets.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};
use model::{AttributeSet, Attributes};

use super::form::Form;

/// `attr` and its typed siblings.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Attr {
    form: Form,
    signature: Signature,
}

impl Attr {
    pub(super) fn udf(form: Form) -> Arc<ScalarUDF> {
        let keys = [DataType::Utf8, DataType::Utf8View, DataType::LargeUtf8];
        let signatures = keys.map(|key| TypeSignature::Exact(vec![DataType::BinaryView, key]));
        let signature = Signature::one_of(signatures.to_vec(), Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { form, signature }))
    }
}

impl ScalarUDFImpl for Attr {
    fn name(&self) -> &str {
        self.form.function_name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.form.data_type())
    }

    /// Lets the optimizer evaluate it in the scan, where a block may hold the key as a column of its own.
    fn placement(&self, arguments: &[ExpressionPlacement]) -> ExpressionPlacement {
        match arguments {
            [ExpressionPlacement::Column, ExpressionPlacement::Literal] => ExpressionPlacement::MoveTowardsLeafNodes,
            _ => ExpressionPlacement::KeepInPlace,
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [sets, ColumnarValue::Scalar(key)] = &arguments.args[..] else {
            return exec_err!("{}: the key must be a literal, as in attr(attributes, 'http.route')", self.name());
        };
        let Some(Some(key)) = key.try_as_str() else {
            return exec_err!("{}: the key must be text, as in attr(attributes, 'http.route')", self.name());
        };
        let sets = sets.to_array(arguments.number_rows)?;
        let sets = sets.as_binary_view();
        // Rows of one resource stand together, and what comes from a dictionary has one view: each set is looked into once.
        let mut before = None;
        let found = sets.iter().zip(sets.views()).map(|(set, view)| {
            let set = set?;
            let (_, value) =
                before.filter(|(of, _)| of == view).unwrap_or_else(|| (*view, Attributes::new(set).get(key)));
            before = Some((*view, value));
            value
        });
        Ok(ColumnarValue::Array(self.form.column(found)))
    }
}

/// The set and the key that the expression asks for, if it is a call of `attr` or a sibling.
pub(crate) fn attribute_of(expr: &Expr) -> Option<(AttributeSet, &str)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    call.func.inner().downcast_ref::<Attr>()?;
    let [Expr::Column(column), Expr::Literal(key, _)] = &call.args[..] else { return None };
    let set = AttributeSet::ALL.into_iter().find(|set| set.column() == column.name)?;
    Some((set, key.try_as_str()??))
}
