//! Who listens where: what a Kubernetes service does for its pods.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::pod::Deployment;

/// The addresses of all running pods, by deployment.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pods: RwLock<HashMap<Deployment, Vec<SocketAddr>>>,
    turn: AtomicUsize,
}

impl Directory {
    /// Adds a pod that is ready for requests.
    pub(crate) fn join(&self, deployment: Deployment, address: SocketAddr) {
        let mut pods = self.pods.write().unwrap_or_else(PoisonError::into_inner);
        pods.entry(deployment).or_default().push(address);
    }

    /// Removes a pod, so that no new request is sent to it.
    pub(crate) fn leave(&self, deployment: Deployment, address: SocketAddr) {
        let mut pods = self.pods.write().unwrap_or_else(PoisonError::into_inner);
        pods.entry(deployment).or_default().retain(|other| *other != address);
    }

    /// The pod whose turn it is, or none if the deployment has no pod.
    pub(crate) fn pick(&self, deployment: Deployment) -> Option<SocketAddr> {
        let pods = self.pods.read().unwrap_or_else(PoisonError::into_inner);
        let pods = pods.get(&deployment).filter(|pods| !pods.is_empty())?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        Some(pods[turn % pods.len()])
    }
}
