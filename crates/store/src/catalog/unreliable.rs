//! A catalog in memory that fails when a test says so.

use std::sync::Mutex;

use async_trait::async_trait;
use model::UnixNanos;
use wal::Lsn;

use super::{Catalog, CatalogError, CatalogSeq, CatalogState, Edit, Lease, LeaseHolder, LeaseTerm, Partition};

/// Which part of a call fails. Each is told once and then works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A commit changes nothing and says so.
    BeforeCommit,
    /// A commit is done, and reported as failed.
    AfterCommit,
    /// Nothing can be asked.
    Load,
}

/// A catalog with a list of faults to come.
#[derive(Debug)]
pub(crate) struct UnreliableCatalog {
    state: Mutex<CatalogState>,
    leases: Mutex<Leases>,
    faults: Mutex<Vec<Fault>>,
}

/// Leases that are held, with holder and end, and how many were given.
#[derive(Debug, Default)]
struct Leases {
    held: Vec<(Lease, LeaseHolder, UnixNanos)>,
    given: u64,
}

impl UnreliableCatalog {
    /// An empty catalog that will fail in each of these ways once.
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let (seq, wal_floor) = (CatalogSeq::new(0), Lsn::new(0));
        let state = CatalogState { seq, wal_floor, blocks: Vec::new(), pins: Vec::new() };
        Self { state: Mutex::new(state), leases: Mutex::default(), faults: Mutex::new(faults.to_vec()) }
    }

    /// Adds a fault to come.
    pub(crate) fn will_fail(&self, fault: Fault) {
        self.faults.lock().unwrap().push(fault);
    }

    /// Whether it is this fault's turn.
    fn fails(&self, fault: Fault) -> bool {
        let mut faults = self.faults.lock().unwrap();
        let Some(position) = faults.iter().position(|other| *other == fault) else { return false };
        faults.remove(position);
        true
    }

    fn check(&self, lease: &Lease) -> Result<(), CatalogError> {
        let held = self.leases.lock().unwrap().held.iter().any(|(other, ..)| other == lease);
        if held { Ok(()) } else { Err(CatalogError::LeaseLost) }
    }
}

fn failure() -> CatalogError {
    CatalogError::Database("as the test wanted".into())
}

#[async_trait]
impl Catalog for UnreliableCatalog {
    async fn load(&self) -> Result<CatalogState, CatalogError> {
        if self.fails(Fault::Load) { Err(failure()) } else { Ok(self.state.lock().unwrap().clone()) }
    }

    async fn commit(&self, edit: &Edit, expected: CatalogSeq) -> Result<CatalogSeq, CatalogError> {
        if self.fails(Fault::BeforeCommit) {
            return Err(failure());
        }
        let mut state = self.state.lock().unwrap();
        if state.seq != expected {
            return Err(CatalogError::Conflict { expected: expected.get(), found: state.seq.get() });
        }
        if let Some(lease) = &edit.lease {
            self.check(lease)?;
        }
        let mut next = state.clone();
        for id in &edit.unpin {
            let position = next.pins.iter().position(|pin| pin.id == *id);
            next.pins.remove(position.ok_or_else(|| CatalogError::Invalid(format!("there is no pin {id}")))?);
        }
        next.pins.extend(edit.pin.clone());
        for id in &edit.remove {
            let position = next.blocks.iter().position(|block| block.id == *id);
            next.blocks.remove(position.ok_or_else(|| CatalogError::Invalid(format!("block {id} is not live")))?);
        }
        for block in &edit.add {
            if next.blocks.iter().any(|other| other.id == block.id) {
                return Err(CatalogError::Invalid(format!("block {} is live already", block.id)));
            }
            next.blocks.push(block.clone());
        }
        next.wal_floor = edit.wal_floor.unwrap_or(next.wal_floor);
        if next.wal_floor < state.wal_floor {
            return Err(CatalogError::Invalid("the floor would fall".to_owned()));
        }
        next.seq = CatalogSeq::new(state.seq.get() + 1);
        *state = next;
        if self.fails(Fault::AfterCommit) { Err(failure()) } else { Ok(state.seq) }
    }

    async fn acquire_lease(
        &self,
        partition: &Partition,
        holder: LeaseHolder,
        term: LeaseTerm,
    ) -> Result<Option<Lease>, CatalogError> {
        let mut leases = self.leases.lock().unwrap();
        leases.held.retain(|(lease, other, expires)| {
            lease.partition != *partition || (*other != holder && *expires > term.now)
        });
        if leases.held.iter().any(|(lease, ..)| lease.partition == *partition) {
            return Ok(None);
        }
        leases.given += 1;
        let lease = Lease { partition: partition.clone(), token: leases.given };
        leases.held.push((lease.clone(), holder, term.expires));
        Ok(Some(lease))
    }

    async fn renew_lease(&self, lease: &Lease, expires: UnixNanos) -> Result<(), CatalogError> {
        let mut leases = self.leases.lock().unwrap();
        let held = leases.held.iter_mut().find(|(other, ..)| other == lease);
        held.ok_or(CatalogError::LeaseLost)?.2 = expires;
        Ok(())
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), CatalogError> {
        self.leases.lock().unwrap().held.retain(|(other, ..)| other != lease);
        Ok(())
    }
}
