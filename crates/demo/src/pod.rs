//! Who a process is, in Kubernetes' words: deployment, pod, node, labels.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use rand::RngExt as _;

/// The letters that Kubernetes makes generated names of: no vowels, so that no name says anything by accident.
const NAME_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// One service of the shop, as it is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Deployment {
    Web,
    Checkout,
    Payment,
    Inventory,
    Shipping,
    Recommendation,
    Database,
}

impl Deployment {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Deployment::Web => "web",
            Deployment::Checkout => "checkout",
            Deployment::Payment => "payment",
            Deployment::Inventory => "inventory",
            Deployment::Shipping => "shipping",
            Deployment::Recommendation => "recommendation",
            Deployment::Database => "database",
        }
    }

    /// The instrumentation scope of the service's own code.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Deployment::Web => "shop.web",
            Deployment::Checkout => "shop.checkout",
            Deployment::Payment => "shop.payment",
            Deployment::Inventory => "shop.inventory",
            Deployment::Shipping => "shop.shipping",
            Deployment::Recommendation => "shop.recommendation",
            Deployment::Database => "shop.database",
        }
    }

    /// The version that runs while nobody deploys anything.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Deployment::Web => "3.12.0",
            Deployment::Checkout => "1.4.2",
            Deployment::Payment => "2.0.7",
            Deployment::Inventory => "1.9.1",
            Deployment::Shipping => "0.8.3",
            Deployment::Recommendation => "0.3.0",
            Deployment::Database => "17.2.0",
        }
    }

    const fn tier(self) -> &'static str {
        match self {
            Deployment::Web => "web",
            Deployment::Shipping => "worker",
            Deployment::Database => "data",
            Deployment::Checkout | Deployment::Payment | Deployment::Inventory | Deployment::Recommendation => "api",
        }
    }

    const fn squad(self) -> &'static str {
        match self {
            Deployment::Web | Deployment::Recommendation => "storefront",
            Deployment::Checkout => "orders",
            Deployment::Payment => "payments",
            Deployment::Inventory | Deployment::Shipping => "logistics",
            Deployment::Database => "platform",
        }
    }
}

/// One pod. A pod that is replaced gets a new name and uid, as in Kubernetes.
#[derive(Debug)]
pub(crate) struct Pod {
    pub(crate) deployment: Deployment,
    pub(crate) version: &'static str,
    pub(crate) name: String,
    node: &'static str,
    uid: String,
}

impl Pod {
    /// A new pod of `deployment`, running `version` on `node`.
    pub(crate) fn schedule(deployment: Deployment, version: &'static str, node: &'static str) -> Self {
        let name = format!("{}-{}-{}", deployment.name(), generated_name(10), generated_name(5));
        Self { deployment, version, name, node, uid: generated_uid() }
    }

    pub(crate) const fn node(&self) -> &'static str {
        self.node
    }

    /// What every signal of this pod says about its sender.
    pub(crate) fn resource(&self) -> Resource {
        let deployment = self.deployment;
        Resource::builder_empty()
            .with_detector(Box::new(TelemetryResourceDetector))
            .with_attributes([
                KeyValue::new("service.name", deployment.name()),
                KeyValue::new("service.namespace", "shop"),
                KeyValue::new("service.version", self.version),
                KeyValue::new("service.instance.id", self.uid.clone()),
                KeyValue::new("deployment.environment.name", "demo"),
                KeyValue::new("k8s.cluster.name", "demo"),
                KeyValue::new("k8s.namespace.name", "shop"),
                KeyValue::new("k8s.deployment.name", deployment.name()),
                KeyValue::new("k8s.pod.name", self.name.clone()),
                KeyValue::new("k8s.pod.uid", self.uid.clone()),
                KeyValue::new("k8s.node.name", self.node),
                // The node's name, not the pod's: a clock belongs to a host, and pods on one node share it.
                KeyValue::new("host.name", self.node),
                KeyValue::new("k8s.pod.label.app", deployment.name()),
                KeyValue::new("k8s.pod.label.tier", deployment.tier()),
                KeyValue::new("k8s.pod.label.squad", deployment.squad()),
            ])
            .build()
    }
}

fn generated_name(letters: usize) -> String {
    let mut random = rand::rng();
    (0..letters).map(|_| char::from(NAME_LETTERS[random.random_range(0..NAME_LETTERS.len())])).collect()
}

/// A random (version 4) UUID.
fn generated_uid() -> String {
    let bits = rand::random::<u128>() & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_pod_is_another_pod() {
        let first = Pod::schedule(Deployment::Checkout, "1.4.2", "node-a");
        let second = Pod::schedule(Deployment::Checkout, "1.5.0", "node-a");
        assert_ne!(first.name, second.name);
        assert_ne!(first.uid, second.uid);
        assert!(first.name.starts_with("checkout-"), "{}", first.name);
    }

    #[test]
    fn a_generated_uid_has_the_form_of_a_version_four_uuid() {
        let uid = generated_uid();
        assert_eq!(uid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uid}");
        assert_eq!(&uid[14..15], "4", "{uid}");
        assert!("89ab".contains(&uid[19..20]), "{uid}");
    }
}
