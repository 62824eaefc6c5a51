//! Critical paths of small traces, as drawings in and sections out; `properties.rs` says what holds for all traces,
//! `large.rs` how they end.

mod large;
mod properties;

use std::collections::BTreeMap;

use model::{SpanId, UnixNanos};
use stitch::{
    CriticalPath, LogMention, SpanInput, SpanKind, Story, Surroundings, Trace, critical_path, critical_paths, stitch,
    stitch_within,
};

/// Checks the paths of a trace. A span is written as `name<parent KIND@service START..END`, spans are separated by
/// `;`; the kind, the service and the parent may be left out. A section is written as `name START..END`, and paths
/// are separated by `|`. A phantom has the name that its children give it.
#[track_caller]
fn check(trace: &str, expected: &str) {
    let spans = parse(trace);
    let story = stitch(&spans);
    let paths: Vec<String> = critical_paths(&story, &spans).iter().map(|path| write(path, &story)).collect();
    assert_eq!(paths.join(" | "), expected);
}

fn parse(trace: &str) -> Vec<SpanInput<'_>> {
    trace.split(';').map(|text| parse_span(text.trim())).collect()
}

fn parse_span(text: &str) -> SpanInput<'_> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, kind, times) = match words[..] {
        [name, times] => (name, "", times),
        [name, kind, times] => (name, kind, times),
        _ => panic!("{text:?} is not a span"),
    };
    let (name, parent) = name.split_once('<').map_or((name, None), |(name, parent)| (name, Some(parent)));
    let (kind, service) = kind.split_once('@').unwrap_or((kind, "web"));
    let (start, end) = times.split_once("..").expect("times are START..END");
    let (start, end) = (time(start), time(end));
    SpanInput {
        parent_span_id: parent.map(span_id),
        start: UnixNanos::new(start),
        duration_ns: end.saturating_sub(start),
        kind: match kind {
            "" => SpanKind::Internal,
            "producer" => SpanKind::Producer,
            "consumer" => SpanKind::Consumer,
            _ => panic!("{kind:?} is not a kind that matters here"),
        },
        service,
        name,
        is_error: name.starts_with("bad"),
        ..SpanInput::bare(span_id(name))
    }
}

fn time(text: &str) -> i64 {
    match text {
        "min" => i64::MIN,
        "max" => i64::MAX,
        number => number.parse().expect("a time is a number, min or max"),
    }
}

/// The name's letters, filled up with zeros.
fn span_id(name: &str) -> SpanId {
    let mut bytes = [0; SpanId::BYTES];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    SpanId::from_bytes(&bytes).expect("a name is not empty")
}

