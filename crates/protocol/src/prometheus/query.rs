//! `query` and `query_range`: values of series at an instant, or at the steps of a range.
//!
//! The server writes these without building them, because an answer may have millions of points; whoever reads them has them
//! as these types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

/// Labels of a series, `__name__` among them.
pub type PromLabels = BTreeMap<String, String>;

/// A value at a time: unix seconds with at most three decimals, and the value as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromPoint(#[schema(value_type = f64)] pub Number, pub String);

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub enum QueryResult {
    /// A value per series.
    Vector(Vec<VectorSample>),
    /// Values per series.
    Matrix(Vec<MatrixSeries>),
    /// A number.
    Scalar(PromPoint),
    /// A text.
    String(PromPoint),
}

/// One series at an instant; it has a value or a histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VectorSample {
    /// Who it is.
    pub metric: PromLabels,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<PromPoint>,
    /// Its native histogram, with its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub histogram: Option<(Number, PromHistogram)>,
}

/// One series over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatrixSeries {
    /// Who it is.
    pub metric: PromLabels,
    /// Its values, ascending in time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<PromPoint>,
    /// Its native histograms with their times, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<Object>>)]
    pub histograms: Vec<(Number, PromHistogram)>,
}

/// A native histogram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromHistogram {
    /// How many observations.
    pub count: String,
    /// Their sum.
    pub sum: String,
    /// Those buckets that have any, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<PromBucket>,
}

/// A bucket: which bounds it includes (0 the upper, 1 the lower, 2 neither, 3 both), the lower and the upper bound, and how
/// many observations lie between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromBucket(pub u8, pub String, pub String, pub String);
