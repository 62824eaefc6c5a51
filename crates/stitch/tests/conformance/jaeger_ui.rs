//! The sections of critical paths, as Jaeger's page has them.
//!
//! Where ours knowingly differs: of two siblings of which one begins at the very instant at which the other ends,
//! Jaeger's page leaves the earlier one out and gives its time to their parent; so it does with siblings that overlap
//! by less than a hundredth of their parent's time. A consumer below a span of another service that is not a producer
//! is waited for there. No case is about either.

use serde_json::Value;
use stitch::{Source, critical_path, stitch};

use crate::jaeger::JaegerTrace;
use crate::vectors::{Tally, files};

const FOLDER: &str = "jaeger-ui-critical-path";

/// A span and where its section begins and ends, in microseconds.
type Section = (i64, i64, String);

#[test]
fn critical_paths_are_those_of_jaegers_page() {
    let mut tally = Tally::new(FOLDER);
    for (_, cases) in files(FOLDER) {
        for case in cases.as_array().expect("a file is a list of cases") {
            tally.check(case["case"].as_str().expect("a case has a name"), &found(&case["trace"]), &expected(case));
        }
    }
    tally.finish();
}

/// Sections in the order of time. An orphan is a root there, where with us it hangs on a phantom.
fn found(trace: &Value) -> Vec<Section> {
    let trace = JaegerTrace::read(trace);
    let story = stitch(&trace.spans);
    let is_phantom = |row: usize| matches!(story.rows[row].source, Source::Phantom { .. });
    let is_root = |row: &usize| !is_phantom(*row) && story.rows[*row].parent.is_none_or(is_phantom);
    let mut sections = Vec::new();
    for top in (0..story.rows.len()).filter(is_root) {
        let path = critical_path(&story, &trace.spans, top).expect("there is such a row");
        for section in path.sections {
            let id = trace.id(story.rows[section.row].span_id).to_owned();
            sections.push((section.from.get() / 1_000, section.to.get() / 1_000, id));
        }
    }
    sections.sort();
    sections
}

/// The same, from a list with the latest first, in which a span may have two sections without a gap.
fn expected(case: &Value) -> Vec<Section> {
    let sections = case["criticalPathSections"].as_array().expect("a case has sections");
    let time = |section: &Value, key: &str| section[key].as_i64().expect("times are whole numbers");
    let mut sections: Vec<Section> = sections
        .iter()
        .map(|section| {
            let id = section["spanID"].as_str().expect("a section has a span").to_owned();
            (time(section, "sectionStart"), time(section, "sectionEnd"), id)
        })
        .collect();
    sections.sort();
    sections.dedup_by(|next, section| {
        let touches = section.1 == next.0 && section.2 == next.2;
        section.1 = if touches { next.1 } else { section.1 };
        touches
    });
    sections
}
