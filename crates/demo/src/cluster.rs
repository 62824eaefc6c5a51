//! What all pods of a shop stand on.

use std::sync::Arc;

use crate::delivery::Delivery;
use crate::directory::Directory;
use crate::fault::Faults;
use crate::queue::Orders;

/// Shared by every pod; a pod that is replaced finds the same cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Who listens where.
    pub(crate) directory: Arc<Directory>,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// Where telemetry goes.
    pub(crate) delivery: Arc<Delivery>,
    /// The queue from checkout to shipping.
    pub(crate) orders: Orders,
}
