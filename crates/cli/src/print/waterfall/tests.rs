//! The waterfall under load and under attack. What it looks like is in `print/tests.rs`.

use protocol::{Coverage, CriticalPath, PathSection, PathSpan, Scope, Span, SpanStatus, TraceAnswer};

use super::super::colour::Paint;
use super::super::escape::is_hostile;
use super::super::line::width;
use super::super::output::TraceOutput;
use super::*;

fn span(id: usize, depth: u32) -> Span {
    Span {
        span_id: format!("{id:016x}"),
        parent_span_id: None,
        depth,
        marks: Vec::new(),
        name: "work".to_owned(),
        kind: "internal".to_owned(),
        service: "web".to_owned(),
        start_time: "2026-11-24T06:00:00.000000000Z".to_owned(),
        start_offset_ns: 0,
        duration_ns: 1,
        status: SpanStatus { code: "unset".to_owned(), message: String::new() },
        trace_state: String::new(),
        flags: 0,
        attributes: serde_json::Map::new(),
        resource: serde_json::Map::new(),
        scope: Scope::default(),
        events: Vec::new(),
        links: Vec::new(),
        dropped_attributes_count: 0,
        dropped_events_count: 0,
        dropped_links_count: 0,
    }
}

fn trace(spans: Vec<Span>) -> TraceAnswer {
    TraceAnswer {
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        view: "repaired".to_owned(),
        start_time: "2026-11-24T06:00:00.000000000Z".to_owned(),
        duration_ns: 1_000,
        spans,
        repairs: Vec::new(),
        remarks: Vec::new(),
        shifts: Vec::new(),
        critical_path: None,
        logs: Vec::new(),
        services: Vec::new(),
        coverage: Coverage::default(),
    }
}

fn drawn(screen: Screen, trace: &TraceAnswer) -> String {
    let mut out = Vec::new();
    write(&mut out, screen, trace).unwrap();
    String::from_utf8(out).unwrap()
}

const TERMINAL: Screen = Screen { width: Some(80), paint: Paint::Off };

#[test]
fn a_hundred_thousand_spans_are_one_row_each() {
    let spans: Vec<Span> = (0..100_000).map(|id| span(id, u32::from(id > 0))).collect();
    let mut answer = trace(spans);
    answer.critical_path = Some(path_through(100_000));
    let text = drawn(Screen::PIPE, &answer);
    assert_eq!(text.matches("web work").count(), 100_000);
    assert_eq!(text.matches('█').count(), 100_001, "one in the heading");
}

/// A path that has a nanosecond of each span.
fn path_through(spans: usize) -> CriticalPath {
    let span_id = |id: u64| format!("{id:016x}");
    let rows = 0..spans as u64;
    let section = |row| PathSection { span_id: span_id(row), row, start_offset_ns: 0, duration_ns: 1 };
    CriticalPath {
        duration_ns: spans as u64,
        sections: rows.clone().map(section).collect(),
        spans: rows.map(|row| PathSpan { span_id: span_id(row), row, self_ns: 1, share: 0.1 }).collect(),
    }
}

#[test]
fn a_path_that_lies_about_its_rows_and_times_is_drawn_as_far_as_it_goes() {
    let mut answer = trace(vec![span(0, 0)]);
    let mut path = path_through(3);
    path.sections[0].start_offset_ns = i64::MIN;
    path.sections[0].duration_ns = u64::MAX;
    path.spans[0].self_ns = u64::MAX;
    answer.critical_path = Some(path);
    assert_eq!(drawn(Screen::PIPE, &answer).matches("web work").count(), 1);
    for columns in [60, 99, 100, 200] {
        let text = drawn(Screen { width: Some(columns), paint: Paint::Off }, &answer);
        assert!(text.lines().skip(4).all(|line| width(line) <= columns), "{columns}:\n{text}");
    }
}

#[test]
fn ten_thousand_levels_fit_the_screen_and_say_how_deep_they_are() {
    let text = drawn(TERMINAL, &trace((0..10_000).map(|id| span(id, id as u32)).collect()));
    assert!(text.lines().all(|line| width(line) <= 80), "{:?}", text.lines().map(width).max());
    assert!(text.contains("⋯(+9990) web work"), "{}", text.lines().last().unwrap());
}

#[test]
fn no_row_is_wider_than_the_screen_whatever_the_names() {
    let mut spans = vec![span(0, 0), span(1, 1), span(2, 9)];
    spans[0].name = "눈치".repeat(500);
    spans[1].service = "s\u{301}".repeat(500);
    spans[1].marks = vec!["x".repeat(500)];
    spans[2].duration_ns = i64::MIN;
    spans[2].start_offset_ns = i64::MAX;
    for columns in [30, 59, 60, 80, 200] {
        let text = drawn(Screen { width: Some(columns), paint: Paint::Off }, &trace(spans.clone()));
        // The heading may be wider: its figures are never cut.
        assert!(text.lines().skip(4).all(|line| width(line) <= columns), "{columns}:\n{text}");
    }
}

#[test]
fn hostile_text_in_any_field_is_shown_as_signs() {
    let hostile = "\x1b[2J\r\n\u{9b}\u{202e}\u{7f}\t".to_owned();
    let mut spans = vec![span(0, 0)];
    let first = &mut spans[0];
    first.name.clone_from(&hostile);
    first.service.clone_from(&hostile);
    first.marks = vec![hostile.clone()];
    first.status = SpanStatus { code: "error".to_owned(), message: hostile.clone() };
    let mut answer = trace(spans);
    answer.trace_id.clone_from(&hostile);
    answer.start_time.clone_from(&hostile);
    answer.repairs = vec![protocol::Repair {
        kind: hostile.clone(),
        span_ids: vec![hostile.clone(); 9],
        before: hostile.clone(),
        after: hostile.clone(),
        method: hostile.clone(),
        evidence: vec![hostile.clone()],
        confidence: f64::NAN,
    }];
    answer.remarks = vec![protocol::Remark {
        kind: hostile.clone(),
        span_ids: vec![hostile.clone()],
        noticed: hostile.clone(),
        reason: hostile.clone(),
        evidence: vec![hostile.clone()],
    }];
    answer.shifts = vec![protocol::HostShift {
        host: hostile.clone(),
        reference: hostile.clone(),
        shift_ns: i64::MIN,
        error_ns: Some(i64::MIN),
        pairs: 1,
        source: hostile.clone(),
    }];
    answer.services = vec![protocol::TraceService {
        service: hostile.clone(),
        squad: Some(hostile.clone()),
        span_count: 1,
        error_count: 0,
        log_count: Some(0),
    }];
    for screen in [Screen::PIPE, TERMINAL] {
        let mut alone = Vec::new();
        ledger::write(&mut alone, screen, TraceOutput::Waterfall, &answer).unwrap();
        let text = drawn(screen, &answer) + &String::from_utf8(alone).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_hostile(c)), "{text:?}");
    }
}

#[test]
fn a_trace_without_spans_still_tells_its_logs() {
    let mut answer = trace(Vec::new());
    answer.logs = vec![
        serde_json::from_value(serde_json::json!({
            "time": "2026-11-24T06:00:00.000000000Z", "severity": "INFO", "severity_number": 9, "body": "only logged",
            "flags": 0, "service": "audit", "attributes": {}, "resource": {},
            "scope": {"name": "", "version": "", "attributes": {}}, "dropped_attributes_count": 0
        }))
        .unwrap(),
    ];
    let text = drawn(Screen::PIPE, &answer);
    assert!(text.contains("logs without a span\n│ 06:00:00.000 audit INFO  only logged\n"), "{text}");
}
