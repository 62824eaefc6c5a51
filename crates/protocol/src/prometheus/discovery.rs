//! What Prometheus has and Nunchi does not: targets it scrapes, rules it evaluates, alerts it sends. Clients ask for them
//! before they show anything, so the lists are there and empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// `targets`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetDiscovery {
    /// None.
    pub active_targets: Vec<Value>,
    /// None.
    pub dropped_targets: Vec<Value>,
    /// None.
    pub dropped_target_counts: BTreeMap<String, u64>,
}

/// `scrape_pools`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScrapePools {
    /// None.
    pub scrape_pools: Vec<String>,
}

/// `rules`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleDiscovery {
    /// None.
    pub groups: Vec<Value>,
}

/// `alerts`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertDiscovery {
    /// None.
    pub alerts: Vec<Value>,
}

/// `alertmanagers`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerDiscovery {
    /// None.
    pub active_alertmanagers: Vec<Value>,
    /// None.
    pub dropped_alertmanagers: Vec<Value>,
}
