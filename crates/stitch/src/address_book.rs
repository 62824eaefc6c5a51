//! Which service had an address at a time. Kubernetes gives an address to the next pod when its last one is gone.

use std::collections::BTreeMap;

use model::{TimeRange, UnixNanos};

/// Addresses that are remembered, of the order of 32 MiB; those of a large cluster for some days.
pub const ADDRESSES_MAX: usize = 65_536;

/// Holders that are remembered of one address, the latest.
pub const HOLDERS_MAX: usize = 16;

/// Who held which address when.
#[derive(Clone, Debug, Default)]
pub struct AddressBook {
    by_address: BTreeMap<String, Vec<Holder>>,
}

/// A pod that had an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its service.
    pub service: String,
    /// Its name; empty where not known.
    pub pod: String,
    /// When it had the address.
    pub during: TimeRange,
}

impl AddressBook {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one holder. Above [`HOLDERS_MAX`] of one address the one that was gone first is forgotten; above
    /// [`ADDRESSES_MAX`] the address is not remembered, and `false` is returned.
    pub fn add(&mut self, address: &str, holder: Holder) -> bool {
        if self.by_address.len() >= ADDRESSES_MAX && !self.by_address.contains_key(address) {
            return false;
        }
        let holders = self.by_address.entry(address.to_owned()).or_default();
        holders.push(holder);
        if holders.len() > HOLDERS_MAX {
            holders.sort_by_key(|holder| holder.during.to);
            holders.remove(0);
        }
        true
    }

    /// Forgets holders that were gone by `before`.
    pub fn forget(&mut self, before: UnixNanos) {
        for holders in self.by_address.values_mut() {
            holders.retain(|holder| holder.during.to > before);
        }
        self.by_address.retain(|_, holders| !holders.is_empty());
    }

    /// Who had the address at an instant. `None` where nobody is known to, or pods of several services are: those on
    /// their node's network share its address.
    pub fn holder(&self, address: &str, at: UnixNanos) -> Option<&Holder> {
        let mut holders = self.by_address.get(address)?.iter().filter(|holder| holder.during.contains(at));
        let holder = holders.next()?;
        holders.all(|other| other.service == holder.service).then_some(holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(service: &str, from: i64, to: i64) -> Holder {
        let during = TimeRange { from: UnixNanos::new(from), to: UnixNanos::new(to) };
        Holder { service: service.to_owned(), pod: String::new(), during }
    }

    #[test]
    fn an_address_belongs_to_who_had_it_then_and_to_nobody_if_several_did() {
        let mut book = AddressBook::new();
        book.add("10.0.0.1", holder("web", 0, 10));
        book.add("10.0.0.1", holder("cart", 10, 20));
        book.add("10.0.0.1", holder("stock", 15, 20));
        let service = |at| book.holder("10.0.0.1", UnixNanos::new(at)).map(|holder| holder.service.as_str());
        assert_eq!(
            [service(-1), service(9), service(10), service(15), service(20)],
            [None, Some("web"), Some("cart"), None, None]
        );
        assert_eq!(book.holder("10.0.0.2", UnixNanos::new(5)), None);
    }

    #[test]
    fn of_one_address_the_latest_holders_are_remembered() {
        let mut book = AddressBook::new();
        for n in 0..100 {
            book.add("10.0.0.1", holder("web", n, n + 1));
        }
        assert_eq!(book.holder("10.0.0.1", UnixNanos::new(80)), None);
        assert!(book.holder("10.0.0.1", UnixNanos::new(99)).is_some());
        book.forget(UnixNanos::new(100));
        assert_eq!(book.holder("10.0.0.1", UnixNanos::new(99)), None);
    }
}
