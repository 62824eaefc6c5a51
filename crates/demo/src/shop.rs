//! The shop: which pods there are, and how all of them are opened and closed together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::cluster::Cluster;
use crate::delivery::Delivery;
use crate::directory::Directory;
use crate::fault::Faults;
use crate::pod::{Deployment, Pod};
use crate::queue::Orders;
use crate::rollout;
use crate::service::Running;
use crate::services;

/// Every pod and its node, callers before those whom they call: the order in which ports are given and pods are closed.
///
/// Payment has its node for itself, so that its clock can be wrong alone.
const PODS: [(Deployment, &str); 9] = [
    (Deployment::Web, "node-a"),
    (Deployment::Web, "node-b"),
    (Deployment::Checkout, "node-a"),
    (Deployment::Checkout, "node-b"),
    (Deployment::Payment, "node-c"),
    (Deployment::Inventory, "node-b"),
    (Deployment::Shipping, "node-a"),
    (Deployment::Recommendation, "node-b"),
    (Deployment::Database, "node-a"),
];

/// The place in [`PODS`] of the pod that a bad deploy replaces.
const REPLACEABLE: usize = 3;

/// Nine pods that listen, and the deployer of one of them.
#[derive(Debug)]
pub(crate) struct Shop {
    cluster: Arc<Cluster>,
    pods: Vec<Running>,
    rollout: JoinHandle<Running>,
    stop: CancellationToken,
    table: String,
}

impl Shop {
    /// Opens the shop on the nine ports from `first_port` on, or on free ports if it is 0. Telemetry goes to `endpoint`.
    ///
    /// # Errors
    ///
    /// When the endpoint is not an address, or a port is taken.
    pub(crate) async fn open(endpoint: &str, first_port: u16) -> anyhow::Result<Self> {
        let delivery = Arc::new(Delivery::new(endpoint)?);
        // All ports before any pod, since a pod that does not come to life leaves nothing to be flushed.
        let listeners = listen(first_port).await?;
        let directory = Arc::new(Directory::default());
        let cluster = Arc::new(Cluster { directory, faults: Faults::new(), delivery, orders: Orders::new() });
        let mut pods = Vec::with_capacity(PODS.len());
        for ((deployment, node), listener) in PODS.into_iter().zip(listeners) {
            let pod = Pod::schedule(deployment, deployment.version(), node);
            pods.push(start(pod, listener, &cluster)?);
        }
        let table = pods.iter().map(row).collect();
        let stop = CancellationToken::new();
        let replaceable = pods.remove(REPLACEABLE);
        let rollout = tokio::spawn(rollout::follow(Arc::clone(&cluster), replaceable, stop.clone()));
        Ok(Self { cluster, pods, rollout, stop, table })
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.cluster.faults
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.cluster.directory)
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.cluster.delivery.endpoint()
    }

    /// The address of the first web pod, for somebody who wants to buy something by hand.
    pub(crate) fn door(&self) -> SocketAddr {
        self.pods[0].address()
    }

    /// One line per pod, each ended by a line break.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// Closes the shop from the door inwards, so that no request finds its callee gone, then sends what telemetry is
    /// left.
    pub(crate) async fn close(mut self) {
        self.stop.cancel();
        if let Ok(replaceable) = self.rollout.await {
            self.pods.insert(REPLACEABLE, replaceable);
        }
        for pod in &mut self.pods {
            pod.drain().await;
        }
        self.pods.into_iter().map(Running::close).collect::<JoinSet<()>>().join_all().await;
    }
}

fn start(pod: Pod, listener: TcpListener, cluster: &Cluster) -> anyhow::Result<Running> {
    let deployment = pod.deployment;
    let mut running = Running::start(pod, listener, cluster)?;
    if deployment == Deployment::Shipping {
        running.employ(|service, stop| services::ship(service, cluster.orders.clone(), stop));
    }
    Ok(running)
}

fn row(running: &Running) -> String {
    let pod = running.pod();
    format!("  {:<15} {:<7} http://{:<16} {}\n", pod.deployment.name(), pod.version, running.address(), pod.name)
}

/// Takes one port per pod, from `first_port` on.
async fn listen(first_port: u16) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::with_capacity(PODS.len());
    for place in 0..PODS.len() {
        let port = match first_port {
            0 => 0,
            first => u16::try_from(usize::from(first) + place).context("there are no nine ports from that one on")?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("port {port} of 127.0.0.1 cannot be taken (try another --first-port)"))?;
        listeners.push(listener);
    }
    Ok(listeners)
}
