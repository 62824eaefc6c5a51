//! The body of `GET /api/v1/services/{name}`.

use protocol::{
    Coverage, Neighbour, PassportAnswer, ServiceInstance, ServiceNode, ServiceOperation, ServicePlace, ServiceVersion,
};
use query::{Deploy, Fact, FactSource, InstanceSeen, NeighbourCalls, NodeSeen, OperationCalls, Passport, PlaceSeen};
use query::{Seen, VersionSeen};

use super::service_graph::{node_name, range_of, red_of};

/// All that is known of a service.
pub(crate) fn passport_answer(passport: &Passport, coverage: Coverage) -> PassportAnswer {
    PassportAnswer {
        service: passport.service.clone(),
        range: range_of(passport.range),
        window: range_of(passport.window),
        owner: passport.owner.as_ref().map(fact),
        runbook: passport.runbook.as_ref().map(fact),
        repository: passport.repository.as_ref().map(fact),
        contact: passport.contact.as_ref().map(fact),
        description: passport.description.as_ref().map(fact),
        labels: passport.labels.clone(),
        places: passport.places.iter().map(place).collect(),
        versions: passport.versions.iter().map(version).collect(),
        deploys: passport.deploys.iter().map(deploy).collect(),
        instances: passport.instances.iter().map(instance).collect(),
        nodes: passport.nodes.iter().map(node).collect(),
        red_now: red_of(&passport.calls.now),
        red: red_of(&passport.calls.all),
        entries: red_of(&passport.entries.all),
        operations: passport.operations.iter().map(operation).collect(),
        callers: passport.callers.iter().map(neighbour).collect(),
        callees: passport.callees.iter().map(neighbour).collect(),
        coverage,
    }
}

fn fact(fact: &Fact) -> protocol::Fact {
    let source = match &fact.source {
        FactSource::ServicesFile => "services_file".to_owned(),
        FactSource::Attribute(key) => format!("attribute {key}"),
    };
    protocol::Fact { value: fact.value.clone(), source }
}

fn times(seen: Seen) -> (String, String) {
    (seen.since.to_string(), seen.last.to_string())
}

fn place(PlaceSeen { namespace, environment, seen }: &PlaceSeen) -> ServicePlace {
    let (since, last_seen) = times(*seen);
    ServicePlace { namespace: namespace.clone(), environment: environment.clone(), since, last_seen }
}

fn version(VersionSeen { version, seen, instances }: &VersionSeen) -> ServiceVersion {
    let (since, last_seen) = times(*seen);
    ServiceVersion { version: version.clone(), since, last_seen, instances: *instances }
}

fn deploy(Deploy { at, version, previous, namespace, environment }: &Deploy) -> protocol::Deploy {
    protocol::Deploy {
        time: at.to_string(),
        version: version.clone(),
        previous: previous.clone(),
        namespace: namespace.clone(),
        environment: environment.clone(),
    }
}

fn instance(instance: &InstanceSeen) -> ServiceInstance {
    let InstanceSeen { name, node, version, namespace, environment, seen } = instance.clone();
    let (since, last_seen) = times(seen);
    ServiceInstance { instance: name, node, version, namespace, environment, since, last_seen }
}

fn node(NodeSeen { name, seen, instances }: &NodeSeen) -> ServiceNode {
    let (since, last_seen) = times(*seen);
    ServiceNode { node: name.clone(), since, last_seen, instances: *instances }
}

fn operation(OperationCalls { operation, calls, seen, change }: &OperationCalls) -> ServiceOperation {
    let (since, last_seen) = times(*seen);
    ServiceOperation {
        operation: operation.clone(),
        change: change.map(|change| change.as_str().to_owned()),
        since,
        last_seen,
        red_now: red_of(&calls.now),
        red: red_of(&calls.all),
    }
}

fn neighbour(NeighbourCalls { node, calls }: &NeighbourCalls) -> Neighbour {
    Neighbour { node: node_name(node), red_now: red_of(&calls.now), red: red_of(&calls.all) }
}
