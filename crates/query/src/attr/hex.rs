//! `hex(bytes)`: ids as people write them.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use model::hex;

/// `hex(bytes)`: lower-case hex.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Hex {
    signature: Signature,
}

impl Hex {
    pub(super) fn udf() -> Arc<ScalarUDF> {
        let bytes =
            [DataType::FixedSizeBinary(16), DataType::FixedSizeBinary(8), DataType::BinaryView, DataType::Binary];
        Arc::new(ScalarUDF::from(Self { signature: Signature::uniform(1, bytes.to_vec(), Volatility::Immutable) }))
    }
}

impl ScalarUDFImpl for Hex {
    fn name(&self) -> &str {
        "hex"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let bytes = arguments.args[0].to_array(arguments.number_rows)?;
        let mut texts = StringViewBuilder::with_capacity(bytes.len());
        let mut push = |bytes: Option<&[u8]>| texts.append_option(bytes.map(hex));
        match bytes.data_type() {
            DataType::FixedSizeBinary(_) => bytes.as_fixed_size_binary().iter().for_each(&mut push),
            DataType::BinaryView => bytes.as_binary_view().iter().for_each(&mut push),
            DataType::Binary => bytes.as_binary::<i32>().iter().for_each(&mut push),
            other => return plan_err!("hex: expects bytes, not {other}"),
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}
