//! Traces in, stories out: every `testdata/*.case` is run and compared. `UPDATE=1 cargo test -p stitch` rewrites what
//! the cases expect; read the diff.
//!
//! A file holds cases, each opened by `== title`. A case is its input, then what is expected of it:
//!
//! ```text
//! # a remark
//! ID[<PARENT] KIND SERVICE START..END [name=NAME] [host=HOST] [error] [links]
//! log SERVICE TIME [span=ID] [host=HOST]
//! -- stitched
//! ROWS
//! -- repairs
//! REPAIRS
//! -- remarks                       (left out where there are none)
//! REMARKS
//! -- raw
//! ROWS
//! ```
//!
//! Clocks count to the nanosecond in cases, so there is no least difference that one trace tells.
//!
//! An id is 1 to 8 letters or digits; a time is a number of nanoseconds, `min` or `max`; `-` is an empty service. The
//! lines are received from top to bottom. In a row, `#n` tells copies of one id apart: the n-th line of the input.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use model::{SpanId, UnixNanos};
use stitch::{LogMention, Mark, Remark, Repair, Row, Source, SpanInput, SpanKind, Story, Surroundings, Trace};

#[test]
fn every_case_is_stitched_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect("testdata can be listed").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let differing: Vec<String> = files.iter().filter_map(|file| check(file)).collect();
    assert!(differing.is_empty(), "{}\nUPDATE=1 cargo test -p stitch accepts what was found", differing.join("\n"));
}

/// Runs the cases of one file. The first difference, if there is any and it is not to be accepted.
fn check(file: &Path) -> Option<String> {
    let expected = fs::read_to_string(file).expect("a case file can be read");
    let (head, cases) = expected.split_once("== ").expect("a case file has a case");
    let mut found = head.to_owned();
    for (index, case) in cases.split("\n== ").enumerate() {
        let separator = if index == 0 { "" } else { "\n" };
        write!(found, "{separator}== {}", run(case)).expect("writing to a string");
    }
    if found == expected {
        return None;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file, found).expect("a case file can be written");
        return None;
    }
    let first = found.lines().zip(expected.lines().chain(std::iter::repeat(""))).find(|(a, b)| a != b);
    let (found, expected) = first.unwrap_or(("", "more lines"));
    Some(format!("{}:\n  expected {expected}\n  found    {found}", file.display()))
}

/// One case with what it should expect, without its `== `.
fn run(case: &str) -> String {
    let input = case.split_once("\n-- ").map_or(case, |(input, _)| input).trim_end();
    let labels = Labels::of(input);
    let spans: Vec<SpanInput<'_>> = input.lines().enumerate().skip(1).filter_map(|(n, line)| parse(n, line)).collect();
    let mentions: Vec<LogMention<'_>> =
        input.lines().filter_map(|line| line.strip_prefix("log ")).map(mention).collect();
    let surroundings = Surroundings { one_trace_skew_ns_min: 0, ..Surroundings::default() };
    let stitched = stitch::stitch_within(Trace { spans: &spans, mentions: &mentions }, &surroundings);
    let raw = stitch::arrange(&spans);
    assert_eq!(raw.repairs, [], "the raw view repairs nothing");
    format!(
        "{input}\n-- stitched\n{}-- repairs\n{}{}-- raw\n{}",
        write_rows(&stitched, &spans, &labels),
        write_repairs(&stitched.repairs, &labels),
        write_remarks(&stitched.remarks, &labels),
        write_rows(&raw, &spans, &labels)
    )
}

/// The short ids of a case, by the span ids they stand for.
struct Labels(BTreeMap<String, String>);

impl Labels {
    fn of(input: &str) -> Self {
        let ids = input
            .lines()
            .skip(1)
            .filter(|line| is_span(line))
            .flat_map(|line| line.split_whitespace().next().unwrap_or_default().split('<'));
        let logged = input.lines().filter_map(|line| line.strip_prefix("log ")?.split_once("span=")).map(|(_, id)| id);
        let ids = ids.chain(logged.filter_map(|id| id.split_whitespace().next()));
        Self(ids.map(|label| (span_id(label).to_string(), label.to_owned())).collect())
    }

    /// Text with every span id replaced by its short form.
    fn shorten(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
    }
}

fn is_span(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("log ")
}

fn mention(line: &str) -> LogMention<'_> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [service, at, said @ ..] = &words[..] else { panic!("a log record has a service and a time: {line}") };
    let said = |key: &str| said.iter().find_map(|word| word.strip_prefix(key));
    LogMention {
        service: if *service == "-" { "" } else { service },
        host: said("host=").unwrap_or_default(),
        span_id: said("span=").map(span_id),
        time: UnixNanos::new(time(at)),
    }
}

