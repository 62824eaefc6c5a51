//! Who was there: the sightings of one service, as versions, pods, nodes, namespaces and environments.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use datafusion::logical_expr::{col, lit};
use model::{Attributes, TimeRange, UnixNanos, value_text};

use super::deploys::{Deploy, Stay, changes};
use super::facts::{Facts, told};
use crate::cells::Cells;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::resource::instance_of;
use crate::session::View;
use crate::sightings::each_sighting;

/// Resources of a service that are told apart, some 20 MiB of them at most times. Others are left out, and the answer says so.
const RESOURCES_MAX: usize = 10_000;

/// Sightings that are looked at for deploys, 16 MiB of them: a hundred pods for two days.
const SIGHTINGS_MAX: usize = 300_000;

/// Pods, nodes or versions of an answer. Those heard from last are kept, and the answer says so.
const LISTED_MAX: usize = 1_000;

/// Whatever is first heard from within the time asked about may have been there before: so much earlier is looked, too.
const BEFORE: Duration = Duration::from_secs(3_600);

const COLUMNS: [&str; 6] =
    ["time", "last_time", "service_namespace", "deployment_environment", "resource_id", "resource_attributes"];

/// When something was heard from, within the time that is looked back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// First. It may have been there before: what is looked back on begins somewhere.
    pub since: UnixNanos,
    /// Last.
    pub last: UnixNanos,
}

/// One `service.version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSeen {
    /// `service.version`.
    pub version: String,
    /// When.
    pub seen: Seen,
    /// Distinct pods or instances that ran it.
    pub instances: u64,
}

/// A namespace and an environment in which the service was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSeen {
    /// `service.namespace`.
    pub namespace: Option<String>,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
    /// When.
    pub seen: Seen,
}

/// A pod or, without pods, an instance or a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSeen {
    /// `k8s.pod.name`, `service.instance.id` or `host.name`.
    pub name: String,
    /// The node or host that it was on, where that is said.
    pub node: Option<String>,
    /// `service.version` that it ran: one that ran two is listed twice.
    pub version: Option<String>,
    /// `service.namespace`.
    pub namespace: Option<String>,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
    /// When.
    pub seen: Seen,
}

/// A node on which the service was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSeen {
    /// `k8s.node.name` or `host.name`.
    pub name: String,
    /// When.
    pub seen: Seen,
    /// Distinct pods or instances that were on it.
    pub instances: u64,
}

/// All that sightings say of a service.
#[derive(Debug, Default)]
pub(super) struct Presence {
    pub(super) facts: Facts,
    pub(super) places: Vec<PlaceSeen>,
    pub(super) versions: Vec<VersionSeen>,
    pub(super) deploys: Vec<Deploy>,
    pub(super) instances: Vec<InstanceSeen>,
    pub(super) nodes: Vec<NodeSeen>,
    /// What is not all there is.
    pub(super) cut: Vec<&'static str>,
}

/// What is asked of sightings.
pub(super) struct PresenceQuestion<'a> {
    pub(super) service: &'a str,
    pub(super) environment: Option<&'a str>,
    pub(super) range: TimeRange,
}

impl Presence {
    /// From who was seen in the question's time, which is within that of the view; that has to be digested.
    pub(super) async fn of(engine: &Engine, view: &View, question: PresenceQuestion<'_>) -> Result<Self, QueryError> {
        let PresenceQuestion { service, environment, range } = question;
        let mut filter = col("service_name").eq(lit(service));
        if let Some(environment) = environment {
            filter = filter.and(crate::graph::in_environment(environment));
        }
        let earlier = TimeRange { from: range.from.minus(BEFORE), to: range.to };
        let view = View { range: earlier, ..view.clone() };
        let mut sightings = Sightings::default();
        each_sighting(engine, &view, Some(filter), &COLUMNS, |cells, row| sightings.add(cells, row, range.to)).await?;
        Ok(sightings.into_presence(range.from))
    }
}

#[derive(Debug, Default)]
struct Sightings {
    ids: HashMap<u64, usize>,
    resources: Vec<Resource>,
    /// First, last, resource.
    stays: Vec<(i64, i64, usize)>,
    is_cut: bool,
}

#[derive(Debug)]
struct Resource {
    place: (Option<String>, Option<String>),
    version: Option<String>,
    instance: Option<String>,
    node: Option<String>,
    facts: Facts,
    first: i64,
    last: i64,
}

impl Sightings {
    fn add(&mut self, cells: &Cells<'_>, row: usize, to: UnixNanos) {
        let (Some(first), Some(last)) = (cells.time("time", row), cells.time("last_time", row)) else { return };
        // As of `to`, nothing later was known.
        let (first, last) = (first.get(), last.get().min(to.get()));
        let id = cells.uint("resource_id", row).unwrap_or_default();
        let number = match self.ids.get(&id) {
            Some(number) => *number,
            None if self.resources.len() >= RESOURCES_MAX => {
                self.is_cut = true;
                return;
            }
            None => {
                self.resources.push(Resource::read(cells, row));
                self.ids.insert(id, self.resources.len() - 1);
                self.resources.len() - 1
            }
        };
        let resource = &mut self.resources[number];
        (resource.first, resource.last) = (resource.first.min(first), resource.last.max(last));
        if self.stays.len() < SIGHTINGS_MAX {
            self.stays.push((first, last, number));
        } else {
            self.is_cut = true;
        }
    }

