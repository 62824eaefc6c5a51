//! Clocks that one trace shows to be off, as Jaeger's adjuster of clock skew has them.
//!
//! A case gives spans with the start that each has afterwards, and a warning. Nothing is known from other traces in
//! these cases; where something is, our offsets are better informed and the cases do not apply. `maxAdjust` is
//! [`Surroundings::one_trace_skew_ns_max`], and 0 means for both of us that one trace alone moves nothing; there is no least there.
//!
//! Where ours knowingly differs (of a case in which the second, third or fourth shows, the runner says so):
//!
//! - All spans of a host are moved by one offset, in which all of the trace's calls to and from the host have a say.
//!   Jaeger compares each child on another host with its parent anew, so that two subtrees on one host may end up by
//!   two clocks, and the root's host may be moved against the root.
//! - A span that names no host is left alone: whose clock is off cannot be said. Jaeger adjusts it.
//! - A child that began when its parent had ended is left, if no other span tells that a clock is off: it may be that
//!   nobody waited for it. Jaeger moves it into its parent.
//! - A root that began after a child of its own host is shown from that child's start, which is no matter of clocks.
//!   Jaeger leaves it.
//! - Messages and spans with links are not moved into their parents. Jaeger does not look at kinds. No case has one.
//!
//! Warnings are told by what stands for them in our story: a missing parent or a duplicate by its repair, what was not
//! moved by its remark.

use model::{SpanId, UnixNanos};
use serde_json::Value;
use stitch::{RemarkReason, RepairKind, Source, SpanInput, Story, Surroundings, Trace, stitch_within};

use crate::vectors::{Tally, files};

const FOLDER: &str = "jaeger-clock-skew";

const MILLI: i64 = 1_000_000;

#[test]
fn hosts_are_moved_as_jaeger_moves_their_spans() {
    let mut tally = Tally::new(FOLDER);
    for (_, cases) in files(FOLDER) {
        for case in cases.as_array().expect("a file is a list of cases") {
            let description = case["description"].as_str().expect("a case has a description");
            let spans: Vec<SpanInput<'_>> = items(&case["spans"]).iter().zip(0..).map(span).collect();
            let one_trace_skew_ns_max = go_duration(case["maxAdjust"].as_str().expect("a limit"));
            let surroundings =
                Surroundings { one_trace_skew_ns_max, one_trace_skew_ns_min: 0, ..Surroundings::default() };
            let story = stitch_within(Trace::of_spans(&spans), &surroundings);
            let found = (times(case, &spans, &story), has_warning(case, &story));
            let times_expected = match differs(case, &spans) {
                Some((why, ours)) => {
                    println!("{FOLDER}: ours knowingly differs in {description:?}: {why}");
                    ours
                }
                None => expected(case),
            };
            tally.check(description, &found, &(times_expected, true));
        }
    }
    tally.finish();
}

/// Of each span its start and those of its events, in milliseconds: a span moves with all that it has.
type Times = Vec<(i64, Vec<i64>)>;

fn expected(case: &Value) -> Times {
    let times = items(&case["spans"]).iter();
    times.map(|span| (millis(&span["adjustedStartMs"]), all_millis(&span["adjustedEventsMs"]))).collect()
}

/// Where a case lies in one of the differences above: which, and what ours has, each such span where it was.
fn differs(case: &Value, spans: &[SpanInput<'_>]) -> Option<(&'static str, Times)> {
    let jaegers = expected(case).into_iter().zip(items(&case["spans"]));
    let as_sent = |span: &Value| (millis(&span["startMs"]), all_millis(&span["eventsMs"]));
    let is_moved = |span: &Value| span["startMs"] != span["adjustedStartMs"];
    let ends = |parent: &SpanInput<'_>| parent.start.get() + parent.duration_ns;
    let is_alone = |child: &SpanInput<'_>| {
        let parent = spans.iter().find(|parent| Some(parent.span_id) == child.parent_span_id);
        parent.is_some_and(|parent| child.start.get() > ends(parent)) && spans.len() == 2
    };
    let late = |root: &SpanInput<'_>| {
        let below = spans.iter().filter(|child| child.parent_span_id == Some(root.span_id) && child.host == root.host);
        let earliest = below.map(|child| child.start.get()).min().filter(|_| !root.host.is_empty());
        earliest.filter(|&earliest| root.parent_span_id.is_none() && earliest + MILLI < root.start.get())
    };
    if spans.iter().any(|span| late(span).is_some()) {
        let shown = |((start, events), input): ((i64, Vec<i64>), _)| match late(input) {
            Some(earliest) => (earliest / MILLI, events.iter().map(|event| event + earliest / MILLI - start).collect()),
            None => (start, events),
        };
        let ours = expected(case).into_iter().zip(spans).map(shown);
        return Some(("a root that was opened late is shown from its earliest child's start", ours.collect()));
    }
    let moved = || items(&case["spans"]).iter().zip(spans).filter(|(span, _)| is_moved(span)).map(|(_, input)| input);
    let why = if moved().any(|input| input.host.is_empty()) {
        "a span that names no host is left alone"
    } else if moved().any(is_alone) {
        "nobody may have waited for a child that began when its parent had ended"
    } else {
        return None;
    };
    let is_left = |input: &SpanInput<'_>| input.host.is_empty() || is_alone(input);
    let ours = jaegers.zip(spans).map(|((jaegers, span), input)| if is_left(input) { as_sent(span) } else { jaegers });
    Some((why, ours.collect()))
}

