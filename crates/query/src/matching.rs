//! Selectors and text queries as predicates of a plan.
//!
//! Each question makes functions of its own that carry the parsed query, so that nothing a user
//! writes is ever turned into SQL text.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema, UInt64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, col,
};
use datafusion::physical_expr::ScalarFunctionExpr;
use model::{AttributeSet, Attributes, Necessary, Selectors, Table, TextQuery};

use crate::attr::entries_of;
use crate::cells::Cells;
use crate::record_fields::{RecordFields, TextRow};
use crate::resource::{ResourceVerdicts, resource_matches};

/// Keeps rows whose resource the selectors match.
pub(crate) fn selected(selectors: Selectors) -> Expr {
    let udf = SelectorMatch { selectors, verdicts: ResourceVerdicts::default(), signature: any_arguments() };
    ScalarUDF::from(udf).call(vec![col("resource_id"), col("resource_attributes")])
}

/// Keeps rows of the table that the text query matches.
pub(crate) fn matched(table: Table, query: TextQuery) -> Expr {
    let (schema, read) = (table.schema(), RecordFields::columns_of(table, &query));
    // No other entry of a set is looked at.
    let keys = RecordFields::keys_of(&query);
    let fields: Vec<_> =
        schema.fields().iter().filter(|field| read.contains(&field.name().as_str())).cloned().collect();
    let column = |name: &str| {
        let is_set = AttributeSet::ALL.into_iter().any(|set| set.column() == name);
        if is_set { entries_of(name, keys.clone()) } else { col(name) }
    };
    let columns = fields.iter().map(|field| column(field.name())).collect();
    let udf = TextMatch { table, query, schema: Arc::new(Schema::new(fields)), signature: any_arguments() };
    ScalarUDF::from(udf).call(columns)
}

/// What is necessary for a row to pass, if the call is one of [`matched`].
pub(crate) fn necessary_of_text_match(call: &ScalarFunctionExpr) -> Option<Necessary> {
    let TextMatch { table, query, .. } = call.fun().inner().downcast_ref()?;
    Some(query.necessary(|field| RecordFields::is_attribute(*table, field)))
}

fn any_arguments() -> Signature {
    // Volatile would keep the optimizer from pushing it towards the scan; the outcome depends on the arguments alone.
    Signature::variadic_any(Volatility::Immutable)
}

#[derive(Debug)]
struct SelectorMatch {
    selectors: Selectors,
    verdicts: ResourceVerdicts,
    signature: Signature,
}

impl ScalarUDFImpl for SelectorMatch {
    fn name(&self) -> &str {
        "selector_match"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ids = arguments.args[0].to_array(arguments.number_rows)?;
        let resources = arguments.args[1].to_array(arguments.number_rows)?;
        let (ids, resources) = (ids.as_primitive::<UInt64Type>(), resources.as_binary_view());
        let mut last = None;
        let verdicts = ids.values().iter().enumerate().map(|(row, id)| match last {
            Some((same, verdict)) if same == *id => Some(verdict),
            _ => {
                let judge = || resource_matches(&self.selectors, Attributes::new(resources.value(row)));
                let verdict = self.verdicts.of(*id, judge);
                last = Some((*id, verdict));
                Some(verdict)
            }
        });
        Ok(ColumnarValue::Array(Arc::new(verdicts.collect::<BooleanArray>())))
    }
}

#[derive(Debug)]
struct TextMatch {
    table: Table,
    query: TextQuery,
    schema: Arc<Schema>,
    signature: Signature,
}

impl ScalarUDFImpl for TextMatch {
    fn name(&self) -> &str {
        "text_match"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let columns: Vec<ArrayRef> =
            arguments.args.iter().map(|argument| argument.to_array(rows)).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let fields = RecordFields::new(self.table, Cells::new(&batch));
        let verdicts = (0..rows).map(|row| Some(self.query.matches(&TextRow { fields: &fields, row })));
        Ok(ColumnarValue::Array(Arc::new(verdicts.collect::<BooleanArray>())))
    }
}

// Two functions are one to the optimizer only if they are the same object: each question has its own.
macro_rules! identity {
    ($udf:ident) => {
        impl PartialEq for $udf {
            fn eq(&self, other: &Self) -> bool {
                std::ptr::eq(self, other)
            }
        }

        impl Eq for $udf {}

        impl Hash for $udf {
            fn hash<H: Hasher>(&self, state: &mut H) {
                std::ptr::from_ref(self).hash(state);
            }
        }
    };
}

identity!(SelectorMatch);
identity!(TextMatch);