    fn into_presence(self, from: UnixNanos) -> Presence {
        let mut presence = Presence { deploys: self.deploys(from), ..Presence::default() };
        let mut heard: Vec<&Resource> = self.resources.iter().filter(|resource| resource.last >= from.get()).collect();
        heard.sort_by_key(|resource| (std::cmp::Reverse(resource.last), resource.first));
        for resource in &heard {
            for (fact, told) in presence.facts.iter_mut().zip(&resource.facts) {
                *fact = fact.take().or_else(|| told.clone());
            }
        }
        let seen = |resource: &Resource| Seen {
            since: UnixNanos::new(resource.first).max(from),
            last: UnixNanos::new(resource.last),
        };
        let name = |resource: &Resource| resource.instance.clone().unwrap_or_default();
        let places = by(&heard, seen, name, |resource| Some(resource.place.clone()));
        let places =
            places.into_iter().map(|((namespace, environment), seen, _)| PlaceSeen { namespace, environment, seen });
        presence.places = places.collect();
        let versions = by(&heard, seen, name, |resource| resource.version.clone());
        let versions = versions.into_iter().map(|(version, seen, instances)| VersionSeen { version, seen, instances });
        presence.versions = versions.collect();
        let nodes = by(&heard, seen, name, |resource| resource.node.clone());
        let nodes = nodes.into_iter().map(|(name, seen, instances)| NodeSeen { name, seen, instances });
        presence.nodes = nodes.collect();
        let instances = by(&heard, seen, name, |resource| {
            Some((resource.instance.clone()?, resource.version.clone(), resource.node.clone(), resource.place.clone()))
        });
        let instances = instances.into_iter().map(|((name, version, node, (namespace, environment)), seen, _)| {
            InstanceSeen { name, node, version, namespace, environment, seen }
        });
        presence.instances = instances.collect();
        presence.cut = presence.shorten();
        presence.cut.extend(
            self.is_cut.then_some("there are more sightings of the service than are looked at: narrow the time range"),
        );
        presence
    }

    fn deploys(&self, from: UnixNanos) -> Vec<Deploy> {
        let mut by_place: BTreeMap<&(Option<String>, Option<String>), Vec<Stay<'_>>> = BTreeMap::new();
        for (first, last, number) in &self.stays {
            let Resource { place, version, instance, .. } = &self.resources[*number];
            let Some(version) = version.as_deref() else { continue };
            let instance = instance.as_deref().unwrap_or_default();
            by_place.entry(place).or_default().push(Stay { first: *first, last: *last, version, instance });
        }
        let mut deploys = Vec::new();
        for ((namespace, environment), stays) in by_place {
            let deployed = changes(stays).into_iter().filter(|(at, ..)| *at >= from.get());
            deploys.extend(deployed.map(|(at, version, previous)| Deploy {
                at: UnixNanos::new(at),
                version: version.to_owned(),
                previous: previous.to_owned(),
                namespace: namespace.clone(),
                environment: environment.clone(),
            }));
        }
        deploys.sort_by_key(|deploy| std::cmp::Reverse(deploy.at));
        deploys
    }
}

impl Presence {
    /// What was cut.
    fn shorten(&mut self) -> Vec<&'static str> {
        let mut cut = Vec::new();
        let Self { versions, deploys, instances, nodes, .. } = self;
        for (length, note) in [
            (versions.len(), "there were more versions than are listed, which are those heard from last"),
            (deploys.len(), "there were more deploys than are listed, which are the last ones"),
            (instances.len(), "there were more pods than are listed, which are those heard from last"),
            (nodes.len(), "there were more nodes than are listed, which are those heard from last"),
        ] {
            cut.extend((length > LISTED_MAX).then_some(note));
        }
        versions.truncate(LISTED_MAX);
        deploys.truncate(LISTED_MAX);
        instances.truncate(LISTED_MAX);
        nodes.truncate(LISTED_MAX);
        cut
    }
}

/// Resources by what `key` says of them: when each was heard from, the last ones first, and of how many instances.
fn by<K: Ord>(
    resources: &[&Resource],
    seen: impl Fn(&Resource) -> Seen,
    instance: impl Fn(&Resource) -> String,
    key: impl Fn(&Resource) -> Option<K>,
) -> Vec<(K, Seen, u64)> {
    let mut groups: BTreeMap<K, (Seen, std::collections::BTreeSet<String>)> = BTreeMap::new();
    for resource in resources {
        let Some(key) = key(resource) else { continue };
        let new = seen(resource);
        let (all, instances) = groups.entry(key).or_insert_with(|| (new, Default::default()));
        *all = Seen { since: all.since.min(new.since), last: all.last.max(new.last) };
        instances.insert(instance(resource));
    }
    let mut groups: Vec<_> =
        groups.into_iter().map(|(key, (seen, instances))| (key, seen, instances.len() as u64)).collect();
    groups.sort_by_key(|(_, seen, _)| std::cmp::Reverse((seen.last, seen.since)));
    groups
}

impl Resource {
    fn read(cells: &Cells<'_>, row: usize) -> Self {
        let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
        let text = |key: &str| resource.get(key).and_then(value_text).filter(|text| !text.is_empty());
        let column = |name: &str| cells.text(name, row).map(str::to_owned);
        Self {
            place: (column("service_namespace"), column("deployment_environment")),
            version: text("service.version"),
            instance: instance_of(resource),
            node: text("k8s.node.name").or_else(|| text("host.name")),
            facts: told(resource),
            first: i64::MAX,
            last: i64::MIN,
        }
    }
}
