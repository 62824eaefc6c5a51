//! `POST /api/v1/pins`, `GET /api/v1/pins`, `DELETE /api/v1/pins/{id}`: time that retention leaves alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pin to be made. Times: RFC 3339, unix seconds, or now-1h.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinRequest {
    /// First time, inclusive.
    pub from: String,
    /// Last time, exclusive.
    pub to: String,
    /// Why, for whoever finds it later; at most 1024 bytes.
    pub reason: String,
    /// From this time on the pin holds nothing; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A range of time that retention leaves alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pin {
    /// Its name; never used again.
    pub id: u64,
    /// First time, inclusive, RFC 3339.
    pub from: String,
    /// Last time, exclusive, RFC 3339.
    pub to: String,
    /// Why.
    pub reason: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// From when on it holds nothing, RFC 3339; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// The pins in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PinsAnswer {
    /// Oldest first.
    pub pins: Vec<Pin>,
}
