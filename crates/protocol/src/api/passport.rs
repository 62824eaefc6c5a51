//! `GET /api/v1/services/{name}`: all that is known of a service as of a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;
use super::graph::{NodeName, Range, Red};

/// The passport of a service. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PassportAnswer {
    /// `service.name`.
    pub service: String,
    /// The time that is looked back on; its end is the "as of".
    pub range: Range,
    /// Of that, what counts as "now" in every `red_now`, in whole minutes.
    pub window: Range,
    /// The squad that owns it; absent where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Fact>,
    /// Where it is told what to do when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<Fact>,
    /// Where its source code is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Fact>,
    /// How its owner is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Fact>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Fact>,
    /// What else the services file states, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Namespaces and environments in which it was there, the one heard from last first.
    pub places: Vec<ServicePlace>,
    /// What it ran, the one heard from last first.
    pub versions: Vec<ServiceVersion>,
    /// Changes of version, the last first.
    pub deploys: Vec<Deploy>,
    /// Its pods or instances, the one heard from last first.
    pub instances: Vec<ServiceInstance>,
    /// The nodes that it was on, the one heard from last first.
    pub nodes: Vec<ServiceNode>,
    /// All that it was asked in `window`.
    pub red_now: Red,
    /// All that it was asked in `range`.
    pub red: Red,
    /// Of `red`, what nobody is known to have asked: requests from outside, and work that it began by itself.
    pub entries: Red,
    /// The same by operation, those asked for most first.
    pub operations: Vec<ServiceOperation>,
    /// Who asked, those that asked most first.
    pub callers: Vec<Neighbour>,
    /// Whom it asked, those asked most first.
    pub callees: Vec<Neighbour>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// Something that is known, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// What is known.
    pub value: String,
    /// `services_file`, or `attribute` and the key of the resource attribute that says so.
    pub source: String,
}

/// A namespace and an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServicePlace {
    /// `service.namespace`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `deployment.environment.name`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// First heard from, within the time that is looked back on.
    pub since: String,
    /// Last heard from.
    pub last_seen: String,
}

/// A version that was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceVersion {
    /// `service.version`.
    pub version: String,
    /// First heard from, within the time that is looked back on.
    pub since: String,
    /// Last heard from.
    pub last_seen: String,
    /// Distinct pods or instances that ran it.
    pub instances: u64,
}

/// A version was first heard from where others had been, or again after it had gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deploy {
    /// When it was first heard from.
    pub time: String,
    /// `service.version` from then on.
    pub version: String,
    /// The other version that was heard from last until then.
    pub previous: String,
    /// `service.namespace` in which it was deployed; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `deployment.environment.name` in which it was deployed; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// A pod or, without pods, an instance or a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceInstance {
    /// `k8s.pod.name`, `service.instance.id` or `host.name`.
    pub instance: String,
    /// The node or host that it was on; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// `service.version`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `service.namespace`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `deployment.environment.name`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// First heard from, within the time that is looked back on.
    pub since: String,
    /// Last heard from.
    pub last_seen: String,
}

/// A node on which the service was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceNode {
    /// `k8s.node.name` or `host.name`.
    pub node: String,
    /// First heard from, within the time that is looked back on.
    pub since: String,
    /// Last heard from.
    pub last_seen: String,
    /// Distinct pods or instances that were on it.
    pub instances: u64,
}

/// Something that the service was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceOperation {
    /// The span's name.
    pub operation: String,
    /// `new`: first asked for in the last hour, while the service was asked for other things before. `gone`: not asked for
    /// in that hour, while the service was asked for other things. Absent where neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The minute in which it was first asked for, within the time that is looked back on.
    pub since: String,
    /// The minute in which it was last asked for.
    pub last_seen: String,
    /// In `window`.
    pub red_now: Red,
    /// In `range`.
    pub red: Red,
}

/// Who calls the service, or is called by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Neighbour {
    /// Who.
    #[serde(flatten)]
    pub node: NodeName,
    /// In `window`.
    pub red_now: Red,
    /// In `range`.
    pub red: Red,
}
