//! Cases in files: `testdata/{signal}-{what}.json` in, `testdata/{signal}-{what}.rows` out.
//!
//! `UPDATE=1 cargo test -p ingest` writes what is decoded now as what is expected.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use ingest::Decoded;
use model::Signal;

use crate::rows::{decode_json, rows};

#[test]
fn every_case_in_testdata_decodes_to_the_rows_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let input = entry.unwrap().path();
        if input.extension().is_some_and(|extension| extension == "json") {
            check(&input);
            cases += 1;
        }
    }
    assert!(cases >= 8, "{cases} cases in {}", folder.display());
}

#[track_caller]
fn check(input: &Path) {
    let name = input.file_stem().unwrap().to_str().unwrap();
    let signal = Signal::ALL.into_iter().find(|signal| name.starts_with(signal.name())).unwrap();
    let found = match decode_json(signal, &fs::read(input).unwrap()) {
        Ok(decoded) => text(&decoded),
        Err(error) => format!("{error}\n"),
    };
    check_against(&input.with_extension("rows"), name, &found);
}

/// Holds a request that stands in the tests' own code against `testdata/{name}.rows`.
#[track_caller]
pub(crate) fn check_text(name: &str, decoded: &Decoded) {
    let output = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name).with_extension("rows");
    check_against(&output, name, &text(decoded));
}

#[track_caller]
fn check_against(output: &Path, name: &str, found: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(output, found).unwrap();
    }
    let expected = fs::read_to_string(output).unwrap_or_default();
    assert!(found == expected, "{name} became\n{found}\nnot\n{expected}");
}

fn text(decoded: &Decoded) -> String {
    let mut text = rows(decoded).join("\n");
    let Decoded { records, rejected, rejections, marked, newest, .. } = decoded;
    writeln!(text, "\nrecords: {records}, rejected: {rejected}, marked: {marked}").unwrap();
    if let Some(newest) = newest {
        writeln!(text, "newest: {newest}").unwrap();
    }
    if let Some(rejections) = rejections {
        writeln!(text, "rejections: {rejections}").unwrap();
    }
    text
}