fn write(path: &CriticalPath, story: &Story<'_>) -> String {
    let mut names = BTreeMap::new();
    for row in &story.rows {
        let hex = row.span_id.to_string();
        let letters = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits"));
        names.insert(row.span_id, letters.filter(|&letter| letter != 0).map(char::from).collect::<String>());
    }
    let write_time = |time: UnixNanos| match time {
        UnixNanos::MIN => "min".to_owned(),
        UnixNanos::MAX => "max".to_owned(),
        time => time.get().to_string(),
    };
    let sections = path.sections.iter().map(|section| {
        let name = &names[&story.rows[section.row].span_id];
        format!("{name} {}..{}", write_time(section.from), write_time(section.to))
    });
    sections.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_last_child_to_finish_is_waited_for() {
    check("a 0..100", "a 0..100");
    check("a 0..100; b<a 10..60; c<a 20..80", "a 0..20, c 20..80, a 80..100");
    check("a 0..100; b<a 10..40; c<a 50..80", "a 0..10, b 10..40, a 40..50, c 50..80, a 80..100");
    check(
        "a 0..100; b<a 10..90; c<b 20..80; d<c 30..70",
        "a 0..10, b 10..20, c 20..30, d 30..70, c 70..80, b 80..90, a 90..100",
    );
}

#[test]
fn the_walk_goes_on_before_the_child_that_was_waited_for() {
    check(
        "a 0..1000; slow<a 100..900; early<a 50..99; over<a 60..150; last<a 950..990",
        "a 0..50, early 50..99, a 99..100, slow 100..900, a 900..950, last 950..990, a 990..1000",
    );
}

#[test]
fn touching_siblings_are_one_after_the_other() {
    check("a 0..90; b<a 10..40; c<a 40..80", "a 0..10, b 10..40, c 40..80, a 80..90");
    // However many begin when one ends.
    check("a 0..90; b<a 10..40; c<a 40..80; d<a 40..70", "a 0..10, b 10..40, c 40..80, a 80..90");
}

#[test]
fn a_child_counts_within_its_parent() {
    check("a 0..50; b<a 40..90", "a 0..40, b 40..50");
    check("a 50..100; b<a 0..60", "b 50..60, a 60..100");
    check("a 50..100; b<a 0..200; c<b 60..300", "b 50..60, c 60..100");
    check("a 0..50; b<a 50..90; c<b 0..50", "a 0..50");
    check("a 50..100; b<a 0..50; c<b 50..90", "a 50..100");
}

#[test]
fn a_child_without_length_is_not_waited_for() {
    check("a 0..50; b<a 20..20; c<a 10..30", "a 0..10, c 10..30, a 30..50");
    check("a 0..50; b<a 20..10", "a 0..50");
    check("a 7..7; b<a 7..7", "");
}

#[test]
fn of_children_that_finish_together_the_first_to_start_is_waited_for() {
    check("a 0..50; b<a 20..40; c<a 10..40", "a 0..10, c 10..40, a 40..50");
    check("a 0..50; b<a 20..90; c<a 10..60", "a 0..10, c 10..50");
    check("a 0..50; c<a 10..40; b<a 10..40", "a 0..10, b 10..40, a 40..50");
}

#[test]
fn an_overlap_below_a_hundredth_of_the_parent_is_forgiven() {
    check("a 0..1000; b<a 100..409; c<a 400..900", "a 0..100, b 100..400, c 400..900, a 900..1000");
    check("a 0..1000; b<a 100..410; c<a 400..900", "a 0..400, c 400..900, a 900..1000");
    // What is below the overlap is cut as well.
    check(
        "a 0..1000; b<a 100..409; d<b 200..408; c<a 400..900",
        "a 0..100, b 100..200, d 200..400, c 400..900, a 900..1000",
    );
    check("a 0..1000; b<a 100..409; d<b 402..408; c<a 400..900", "a 0..100, b 100..400, c 400..900, a 900..1000");
    // A third one meanwhile: they run side by side.
    check("a 0..1000; b<a 100..409; c<a 400..900; d<a 405..700", "a 0..400, c 400..900, a 900..1000");
    // One within the other is no order.
    check("a 0..1000; b<a 400..409; c<a 400..900", "a 0..400, c 400..900, a 900..1000");
}

#[test]
fn nobody_waits_for_a_consumer_of_its_message() {
    check("a producer 0..30; b<a consumer 10..20; c<b 12..14", "a 0..30");
    check("a @web 0..30; b<a consumer@mail 10..20", "a 0..30");
    check("a producer 0..30; b<a 10..20", "a 0..10, b 10..20, a 20..30");
    check("a consumer 0..30; b<a consumer 10..20", "a 0..10, b 10..20, a 20..30");
    check("a @ 0..30; b<a consumer@mail 10..20", "a 0..10, b 10..20, a 20..30");
}

#[test]
fn each_tree_has_a_path() {
    check("a 0..10; b 5..20; c<b 5..10", "a 0..10 | c 5..10, b 10..20");
    check("b<gone 5..20; c<gone 30..40", "b 5..20, gone 20..30, c 30..40");
    check("a<b 0..10; b<a 2..8", "a 0..2, b 2..8, a 8..10");
}

#[test]
fn the_ends_of_time_are_times() {
    // A duration has 63 bits, so no span reaches from one end to the other.
    check("a min..max; b<a -5..5; c<a max..max", "a min..-5, b -5..-1");
    check("a 0..max; b<a 5..max; c<b -9..9", "a 0..5, c 5..9, b 9..max");
}

#[test]
fn a_path_may_begin_at_any_span() {
    let spans = parse("a 0..50; b<a 10..90; c<b 20..80; d<a 95..99");
    let story = stitch(&spans);
    let path = critical_path(&story, &spans, 1).expect("there is a row 1");
    // Its own time, not what its parent lets it have.
    assert_eq!(write(&path, &story), "b 10..20, c 20..80, b 80..90");
    assert_eq!(critical_path(&story, &spans, 4), None);
    assert_eq!(critical_path(&story, &spans, usize::MAX), None);
}

#[test]
fn the_time_of_a_path_is_added_up_by_operation() {
    let spans = parse("a @web 0..100; get<a @cart 10..40; get2<a @cart 50..60; bad<get2 @bank 52..58");
    let mut spans = spans;
    spans[2].name = "get";
    let story = stitch(&spans);
    let paths = critical_paths(&story, &spans);
    let times: Vec<(&str, &str, usize, u64, u64)> = paths[0]
        .by_operation(&story, &spans)
        .iter()
        .map(|time| (time.service, time.operation, time.spans, time.self_ns, time.failed_self_ns))
        .collect();
    assert_eq!(times, [("web", "a", 1, 60, 0), ("cart", "get", 2, 34, 0), ("bank", "bad", 1, 6, 6)]);
    assert_eq!((paths[0].duration_ns(), paths[0].share(25)), (100, 0.25));
}

#[test]
fn nobody_is_known_to_have_waited_for_a_service_that_only_logged() {
    let spans = parse("top 0..100; a<top 10..40");
    let mention = |time: i64| LogMention { service: "mail", host: "", span_id: None, time: UnixNanos::new(time) };
    let trace = Trace { spans: &spans, mentions: &[mention(50), mention(90)] };
    let story = stitch_within(trace, &Surroundings::default());
    assert_eq!(story.rows.len(), 3);
    let paths: Vec<String> = critical_paths(&story, &spans).iter().map(|path| write(path, &story)).collect();
    assert_eq!(paths, ["top 0..10, a 10..40, top 40..100"]);
    let alone = Trace { spans: &[], mentions: &[mention(50), mention(90)] };
    let story = stitch_within(alone, &Surroundings::default());
    let time = critical_path(&story, &[], 0).expect("there is a row").by_operation(&story, &[])[0];
    assert_eq!((time.service, time.operation, time.self_ns), ("mail", "", 40));
}
