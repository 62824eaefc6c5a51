//! What is known from outside a trace: clocks, addresses, usual callers, from the digest tables.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Attributes, Table, TenantId, TimeRange, UnixNanos, ValueRef};
use stitch::{AddressBook, Holder, Offsets, Surroundings, UsualCallers};
use store::{AttributeKeys, Block, BlockId, BlockReadError, Snapshot};

use crate::cells::Cells;
use crate::coverage::Coverage;
use crate::digest::learn_offsets;

/// What is known about a time comes from so long before and after it. Offsets of clocks hold for an hour, and a pod that is
/// there is heard from in every flush.
const KNOWN_NANOS: i64 = 3_600_000_000_000;

/// Clocks that are less apart move no span that is not outside its parent, and no sum of two of them does.
const APART_NS_MIN: u64 = 250_000;

/// A pod had its address for so long before it was first heard from, and after it was last.
const HELD_NANOS: i64 = 300_000_000_000;

/// What is read of which tables.
const TABLES: [(Table, &[&str]); 3] = [
    (Table::Clocks, &["time", "host", "other_host", "calls", "refused", "bounds"]),
    (Table::Sightings, &["time", "last_time", "service_name", "resource_attributes"]),
    (Table::Calls, &["time", "caller_kind", "caller", "callee_kind", "callee", "operation", "seen_by", "seen"]),
];

/// What is known about one time.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    offsets: Offsets,
    addresses: AddressBook,
    callers: UsualCallers,
    unread: Vec<Unread>,
}

/// A block that could not be read, so that what it tells is not known.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) table: Table,
    pub(crate) block: BlockId,
    pub(crate) error: BlockReadError,
}

/// A pod at an address: address, service, pod.
type Tenancy = (String, String, String);

impl Knowledge {
    /// From what a snapshot's blocks tell about the time, both ends inclusive, and about an hour before and after. Blocks the
    /// calling thread.
    pub(crate) fn of_blocks(snapshot: &Snapshot, tenant: &TenantId, about: TimeRange) -> Self {
        Self::read(snapshot, tenant, about, &[])
    }

    /// The same, and from what is in the snapshot's memory.
    pub(crate) fn of_all(snapshot: &Snapshot, tenant: &TenantId, about: TimeRange) -> Self {
        let live: Vec<(Table, Arc<RecordBatch>)> = TABLES
            .iter()
            .flat_map(|(table, _)| snapshot.live(tenant, *table).map(move |batch| (*table, Arc::clone(batch))))
            .collect();
        Self::read(snapshot, tenant, about, &live)
    }

    fn read(snapshot: &Snapshot, tenant: &TenantId, about: TimeRange, live: &[(Table, Arc<RecordBatch>)]) -> Self {
        let mut learning = Learning::default();
        for (table, columns) in TABLES {
            for block in snapshot.blocks(tenant, table).iter().filter(|block| is_near(block, about)) {
                if let Err(error) = learning.learn_block(block, columns) {
                    learning.knowledge.unread.push(Unread { table, block: block.meta().id.clone(), error });
                }
            }
        }
        live.iter().for_each(|(table, batch)| learning.learn(*table, batch));
        learning.end()
    }

    /// Says what could not be read.
    pub(crate) fn tell_unread(&self, coverage: &mut Coverage) {
        for Unread { table, block, error } in &self.unread {
            coverage.blocks_failed += 1;
            coverage
                .notes
                .push(format!("block {block} of {table} cannot be read, and what it tells is not known: {error}"));
        }
    }

    /// What could not be read.
    pub(crate) fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// The pairs of hosts whose clocks are apart at a time, by more than [`APART_NS_MIN`]; the smaller name first.
    pub(crate) fn hosts_apart(&self, at: UnixNanos) -> HashSet<(String, String)> {
        let pairs: BTreeSet<(&str, &str)> = self.offsets.windows().map(|(host, other, ..)| (host, other)).collect();
        let is_apart = |(host, other): &(&str, &str)| {
            let offset = self.offsets.between(host, other, at);
            offset.is_some_and(|offset| offset.excludes_zero() && offset.estimate_ns.unsigned_abs() > APART_NS_MIN)
        };
        let apart = pairs.into_iter().filter(is_apart);
        apart.map(|(host, other)| (host.to_owned(), other.to_owned())).collect()
    }

    /// Adds what other calls say of clocks.
    pub(crate) fn learn(&mut self, offsets: &Offsets) {
        self.offsets.merge(offsets);
    }

    /// What is known about a trace that was received at a time.
    pub(crate) fn surroundings(&self, at: UnixNanos) -> Surroundings<'_> {
        Surroundings {
            offsets: Some(&self.offsets),
            addresses: Some(&self.addresses),
            callers: Some(&self.callers),
            at: Some(at),
            ..Surroundings::default()
        }
    }
}

