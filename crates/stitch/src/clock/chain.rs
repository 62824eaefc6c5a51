//! Offsets from one host to others, by way of hosts between where two did not call each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use model::UnixNanos;

use super::offset::Offset;
use super::offsets::Offsets;

/// How many offsets may be added up. Errors add up, too, and after four little is certain.
const LINKS_MAX: usize = 4;

/// How many pairs of hosts are looked at for one trace, at some hundred microseconds each. Its hosts mostly call each
/// other, and the search ends when all are found.
const LOOKS_MAX: usize = 512;

/// How many neighbours of one host are looked at, the first by name: a gateway calls everybody.
const NEIGHBOURS_MAX: usize = 64;

impl Offsets {
    /// The clocks of `hosts` less the clock of `from` at an instant, for each of which there is evidence: what the two
    /// called each other, or else the chain of hosts between them with the smallest error, as far as a bounded search
    /// finds one. Errors of a chain add up.
    pub fn from_host(&self, from: &str, hosts: &[&str], at: UnixNanos) -> BTreeMap<Arc<str>, Offset> {
        let mut found = BTreeMap::new();
        let Some(from) = self.known(from) else { return found };
        let wanted: Vec<Arc<str>> = hosts.iter().filter_map(|host| self.known(host)).filter(|to| *to != from).collect();
        for to in &wanted {
            if let Some(offset) = self.direct(&from, to, at) {
                found.insert(Arc::clone(to), offset);
            }
        }
        if wanted.iter().any(|to| !found.contains_key(to)) {
            for (to, offset) in self.reachable(&from, &wanted, at) {
                found.entry(to).or_insert(offset);
            }
        }
        found
    }

    /// Goes on from the host with the smallest error to its neighbours (Dijkstra's algorithm), preferring those that
    /// are wanted.
    fn reachable(&self, from: &Arc<str>, wanted: &[Arc<str>], at: UnixNanos) -> BTreeMap<Arc<str>, Offset> {
        let mut best: BTreeMap<Arc<str>, Offset> = BTreeMap::new();
        let mut settled: BTreeMap<Arc<str>, Offset> = BTreeMap::new();
        let mut looks = 0;
        let mut queue = BinaryHeap::from([Reverse((0i64, Arc::clone(from)))]);
        while let Some(Reverse((error_ns, host))) = queue.pop() {
            if settled.contains_key(&host) || best.get(&host).is_some_and(|best| best.error_ns < error_ns) {
                continue;
            }
            let so_far = best.remove(&host);
            if let Some(so_far) = &so_far {
                settled.insert(Arc::clone(&host), so_far.clone());
            }
            if looks >= LOOKS_MAX || wanted.iter().all(|to| settled.contains_key(to)) {
                break;
            }
            if so_far.as_ref().is_some_and(|so_far| so_far.via.len() + 1 >= LINKS_MAX) {
                continue;
            }
            for to in self.neighbours_to_ask(&host, wanted) {
                if to == *from || settled.contains_key(&to) {
                    continue;
                }
                looks += 1;
                let Some(link) = self.direct(&host, &to, at) else { continue };
                let offset = so_far.as_ref().map_or_else(|| link.clone(), |so_far| so_far.then(&link));
                if best.get(&to).is_none_or(|best| offset.error_ns < best.error_ns) {
                    queue.push(Reverse((offset.error_ns, Arc::clone(&to))));
                    best.insert(to, offset);
                }
            }
        }
        settled
    }

    fn neighbours_to_ask(&self, host: &str, wanted: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut hosts: Vec<Arc<str>> = self.neighbours(host).filter(|to| wanted.contains(to)).map(Arc::clone).collect();
        hosts.extend(self.neighbours(host).filter(|to| !wanted.contains(to)).map(Arc::clone));
        hosts.truncate(NEIGHBOURS_MAX);
        hosts
    }
}
