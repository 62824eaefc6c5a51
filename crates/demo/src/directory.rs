//! Who listens where: what a Kubernetes service does for its pods.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::pod::Deployment;

/// The addresses of all running pods, by deployment.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    deployments: RwLock<HashMap<Deployment, Pods>>,
}

/// The pods of one deployment take turns; each deployment counts for itself, or one pod of two could get every request.
#[derive(Debug, Default)]
struct Pods {
    addresses: Vec<SocketAddr>,
    turn: AtomicUsize,
}

impl Directory {
    /// Adds a pod that is ready for requests.
    pub(crate) fn join(&self, deployment: Deployment, address: SocketAddr) {
        let mut deployments = self.deployments.write().unwrap_or_else(PoisonError::into_inner);
        deployments.entry(deployment).or_default().addresses.push(address);
    }

    /// Removes a pod, so that no new request is sent to it.
    pub(crate) fn leave(&self, deployment: Deployment, address: SocketAddr) {
        let mut deployments = self.deployments.write().unwrap_or_else(PoisonError::into_inner);
        deployments.entry(deployment).or_default().addresses.retain(|other| *other != address);
    }

    /// The pod whose turn it is, or none if the deployment has no pod.
    pub(crate) fn pick(&self, deployment: Deployment) -> Option<SocketAddr> {
        let deployments = self.deployments.read().unwrap_or_else(PoisonError::into_inner);
        let Pods { addresses, turn } = deployments.get(&deployment)?;
        let turn = turn.fetch_add(1, Ordering::Relaxed).checked_rem(addresses.len())?;
        addresses.get(turn).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_of_a_deployment_take_turns_until_they_leave() {
        let (first, second) = (SocketAddr::from(([127, 0, 0, 1], 1)), SocketAddr::from(([127, 0, 0, 1], 2)));
        let directory = Directory::default();
        assert_eq!(directory.pick(Deployment::Web), None);
        directory.join(Deployment::Web, first);
        directory.join(Deployment::Web, second);
        directory.join(Deployment::Database, second);
        for expected in [first, second, first] {
            assert_eq!(directory.pick(Deployment::Database), Some(second));
            assert_eq!(directory.pick(Deployment::Web), Some(expected));
        }
        directory.leave(Deployment::Web, second);
        assert_eq!(directory.pick(Deployment::Web), Some(first));
        directory.leave(Deployment::Web, first);
        assert_eq!(directory.pick(Deployment::Web), None);
    }
}
