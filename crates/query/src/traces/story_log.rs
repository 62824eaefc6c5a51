//! A log record in a story: when it is shown.

use std::collections::BTreeMap;

use model::UnixNanos;
use stitch::{ClockShift, HOST_KEYS};

use super::story::first_of;
use crate::logs::LogRow;

/// A log record of a trace, in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryLog {
    /// The record as it was sent, with its own time.
    pub record: LogRow,
    /// When the story shows it: its own time, moved as the spans of its host are.
    pub shown: UnixNanos,
}

impl StoryLog {
    /// All records, moved by what their hosts are moved by, in the order in which they are shown. A record whose resource
    /// names no host stays where it is.
    pub(super) fn place_all(records: Vec<LogRow>, shifts: &[ClockShift<'_>]) -> Vec<Self> {
        let shifts: BTreeMap<&str, i64> = shifts.iter().map(|shift| (shift.host, shift.shift_ns)).collect();
        let place = |record: LogRow| {
            let moved_ns = match shifts.is_empty() {
                true => 0,
                false => first_of(&record.resource, &HOST_KEYS).and_then(|host| shifts.get(host)).copied().unwrap_or(0),
            };
            Self { shown: UnixNanos::new(record.time.get().saturating_add(moved_ns)), record }
        };
        let mut placed: Vec<Self> = records.into_iter().map(place).collect();
        placed.sort_by_key(|log| log.shown);
        placed
    }
}

#[cfg(test)]
mod tests {
    use model::Value;
    use stitch::ShiftSource;

    use super::*;
    use crate::logs::ScopeRow;

    fn record(seconds: i64, host: &str) -> LogRow {
        LogRow {
            time: UnixNanos::new(seconds),
            observed_time: None,
            severity: String::new(),
            severity_number: 0,
            severity_text: None,
            body: Value::Null,
            event_name: None,
            trace_id: None,
            span_id: None,
            flags: 0,
            service: String::new(),
            attributes: Vec::new(),
            resource: vec![("k8s.node.name".to_owned(), Value::Text(host.to_owned()))],
            scope: ScopeRow::default(),
            dropped_attributes_count: 0,
            marks: Vec::new(),
        }
    }

    /// Hosts, own times and shown times, in order.
    fn check(shifts: &[(&str, i64)], expected: &[(&str, i64, i64)]) {
        let source = ShiftSource::ManyTraces;
        let shift = |&(host, shift_ns)| ClockShift { host, reference: "a", shift_ns, error_ns: None, pairs: 1, source };
        let shifts: Vec<ClockShift<'_>> = shifts.iter().map(shift).collect();
        let records = [(1, "a"), (2, "b"), (3, "a"), (4, ""), (5, "c")].map(|(at, host)| record(at, host));
        let placed = StoryLog::place_all(records.into(), &shifts);
        let told: Vec<_> = placed
            .iter()
            .map(|log| {
                (first_of(&log.record.resource, &HOST_KEYS).unwrap_or(""), log.record.time.get(), log.shown.get())
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn records_move_with_their_host_and_stand_by_the_time_that_is_shown() {
        check(&[], &[("a", 1, 1), ("b", 2, 2), ("a", 3, 3), ("", 4, 4), ("c", 5, 5)]);
        check(&[("b", 10)], &[("a", 1, 1), ("a", 3, 3), ("", 4, 4), ("c", 5, 5), ("b", 2, 12)]);
        check(&[("c", -5), ("b", -1)], &[("c", 5, 0), ("a", 1, 1), ("b", 2, 1), ("a", 3, 3), ("", 4, 4)]);
        check(&[("b", i64::MAX)], &[("a", 1, 1), ("a", 3, 3), ("", 4, 4), ("c", 5, 5), ("b", 2, i64::MAX)]);
    }
}
