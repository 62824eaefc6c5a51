//! Self times on critical paths by operation, as CRISP has them ("exclusive" there).
//!
//! Compared is `opTimeExclusive`. What a file says besides is not about the path: how much work there was, and what
//! would be saved if failing calls took no time.
//!
//! Where ours knowingly differs: two siblings that overlap by less than a hundredth of their parent's time are one
//! after the other for both of us. CRISP then counts the overlap for both siblings, and takes it from their parent's
//! own time to make up for it; with us an instant belongs to one span. Such a case passes if our path goes through
//! the right spans, and CRISP's way of counting gives CRISP's times for them.
//!
//! CRISP is told the service and operation to look at, S1 and O1 in all files, and begins at the first such span.

use std::collections::BTreeMap;

use serde_json::Value;
use stitch::{CriticalPath, Source, SpanInput, Story, critical_path, stitch};

use crate::jaeger::JaegerTrace;
use crate::vectors::{Tally, files};

const FOLDER: &str = "crisp-critical-path";

/// Microseconds by `[service] operation`; operations without time are left out.
type Times = BTreeMap<String, i64>;

#[test]
fn self_times_are_those_of_crisp() {
    let mut tally = Tally::new(FOLDER);
    for (name, file) in files(FOLDER) {
        let Some(expected) = expected(&file["testing"]) else { continue };
        let trace = JaegerTrace::read(&file["data"][0]);
        let story = stitch(&trace.spans);
        let Some(path) = first(&story, &trace.spans).and_then(|top| critical_path(&story, &trace.spans, top)) else {
            tally.check(&name, &Times::new(), &expected);
            continue;
        };
        let ours = self_times(&path, &story, &trace.spans);
        let found = if siblings_overlap(&path, &story) { times_as_crisp(&path, &story, &trace.spans) } else { ours };
        tally.check(&name, &found, &expected);
    }
    tally.finish();
}

/// `None` if the file expects nothing. The oldest files have a list instead of an object with several results.
fn expected(testing: &Value) -> Option<Times> {
    let times = testing.get("opTimeExclusive").or_else(|| testing.get(0))?.as_object()?;
    let times = times.iter().map(|(key, time)| (key.clone(), time.as_i64().expect("times are whole numbers")));
    Some(times.filter(|(_, time)| *time != 0).collect())
}

/// The first row of the operation that CRISP is told to look at or, without one, the first.
fn first(story: &Story<'_>, spans: &[SpanInput<'_>]) -> Option<usize> {
    let is_named = |row: &usize| key(*row, story, spans) == "[S1] O1";
    (0..story.rows.len()).find(is_named).or((!story.rows.is_empty()).then_some(0))
}

fn self_times(path: &CriticalPath, story: &Story<'_>, spans: &[SpanInput<'_>]) -> Times {
    let times = path.by_operation(story, spans).into_iter();
    let times = times.map(|time| (format!("[{}] {}", time.service, time.operation), micros(time.self_ns)));
    times.filter(|(_, time)| *time != 0).collect()
}

/// For each span of the path its time within its parent's, less the same of those children that are on the path.
fn times_as_crisp(path: &CriticalPath, story: &Story<'_>, spans: &[SpanInput<'_>]) -> Times {
    let mut times = Times::new();
    for (row, (from, to)) in windows(path, story) {
        *times.entry(key(row, story, spans)).or_default() += micros(from.abs_diff(to));
        if let Some(parent) = story.rows[row].parent.filter(|_| row != path.top) {
            *times.entry(key(parent, story, spans)).or_default() -= micros(from.abs_diff(to));
        }
    }
    times.retain(|_, time| *time != 0);
    times
}

/// What of each span on the path lies within its parent.
fn windows(path: &CriticalPath, story: &Story<'_>) -> BTreeMap<usize, (i64, i64)> {
    let mut windows: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    for span in &path.spans {
        let row = &story.rows[span.row];
        let (start, end) = (row.start.get(), row.end.get());
        let parent = row.parent.and_then(|parent| windows.get(&parent));
        windows.insert(span.row, parent.map_or((start, end), |&(from, to)| (start.max(from), end.min(to))));
    }
    windows
}

/// Whether two siblings on the path share an instant, so that it is counted in two ways.
fn siblings_overlap(path: &CriticalPath, story: &Story<'_>) -> bool {
    let mut siblings: Vec<(Option<usize>, (i64, i64))> =
        windows(path, story).into_iter().map(|(row, window)| (story.rows[row].parent, window)).collect();
    siblings.sort_unstable();
    siblings.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1.1 > pair[1].1.0)
}

fn key(row: usize, story: &Story<'_>, spans: &[SpanInput<'_>]) -> String {
    match story.rows[row].source {
        Source::Arrived(span) => format!("[{}] {}", spans[span].service, spans[span].name),
        Source::Phantom { service } => format!("[{}] ", service.unwrap_or_default()),
        Source::Logged { service } => format!("[{service}] "),
    }
}

fn micros(nanos: u64) -> i64 {
    i64::try_from(nanos / 1_000).expect("the times of a case are short")
}