fn parse(number: usize, line: &str) -> Option<SpanInput<'_>> {
    if !is_span(line) {
        return None;
    }
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("a span has an id, a kind, a service and times: {line}"));
    let (id, kind, service, times) = (word(), word(), word(), word());
    let (id, parent) = id.split_once('<').map_or((id, None), |(id, parent)| (id, Some(parent)));
    let (start, end) = times.split_once("..").expect("times are START..END");
    let mut span = SpanInput {
        parent_span_id: parent.map(span_id),
        start: UnixNanos::new(time(start)),
        duration_ns: time(end).saturating_sub(time(start)),
        kind: kind_of(kind),
        service: if service == "-" { "" } else { service },
        name: "work",
        received_order: u64::try_from(number).expect("a line number"),
        ..SpanInput::bare(span_id(id))
    };
    for word in words {
        match word.split_once('=') {
            Some(("name", name)) => span.name = name,
            Some(("host", host)) => span.host = host,
            None if word == "error" => span.is_error = true,
            None if word == "links" => span.has_links = true,
            _ => panic!("{word:?} in {line:?} is none of name=…, host=…, error, links"),
        }
    }
    Some(span)
}

/// The label's letters, filled up with zeros, so that ids sort as their labels do.
fn span_id(label: &str) -> SpanId {
    let mut bytes = [0; SpanId::BYTES];
    bytes[..label.len()].copy_from_slice(label.as_bytes());
    SpanId::from_bytes(&bytes).expect("a label is not empty")
}

fn time(text: &str) -> i64 {
    match text {
        "min" => i64::MIN,
        "max" => i64::MAX,
        number => number.parse().expect("a time is a number, min or max"),
    }
}

fn kind_of(text: &str) -> SpanKind {
    use SpanKind::{Client, Consumer, Internal, Producer, Server, Unspecified};
    let kinds = [Unspecified, Internal, Server, Client, Producer, Consumer];
    kinds.into_iter().find(|kind| kind.as_str() == text).unwrap_or_else(|| panic!("{text:?} is not a kind"))
}

fn write_rows(story: &Story<'_>, spans: &[SpanInput<'_>], labels: &Labels) -> String {
    let mut text = String::new();
    for row in &story.rows {
        let (start, end) = (write_time(row.start), write_time(row.end));
        let marks: Vec<&str> = row.marks.iter().map(Mark::as_str).collect();
        let indent = 2 * usize::try_from(row.depth).expect("a depth");
        let line = format!(
            "{:indent$}{} {} {start}..{end} {}",
            "",
            labels.shorten(&row.span_id.to_string()),
            write_source(row, spans),
            marks.join(" ")
        );
        writeln!(text, "{}", line.trim_end()).expect("writing to a string");
    }
    text
}

fn write_source(row: &Row<'_>, spans: &[SpanInput<'_>]) -> String {
    match row.source {
        Source::Phantom { service } => format!("? {}", service.unwrap_or("?")),
        Source::Logged { service } => format!("log {service}"),
        Source::Arrived(index) => {
            let span = &spans[index];
            let service = if span.service.is_empty() { "-" } else { span.service };
            let copy = if row.has(Mark::Duplicate) || row.has(Mark::SharedSpanId) {
                format!(" #{}", span.received_order)
            } else {
                String::new()
            };
            format!("{} {service}{copy}", span.kind.as_str())
        }
    }
}

fn write_time(time: UnixNanos) -> String {
    match time {
        UnixNanos::MIN => "min".to_owned(),
        UnixNanos::MAX => "max".to_owned(),
        time => time.get().to_string(),
    }
}

fn write_repairs(repairs: &[Repair], labels: &Labels) -> String {
    let mut text = String::new();
    for repair in repairs {
        let ids: String = repair.span_ids.iter().map(|id| format!(" {id}")).collect();
        let (kind, confidence) = (repair.kind.as_str(), repair.confidence);
        writeln!(text, "{kind}{ids}, confidence {confidence}").expect("writing to a string");
        writeln!(text, "  before   {}", repair.before).expect("writing to a string");
        writeln!(text, "  after    {}", repair.after).expect("writing to a string");
        writeln!(text, "  method   {}", repair.method).expect("writing to a string");
        for evidence in &repair.evidence {
            writeln!(text, "  evidence {evidence}").expect("writing to a string");
        }
    }
    labels.shorten(&text)
}

fn write_remarks(remarks: &[Remark], labels: &Labels) -> String {
    let mut text = String::new();
    for Remark { kind, span_ids, noticed, reason, evidence } in remarks {
        let ids: String = span_ids.iter().map(|id| format!(" {id}")).collect();
        writeln!(text, "{}{ids}, not repaired: {}", kind.as_str(), reason.as_str()).expect("writing to a string");
        writeln!(text, "  noticed  {noticed}").expect("writing to a string");
        for evidence in evidence {
            writeln!(text, "  evidence {evidence}").expect("writing to a string");
        }
    }
    let head = if text.is_empty() { "" } else { "-- remarks\n" };
    format!("{head}{}", labels.shorten(&text))
}
