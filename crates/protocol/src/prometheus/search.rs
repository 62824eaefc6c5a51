//! `search/…`: names and values that look like what was typed, as lines of JSON: batches, then one trailer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PromStatus;

/// Some of the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchBatch<T> {
    /// In the order asked for.
    pub results: Vec<T>,
    /// Something is probably wrong with the answer; only in the first batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchTrailer {
    /// Always `success`.
    pub status: PromStatus,
    /// Whether the limit left any out.
    pub has_more: bool,
}

/// A metric's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundMetric {
    /// The name.
    pub name: String,
    /// How well it fits, 0 to 1; where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Its type; empty where it was not asked for, or is not known. So are the others.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it measures, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// In what unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

/// A label's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundName {
    /// The name.
    pub name: String,
    /// How well it fits, 0 to 1; where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// A label's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundValue {
    /// The value.
    pub value: String,
    /// How well it fits, 0 to 1; where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}