fn is_near(block: &Block, about: TimeRange) -> bool {
    let (first, last) = (about.from.get().saturating_sub(KNOWN_NANOS), about.to.get().saturating_add(KNOWN_NANOS));
    block.meta().max_time.get() >= first && block.meta().min_time.get() <= last
}

/// Bytes of the names of pods and of callers that are held, of each, some hundred thousand of them. What comes beyond is not
/// known.
const NAMES_BYTES_MAX: usize = 16 << 20;

/// Names that are longer are nobody's: those of Kubernetes and of DNS have at most so many bytes.
const NAME_BYTES_MAX: usize = 253;

#[derive(Default)]
struct Learning {
    knowledge: Knowledge,
    tenancies: BTreeMap<Tenancy, (i64, i64)>,
    tenancy_bytes: usize,
    /// Calls by callee, operation and caller.
    calls: BTreeMap<(String, String, String), u64>,
    calls_bytes: usize,
}

impl Learning {
    fn learn_block(&mut self, block: &Block, columns: &[&str]) -> Result<(), BlockReadError> {
        let all = 0..u32::try_from(block.meta().rows).unwrap_or(u32::MAX);
        for batch in block.read(&[all], columns, AttributeKeys::All)? {
            self.learn(block.meta().table, &batch?);
        }
        Ok(())
    }

    fn learn(&mut self, table: Table, batch: &RecordBatch) {
        match table {
            Table::Clocks => learn_offsets(&mut self.knowledge.offsets, batch),
            Table::Sightings => self.learn_addresses(batch),
            _ => self.learn_callers(batch),
        }
    }

    fn learn_addresses(&mut self, batch: &RecordBatch) {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let Some(service) = cells.text("service_name", row) else { continue };
            let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
            let (Some(from), Some(to)) = (cells.time("time", row), cells.time("last_time", row)) else { continue };
            let pod = text_of(resource, "k8s.pod.name").unwrap_or_default();
            if [service, pod].iter().any(|name| name.len() > NAME_BYTES_MAX) {
                continue;
            }
            for address in addresses_of(resource).into_iter().filter(|address| address.len() <= NAME_BYTES_MAX) {
                let tenancy = (address.to_owned(), service.to_owned(), pod.to_owned());
                if !self.tenancies.contains_key(&tenancy) {
                    self.tenancy_bytes += address.len() + service.len() + pod.len();
                    if self.tenancy_bytes > NAMES_BYTES_MAX {
                        return;
                    }
                }
                let during = self.tenancies.entry(tenancy).or_insert((i64::MAX, i64::MIN));
                *during = (during.0.min(from.get()), during.1.max(to.get()));
            }
        }
    }

    fn learn_callers(&mut self, batch: &RecordBatch) {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let text = |column| cells.text(column, row).unwrap_or_default();
            let is_known = text("caller_kind") == "service" && text("callee_kind") == "service";
            let seen = cells.int("seen", row).unwrap_or_default();
            if !is_known || text("seen_by") != "both" || seen <= 0 {
                continue;
            }
            let call = (text("callee").to_owned(), text("operation").to_owned(), text("caller").to_owned());
            if !self.calls.contains_key(&call) {
                self.calls_bytes += call.0.len() + call.1.len() + call.2.len();
                if self.calls_bytes > NAMES_BYTES_MAX {
                    return;
                }
            }
            *self.calls.entry(call).or_default() += seen.unsigned_abs();
        }
    }

    fn end(mut self) -> Knowledge {
        for ((callee, operation, caller), calls) in self.calls {
            self.knowledge.callers.add((&callee, &operation), &caller, calls);
        }
        for ((address, service, pod), (from, to)) in self.tenancies {
            let during = TimeRange {
                from: UnixNanos::new(from.saturating_sub(HELD_NANOS)),
                to: UnixNanos::new(to.saturating_add(HELD_NANOS)),
            };
            self.knowledge.addresses.add(&address, Holder { service, pod, during });
        }
        self.knowledge
    }
}

/// The addresses that belong to the process alone: a pod's own, or without a pod the host's.
fn addresses_of(resource: Attributes<'_>) -> Vec<&str> {
    if let Some(address) = text_of(resource, "k8s.pod.ip") {
        return vec![address];
    }
    match resource.get("host.ip") {
        Some(ValueRef::Text(address)) => vec![address],
        Some(ValueRef::List(list)) if resource.get("k8s.pod.name").is_none() => list
            .iter()
            .filter_map(Result::ok)
            .filter_map(|item| if let ValueRef::Text(text) = item { Some(text) } else { None })
            .collect(),
        _ => Vec::new(),
    }
}

fn text_of<'a>(resource: Attributes<'a>, key: &str) -> Option<&'a str> {
    match resource.get(key) {
        Some(ValueRef::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}
