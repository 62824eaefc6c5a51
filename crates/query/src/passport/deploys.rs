//! Changes of version, as they show in who was there.

use std::collections::HashMap;

use model::UnixNanos;

/// A version that was not heard from for so long comes back when it is heard from again: twice the interval at which SDKs
/// send metrics, which is the least that is heard of a process.
const ABSENT_NANOS: i64 = 120_000_000_000;

/// A version was deployed: it was heard from for the first time where others had been, or again after it had gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// When it was first heard from.
    pub at: UnixNanos,
    /// `service.version` from then on.
    pub version: String,
    /// The other version that was heard from last until then. Its pods may have run on for a while.
    pub previous: String,
    /// `service.namespace` in which it was deployed; `None` where not said.
    pub namespace: Option<String>,
    /// `deployment.environment.name` in which it was deployed; `None` where not said.
    pub environment: Option<String>,
}

/// One version of a service in one place was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stay<'a> {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) version: &'a str,
    /// The pod or instance; empty where not said.
    pub(super) instance: &'a str,
}

/// The two versions that were heard from last, and when: whichever one is left out, the last of the others is here.
#[derive(Clone, Copy, Debug, Default)]
struct HeardLast<'a> {
    newest: Option<(i64, &'a str)>,
    second: Option<(i64, &'a str)>,
}

impl<'a> HeardLast<'a> {
    fn hear(&mut self, last: i64, version: &'a str) {
        let is_newest = self.newest.is_some_and(|(_, newest)| newest == version);
        let place = if is_newest { &mut self.newest } else { &mut self.second };
        *place = (*place).max(Some((last, version)));
        if self.second > self.newest {
            std::mem::swap(&mut self.newest, &mut self.second);
        }
    }

    fn other_than(&self, version: &str) -> Option<(i64, &'a str)> {
        [self.newest, self.second].into_iter().flatten().find(|(_, other)| *other != version)
    }
}

/// When which version was deployed, and which was there before; of stays in one place, in any order. Versions that are
/// there at once, as in a rollout or with a canary, are deployed once each: what is still heard from does not come back.
pub(super) fn changes<'a>(mut stays: Vec<Stay<'a>>) -> Vec<(i64, &'a str, &'a str)> {
    stays.sort_unstable();
    let mut last_of: HashMap<&str, i64> = HashMap::new();
    // A pod that was quiet for a while is still the same; one that ran something else in between is not.
    let mut version_of: HashMap<&str, &str> = HashMap::new();
    let mut heard_last = HeardLast::default();
    let mut changes = Vec::new();
    for Stay { first, last, version, instance } in stays {
        if let Some((other_last, previous)) = heard_last.other_than(version) {
            let is_deployed = match last_of.get(version) {
                None => true,
                Some(mine) => {
                    let is_back = first.saturating_sub(*mine) >= ABSENT_NANOS && other_last > *mine;
                    is_back && version_of.get(instance) != Some(&version)
                }
            };
            if is_deployed {
                changes.push((first, version, previous));
            }
        }
        let mine = last_of.entry(version).or_insert(last);
        *mine = last.max(*mine);
        heard_last.hear(last, version);
        version_of.insert(instance, version);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stays are `version pod from to` in seconds; deploys `second previous>version`.
    #[track_caller]
    fn check(stays: &[&str], expected: &[&str]) {
        const SECOND: i64 = 1_000_000_000;
        let of = |text: &&'static str| {
            let words: Vec<&str> = text.split(' ').collect();
            let time = |word: &str| word.parse::<i64>().unwrap() * SECOND;
            Stay { first: time(words[2]), last: time(words[3]), version: words[0], instance: words[1] }
        };
        let stays: Vec<&'static str> = stays.iter().map(|text| &*text.to_string().leak()).collect();
        let found = changes(stays.iter().map(of).collect());
        let found: Vec<String> = found.iter().map(|(at, new, old)| format!("{} {old}>{new}", at / SECOND)).collect();
        assert_eq!(found, expected, "{stays:?}");
    }

    #[test]
    fn a_version_that_is_new_where_others_were_was_deployed() {
        check(&["1 a 0 60", "1 a 60 120", "1 b 30 90"], &[]);
        // Pods overlap.
        check(&["1 a 0 60", "1 a 60 130", "2 b 100 160", "2 b 160 300"], &["100 1>2"]);
        check(&["1 a 0 60", "2 b 100 160", "3 c 500 600"], &["100 1>2", "500 2>3"]);
    }

    #[test]
    fn a_version_that_comes_back_was_deployed_again() {
        check(&["1 a 0 100", "2 b 90 500", "1 c 480 600"], &["90 1>2", "480 2>1"]);
        // As with stateful sets, whose pods keep their names, and where no instance is named.
        check(&["1 a 0 100", "2 a 110 500", "1 a 510 600"], &["110 1>2", "510 2>1"]);
    }

    #[test]
    fn the_previous_version_is_the_other_that_was_heard_from_last() {
        check(&["1 a 0 500", "2 b 100 200", "3 c 210 220", "2 d 400 450"], &["100 1>2", "210 1>3", "400 1>2"]);
        check(&["1 a 0 60", "2 b 100 160", "3 c 200 260", "1 d 500 600"], &["100 1>2", "200 2>3", "500 3>1"]);
        let beside = ["1 a 0 900", "2 b 100 160", "3 c 200 260", "1 e 300 1000", "3 f 500 600"];
        check(&beside, &["100 1>2", "200 1>3", "500 1>3"]);
    }

    #[test]
    fn a_canary_beside_another_version_was_deployed_once() {
        let beside = ["1 a 0 60", "1 a 60 120", "1 a 120 180", "2 b 30 60", "2 b 60 120", "2 b 120 180", "2 c 150 180"];
        check(&beside, &["30 1>2"]);
        // Both are heard from now and then.
        check(&["1 a 0 1", "2 b 300 301", "1 a 600 601", "2 b 900 901"], &["300 1>2"]);
    }
}
