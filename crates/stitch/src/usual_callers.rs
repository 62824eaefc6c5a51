//! Who usually calls an operation of a service.

use std::collections::BTreeMap;

use crate::SpanInput;
use crate::arrivals::{Arrivals, Parent};

/// Operations that are remembered, of the order of 32 MiB. Services that put ids in their operations' names have more;
/// of those nobody is the usual caller anyway.
pub const OPERATIONS_MAX: usize = 65_536;

/// Callers that are told apart for one operation; what others call counts without a name.
pub const CALLERS_MAX: usize = 16;

/// How often each service called each operation.
#[derive(Clone, Debug, Default)]
pub struct UsualCallers {
    by_service: BTreeMap<String, BTreeMap<String, Callers>>,
    operations: usize,
}

#[derive(Clone, Debug, Default)]
struct Callers {
    calls: u64,
    by_caller: BTreeMap<String, u64>,
}

/// The service that calls an operation most often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualCaller<'k> {
    /// The service.
    pub service: &'k str,
    /// How many calls it made.
    pub calls: u64,
    /// How many calls there were of anybody.
    pub of_calls: u64,
}

impl UsualCallers {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts calls of `operation` of `service` by `caller`. Above [`OPERATIONS_MAX`] a new operation is passed over.
    pub fn add(&mut self, (service, operation): (&str, &str), caller: &str, calls: u64) {
        let is_known = self.by_service.get(service).is_some_and(|operations| operations.contains_key(operation));
        if !is_known {
            if self.operations >= OPERATIONS_MAX {
                return;
            }
            self.operations += 1;
        }
        let operations = self.by_service.entry(service.to_owned()).or_default();
        let callers = operations.entry(operation.to_owned()).or_default();
        callers.calls = callers.calls.saturating_add(calls);
        if let Some(known) = callers.by_caller.get_mut(caller) {
            *known = known.saturating_add(calls);
        } else if callers.by_caller.len() < CALLERS_MAX {
            callers.by_caller.insert(caller.to_owned(), calls);
        }
    }

    /// Counts the calls of one trace: spans that are the receiving side of one, and whose parent arrived.
    pub fn learn(&mut self, spans: &[SpanInput<'_>]) {
        let arrivals = Arrivals::new(spans);
        for (copy, span) in spans.iter().enumerate() {
            if !span.kind.is_receiving() || !arrivals.is_shown(copy) {
                continue;
            }
            let parent = arrivals.client_side(copy).map_or_else(|| arrivals.named_parent(copy), Parent::Arrived);
            if let Parent::Arrived(parent) = parent
                && !spans[parent].service.is_empty()
            {
                self.add((span.service, span.name), spans[parent].service, 1);
            }
        }
    }

    /// Every count: service, operation, caller, calls.
    pub fn counts(&self) -> impl Iterator<Item = (&str, &str, &str, u64)> {
        self.by_service.iter().flat_map(|(service, operations)| {
            operations.iter().flat_map(move |(operation, callers)| {
                callers
                    .by_caller
                    .iter()
                    .map(move |(caller, &calls)| (service.as_str(), operation.as_str(), caller.as_str(), calls))
            })
        })
    }

    /// Who calls an operation most often, if it makes more than half of all calls.
    pub fn usual(&self, service: &str, operation: &str) -> Option<UsualCaller<'_>> {
        let callers = self.by_service.get(service)?.get(operation)?;
        let (caller, &calls) = callers.by_caller.iter().max_by_key(|&(_, calls)| *calls)?;
        let usual = UsualCaller { service: caller, calls, of_calls: callers.calls };
        (calls > callers.calls / 2).then_some(usual)
    }
}
