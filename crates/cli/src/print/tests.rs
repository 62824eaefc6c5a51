//! Every answer in every form, as a person or a program gets it: `testdata/<answer>.json` in,
//! `testdata/<answer>.<form>` out. `UPDATE_EXPECT=1 cargo test -p cli` writes the expected files anew.

use std::io::{self, Write};
use std::path::PathBuf;

use protocol::LogsAnswer;
use serde::de::DeserializeOwned;

use super::colour::Paint;
use super::graph::GraphList;
use super::logs::LogsPrinter;
use super::output::{GraphOutput, LogsOutput, PromqlOutput, RowsOutput, TraceOutput};
use super::screen::Screen;
use super::{
    clocks, diff, escape, exemplars, graph, journey, labels, ledger, nearby, passport, pins, profile, promql, repairs,
    services, status, top_series, trace, traces,
};

const NARROW: Screen = Screen { width: Some(80), paint: Paint::Off };
const WIDE: Screen = Screen { width: Some(140), paint: Paint::Off };
const PAINTED: Screen = Screen { width: Some(100), paint: Paint::On };

fn sample<A: DeserializeOwned>(answer: &str) -> A {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(answer).with_extension("json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[track_caller]
fn check(file: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    // Whatever the form, nothing hostile but our own line breaks (and, when painted, our own colours) comes out.
    if !file.contains("painted") {
        // A tab in a cell of CSV is kept for the program that reads it.
        let kept: &[char] = if file.ends_with("csv") { &['\n', '\t'] } else { &['\n'] };
        let hostile: String = text.chars().filter(|&c| !kept.contains(&c) && escape::is_hostile(c)).collect();
        assert_eq!(hostile, "", "{file}");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(file);
    expect_test::expect_file![path].assert_eq(&text);
}

#[track_caller]
fn check_logs(file: &str, screen: Screen, output: LogsOutput) {
    let LogsAnswer { logs, coverage, .. } = sample("logs");
    let mut printer = LogsPrinter::new(output, screen);
    check(file, |out| {
        let (first, second) = logs.split_at(3);
        printer.write_page(out, first)?;
        printer.write_page(out, second)?;
        printer.write_end(out, &coverage)
    });
}

#[test]
fn logs_in_every_form() {
    check_logs("logs.pipe.txt", Screen::PIPE, LogsOutput::Table);
    check_logs("logs.narrow.txt", NARROW, LogsOutput::Table);
    check_logs("logs.wide.txt", WIDE, LogsOutput::Table);
    check_logs("logs.raw.txt", Screen::PIPE, LogsOutput::Raw);
    check_logs("logs.ndjson", Screen::PIPE, LogsOutput::Ndjson);
    check_logs("logs.csv", Screen::PIPE, LogsOutput::Csv);
    check_logs("logs.document.json", Screen::PIPE, LogsOutput::Json);
}

#[test]
fn repairs_and_clocks_in_every_form() {
    let (of_repairs, of_clocks) = (sample("repairs"), sample("clocks"));
    for (form, screen, output) in [
        ("narrow.txt", NARROW, RowsOutput::Table),
        ("wide.txt", WIDE, RowsOutput::Table),
        ("pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(&format!("repairs.{form}"), |out| repairs::write(out, screen, output, &of_repairs));
        check(&format!("clocks.{form}"), |out| clocks::write(out, screen, output, &of_clocks));
    }
}

#[test]
fn pages_of_logs_make_one_json_document() {
    let document: serde_json::Value = sample("logs.document");
    let answer: serde_json::Value = sample("logs");
    assert_eq!(document["logs"].as_array().map(Vec::len), answer["logs"].as_array().map(Vec::len));
    assert_eq!(document["coverage"], answer["coverage"]);
}

#[test]
fn no_logs_are_an_empty_document_a_bare_header_or_nothing() {
    for (output, expected) in [
        (LogsOutput::Table, ""),
        (LogsOutput::Raw, ""),
        (LogsOutput::Ndjson, ""),
        (LogsOutput::Csv, "time,observed_time,severity,"),
        (LogsOutput::Json, "{\n\"logs\": [\n],\n\"coverage\": {"),
    ] {
        let mut printer = LogsPrinter::new(output, Screen::PIPE);
        let mut out = Vec::new();
        printer.write_page(&mut out, &[]).unwrap();
        printer.write_end(&mut out, &protocol::Coverage::default()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(expected) && text.is_empty() == expected.is_empty(), "{output:?}: {text}");
    }
}

#[test]
fn traces_in_every_form() {
    for (file, screen, output) in [
        ("traces.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("traces.narrow.txt", NARROW, RowsOutput::Table),
        ("traces.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("traces.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| traces::write(out, screen, output, &sample("traces")));
    }
}

#[test]
fn a_journey_in_every_form() {
    for (file, screen, output) in [
        ("journey.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("journey.narrow.txt", NARROW, RowsOutput::Table),
        ("journey.wide.txt", WIDE, RowsOutput::Table),
        ("journey.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("journey.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| journey::write(out, screen, output, &sample("journey")));
    }
}

#[test]
fn pins_in_every_form() {
    for (file, screen, output) in [
        ("pins.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("pins.narrow.txt", NARROW, RowsOutput::Table),
        ("pins.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("pins.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| pins::write(out, screen, output, &sample("pins")));
    }
}

#[test]
fn services_in_every_form() {
    for (file, screen, output) in [
        ("services.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("services.narrow.txt", NARROW, RowsOutput::Table),
        ("services.painted.txt", PAINTED, RowsOutput::Table),
        ("services.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("services.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| services::write(out, screen, output, &sample("services")));
    }
}

#[test]
fn the_graph_in_every_form() {
    for (file, screen, output, list) in [
        ("graph.pipe.txt", Screen::PIPE, GraphOutput::Table, GraphList::Edges),
        ("graph.narrow.txt", NARROW, GraphOutput::Table, GraphList::Edges),
        ("graph.painted.txt", PAINTED, GraphOutput::Table, GraphList::Edges),
        ("graph.nodes.txt", NARROW, GraphOutput::Table, GraphList::Nodes),
        ("graph.ndjson", Screen::PIPE, GraphOutput::Ndjson, GraphList::Edges),
        ("graph.nodes.ndjson", Screen::PIPE, GraphOutput::Ndjson, GraphList::Nodes),
        ("graph.csv", Screen::PIPE, GraphOutput::Csv, GraphList::Edges),
        ("graph.nodes.csv", Screen::PIPE, GraphOutput::Csv, GraphList::Nodes),
        ("graph.dot", Screen::PIPE, GraphOutput::Dot, GraphList::Edges),
    ] {
        check(file, |out| graph::write(out, screen, output, list, &sample("graph")));
    }
}

#[test]
fn what_has_changed_in_every_form() {
    for (file, screen, output, list) in [
        ("diff.pipe.txt", Screen::PIPE, RowsOutput::Table, GraphList::Edges),
        ("diff.narrow.txt", NARROW, RowsOutput::Table, GraphList::Edges),
        ("diff.nodes.txt", WIDE, RowsOutput::Table, GraphList::Nodes),
        ("diff.ndjson", Screen::PIPE, RowsOutput::Ndjson, GraphList::Edges),
        ("diff.csv", Screen::PIPE, RowsOutput::Csv, GraphList::Edges),
        ("diff.nodes.csv", Screen::PIPE, RowsOutput::Csv, GraphList::Nodes),
    ] {
        check(file, |out| diff::write(out, screen, output, list, &sample("diff")));
    }
}

#[test]
fn a_passport_in_every_form() {
    for (file, screen, output) in [
        ("passport.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("passport.narrow.txt", NARROW, RowsOutput::Table),
        ("passport.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("passport.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| passport::write(out, screen, output, &sample("passport")));
    }
}

#[test]
fn the_value_of_an_expression_in_every_form() {
    for answer in ["promql_vector", "promql_matrix", "promql_scalar"] {
        for (form, screen, output) in [
            ("narrow.txt", NARROW, PromqlOutput::Table),
            ("pipe.txt", Screen::PIPE, PromqlOutput::Table),
            ("csv", Screen::PIPE, PromqlOutput::Csv),
        ] {
            check(&format!("{answer}.{form}"), |out| promql::write(out, screen, output, &sample(answer)));
        }
    }
    for (form, screen) in [("graph.txt", NARROW), ("graph.pipe.txt", Screen::PIPE), ("graph.painted.txt", PAINTED)] {
        check(&format!("promql_matrix.{form}"), |out| {
            promql::write(out, screen, PromqlOutput::Graph, &sample("promql_matrix"))
        });
    }
    // Times keep the form they were sent in.
    let mut out = Vec::new();
    promql::write(&mut out, Screen::PIPE, PromqlOutput::Json, &sample("promql_matrix")).unwrap();
    let sent: serde_json::Value = sample("promql_matrix");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), sent);
}

#[test]
fn what_series_there_are_in_every_form() {
    for (form, screen, output) in [
        ("narrow.txt", NARROW, RowsOutput::Table),
        ("pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(&format!("labels.{form}"), |out| labels::write(out, screen, output, &sample("labels")));
        check(&format!("top_series.{form}"), |out| top_series::write(out, screen, output, &sample("top_series")));
    }
}

#[test]
fn the_status_in_every_form() {
    for (file, screen, output) in [
        ("status.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("status.narrow.txt", NARROW, RowsOutput::Table),
        ("status.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| status::write(out, screen, output, &sample("status")));
    }
}

#[test]
fn one_trace_in_every_form() {
    let narrowest = Screen { width: Some(40), paint: Paint::Off };
    for (file, screen, output) in [
        ("trace.pipe.txt", Screen::PIPE, TraceOutput::Waterfall),
        ("trace.narrow.txt", NARROW, TraceOutput::Waterfall),
        ("trace.narrowest.txt", narrowest, TraceOutput::Waterfall),
        ("trace.wide.txt", WIDE, TraceOutput::Waterfall),
        ("trace.painted.txt", PAINTED, TraceOutput::Waterfall),
        ("trace.ndjson", Screen::PIPE, TraceOutput::Ndjson),
    ] {
        check(file, |out| trace::write(out, screen, output, &sample("trace")));
    }
}

#[test]
fn the_ledger_of_a_trace_in_every_form() {
    for (file, screen, output) in [
        ("ledger.pipe.txt", Screen::PIPE, TraceOutput::Waterfall),
        ("ledger.document.json", Screen::PIPE, TraceOutput::Json),
        ("ledger.ndjson", Screen::PIPE, TraceOutput::Ndjson),
    ] {
        check(file, |out| ledger::write(out, screen, output, &sample("trace")));
    }
    let mut clean: protocol::TraceAnswer = sample("trace");
    (clean.repairs, clean.remarks, clean.shifts) = Default::default();
    check("ledger.clean.txt", |out| ledger::write(out, Screen::PIPE, TraceOutput::Waterfall, &clean));
}

#[test]
fn what_lies_around_a_trace_in_every_form() {
    for (file, screen, output) in [
        ("nearby.pipe.txt", Screen::PIPE, TraceOutput::Waterfall),
        ("nearby.narrow.txt", NARROW, TraceOutput::Waterfall),
        ("nearby.ndjson", Screen::PIPE, TraceOutput::Ndjson),
    ] {
        check(file, |out| nearby::write(out, screen, output, &sample("nearby")));
    }
}

#[test]
fn exemplars_in_every_form() {
    for (file, screen, output) in [
        ("exemplars.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("exemplars.narrow.txt", NARROW, RowsOutput::Table),
        ("exemplars.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("exemplars.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| exemplars::write(out, screen, output, &sample("exemplars")));
    }
}

#[test]
fn a_profile_in_every_form() {
    for (file, screen, output) in [
        ("profile.pipe.txt", Screen::PIPE, RowsOutput::Table),
        ("profile.narrow.txt", NARROW, RowsOutput::Table),
        ("profile.ndjson", Screen::PIPE, RowsOutput::Ndjson),
        ("profile.csv", Screen::PIPE, RowsOutput::Csv),
    ] {
        check(file, |out| profile::write(out, screen, output, &sample("profile")));
    }
}

#[test]
fn a_json_document_is_the_answer_again() {
    let answer: protocol::TraceAnswer = sample("trace");
    let mut out = Vec::new();
    trace::write(&mut out, Screen::PIPE, TraceOutput::Json, &answer).unwrap();
    assert_eq!(serde_json::from_slice::<protocol::TraceAnswer>(&out).unwrap(), answer);
    assert!(!String::from_utf8(out).unwrap().chars().any(|c| c != '\n' && escape::is_hostile(c)));
}