fn times(case: &Value, spans: &[SpanInput<'_>], story: &Story<'_>) -> Times {
    let cases = items(&case["spans"]).iter().enumerate();
    cases
        .map(|(index, span)| {
            let row = story.rows.iter().find(|row| row.source == Source::Arrived(index));
            // A copy that is not shown is where it was.
            let moved = row.map_or(0, |row| (row.start.get() - spans[index].start.get()) / MILLI);
            let events = all_millis(&span["eventsMs"]).into_iter().map(|event| event + moved);
            (spans[index].start.get() / MILLI + moved, events.collect())
        })
        .collect()
}

/// Whether the story says what the case's warning says; a case without one asks for nothing.
fn has_warning(case: &Value, story: &Story<'_>) -> bool {
    let warning = case["expectedWarning"].as_str().unwrap_or_default();
    let has = |kind: RepairKind| story.repairs.iter().any(|repair| repair.kind == kind);
    match warning {
        "" => true,
        _ if warning.contains("is not in the trace") || warning.contains("invalid parent") => {
            let named = story.repairs.iter().filter(|repair| repair.kind == RepairKind::MissingParent);
            named.into_iter().any(|repair| warning.contains(&repair.span_ids[0].to_string()))
        }
        _ if warning.contains("duplicate span IDs") => has(RepairKind::DuplicateSpan),
        _ if warning.contains("not applying calculated delta of ") => story.remarks.iter().any(|remark| {
            let RemarkReason::BeyondLimit { shift_ns, limit_ns } = remark.reason else { return false };
            let is_named = limit_ns == 0 || warning.contains(&format!("delta of {} exceeded", in_go(limit_ns)));
            is_named && warning.ends_with(&format!("calculated delta of {}", in_go(shift_ns)))
        }),
        _ => false,
    }
}

fn span<'v>((span, received_order): (&'v Value, u64)) -> SpanInput<'v> {
    SpanInput {
        parent_span_id: id(&span["parentSpanId"]),
        start: UnixNanos::new(millis(&span["startMs"]) * MILLI),
        duration_ns: millis(&span["durationMs"]) * MILLI,
        host: span["host"].as_str().unwrap_or_default(),
        received_order,
        ..SpanInput::bare(id(&span["spanId"]).expect("a span has an id"))
    }
}

/// `None` where all digits are zeros, as on a root.
fn id(value: &Value) -> Option<SpanId> {
    let number = u64::from_str_radix(value.as_str()?, 16).expect("an id is hexadecimal");
    SpanId::from_bytes(&number.to_be_bytes()).ok()
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn millis(value: &Value) -> i64 {
    value.as_i64().expect("times are whole milliseconds")
}

fn all_millis(list: &Value) -> Vec<i64> {
    items(list).iter().map(millis).collect()
}

/// An expression of Go: `0`, `time.Second`, `10 * time.Millisecond`.
fn go_duration(text: &str) -> i64 {
    let units = [
        ("time.Nanosecond", 1),
        ("time.Microsecond", 1_000),
        ("time.Millisecond", MILLI),
        ("time.Second", 1_000 * MILLI),
        ("time.Minute", 60_000 * MILLI),
        ("time.Hour", 3_600_000 * MILLI),
    ];
    let unit = |factor: &str| units.iter().find(|(name, _)| *name == factor).map(|&(_, nanos)| nanos);
    let factors = text.split('*').map(str::trim);
    factors.map(|factor| unit(factor).unwrap_or_else(|| factor.parse().expect("a number or a unit"))).product()
}

/// A duration as Go writes it, of whole milliseconds below a minute.
fn in_go(nanos: i64) -> String {
    let millis = nanos / MILLI;
    if millis.abs() < 1_000 {
        return format!("{millis}ms");
    }
    let fraction = format!("{:03}", millis.abs() % 1_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{}{point}{fraction}s", if millis < 0 { "-" } else { "" }, millis.abs() / 1_000)
}
