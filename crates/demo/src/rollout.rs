//! Deploys checkout's second pod: the bad version while its fault is on, the good one otherwise.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cluster::Cluster;
use crate::fault::{Fault, Switch};
use crate::pod::{Deployment, Pod};
use crate::say::say;
use crate::service::Running;

/// The version of checkout that nobody tested.
pub(crate) const BAD_VERSION: &str = "1.5.0";

/// Keeps `running` at the version that the switch of [`Fault::BadDeploy`] asks for, and returns it after `stop`.
pub(crate) async fn follow(cluster: Arc<Cluster>, mut running: Running, stop: CancellationToken) -> Running {
    loop {
        let position = cluster.faults.position(Fault::BadDeploy);
        let (version, other) = match position {
            Switch::On => (BAD_VERSION, Switch::Off),
            Switch::Off => (Deployment::Checkout.version(), Switch::On),
        };
        if running.pod().version != version {
            running = replace(&cluster, running, version).await;
        }
        tokio::select! {
            () = stop.cancelled() => return running,
            () = cluster.faults.reached(Fault::BadDeploy, other) => {}
        }
    }
}

/// Starts a pod of `version`, and only then stops the old one: a deploy does not lose requests by itself.
///
/// The old pod goes on when the new one cannot start.
async fn replace(cluster: &Cluster, mut old: Running, version: &'static str) -> Running {
    match start(cluster, &old, version).await {
        Ok(new) => {
            say(format_args!("deployed {} as {} on {}", new.pod().name, version, new.address()));
            old.drain().await;
            old.close().await;
            new
        }
        Err(error) => {
            say(format_args!("{} stays: version {version} does not start: {error:#}", old.pod().name));
            old
        }
    }
}

async fn start(cluster: &Cluster, old: &Running, version: &'static str) -> anyhow::Result<Running> {
    // A new pod has a new address, as in Kubernetes; the old one is still taken anyway.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Running::start(Pod::schedule(Deployment::Checkout, version, old.pod().node()), listener, cluster)
}
