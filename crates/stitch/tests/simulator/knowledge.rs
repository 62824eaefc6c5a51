//! What the traces before taught, damaged like all others.

use model::{TimeRange, UnixNanos};
use stitch::{AddressBook, Holder, Offsets, SpanInput, Surroundings, UsualCallers};

use super::world::World;

/// What is known when a trace is stitched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    offsets: Offsets,
    addresses: AddressBook,
    callers: UsualCallers,
}

impl Knowledge {
    /// Kubernetes knows which pod has which address.
    pub(crate) fn of(world: &World) -> Self {
        let mut knowledge = Self::default();
        for service in &world.services {
            for pod in &service.pods {
                let holder = Holder { service: service.name.clone(), pod: String::new(), during: TimeRange::ALL };
                knowledge.addresses.add(&pod.address, holder);
            }
        }
        knowledge
    }

    pub(crate) fn learn(&mut self, spans: &[SpanInput<'_>], at: i64) {
        self.offsets.learn(spans, UnixNanos::new(at));
        self.callers.learn(spans);
    }

    pub(crate) fn surroundings(&self, at: i64) -> Surroundings<'_> {
        Surroundings {
            offsets: Some(&self.offsets),
            addresses: Some(&self.addresses),
            callers: Some(&self.callers),
            at: Some(UnixNanos::new(at)),
            ..Surroundings::default()
        }
    }
}
