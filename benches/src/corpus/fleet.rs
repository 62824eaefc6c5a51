//! Services, their pods, and what a collector in Kubernetes says about them.

use opentelemetry_proto::tonic::resource::v1::Resource;

use super::attribute::text;
use super::dice::Dice;

/// One service: name, namespace, tier, squad, language, pods.
const SERVICES: [(&str, &str, &str, &str, &str, u64); 8] = [
    ("web", "shop", "frontend", "storefront", "nodejs", 4),
    ("checkout", "shop", "backend", "payments", "java", 4),
    ("payment", "shop", "backend", "payments", "go", 3),
    ("inventory", "shop", "backend", "logistics", "python", 3),
    ("shipping", "logistics", "worker", "logistics", "java", 2),
    ("recommendation", "discovery", "backend", "discovery", "python", 3),
    ("search", "discovery", "backend", "discovery", "go", 3),
    ("orders-db-proxy", "data", "database", "platform", "rust", 2),
];

/// Nodes that pods run on.
const NODES: u64 = 6;

/// Every pod of every service.
#[derive(Debug)]
pub(crate) struct Fleet {
    pods: Vec<Pod>,
}

/// One running copy of a service.
#[derive(Debug)]
pub(crate) struct Pod {
    pub(crate) service: &'static str,
    pub(crate) resource: Resource,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        let replicas = SERVICES.iter().flat_map(|service| (0..service.5).map(move |replica| (service, replica)));
        Self { pods: replicas.enumerate().map(|(number, (service, _))| pod(service, number as u64)).collect() }
    }

    /// The pods, those of one service together.
    pub(crate) fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// Index of the pod of the service that takes request number `request`.
    pub(crate) fn pod_of(&self, service: usize, request: u64) -> usize {
        let before: u64 = SERVICES[..service].iter().map(|service| service.5).sum();
        (before + request % SERVICES[service].5) as usize
    }
}

fn pod(service: &(&'static str, &str, &str, &str, &str, u64), number: u64) -> Pod {
    let (name, namespace, tier, squad, language, _) = *service;
    let mut dice = Dice::new("pod", number);
    // A deployment's pods share the hash of its template.
    let template = Dice::new(name, 0).below(0xffff_ffff);
    let pod = format!("{name}-{template:x}-{:05x}", dice.below(0xf_ffff));
    let uid = format!("{:08x}-4c1e-4a5b-9d2f-{:012x}", dice.below(0xffff_ffff), dice.below(0xffff_ffff_ffff));
    let node = format!("ip-10-0-{}-{}.eu-central-1.compute.internal", number % NODES, 17 + number % NODES);
    let attributes = vec![
        text("service.name", name),
        text("service.namespace", namespace),
        text("service.version", format!("2.{}.{}", template % 40, template % 9)),
        text("service.instance.id", uid.clone()),
        text("deployment.environment.name", "production"),
        text("k8s.cluster.name", "eu-central-1-a"),
        text("k8s.namespace.name", namespace),
        text("k8s.deployment.name", name),
        text("k8s.pod.name", pod.clone()),
        text("k8s.pod.uid", uid),
        text("k8s.node.name", node),
        text("k8s.container.name", name),
        text("k8s.pod.label.app", name),
        text("k8s.pod.label.tier", tier),
        text("k8s.pod.label.squad", squad),
        text("container.image.name", format!("registry.example.com/{namespace}/{name}")),
        text("host.name", pod),
        text("telemetry.sdk.name", "opentelemetry"),
        text("telemetry.sdk.language", language),
        text("telemetry.sdk.version", "1.38.0"),
    ];
    Pod { service: name, resource: Resource { attributes, ..Resource::default() } }
}
