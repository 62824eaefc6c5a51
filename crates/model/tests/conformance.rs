//! Runs the label selector vectors: those in the folder that `NUNCHI_CONFORMANCE_DIR` names or, without it, the
//! repository's own of the same shape. Prints `k8s-label-selector passed/total` and each case that fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::{Requirement, RequirementError, Selector};
use serde::Deserialize;

const FOLDER: &str = "k8s-label-selector";
const FILE: &str = "label_selector_cases.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    parse_good: Vec<String>,
    parse_bad: Vec<String>,
    #[serde(rename = "match")]
    matching: Vec<MatchCase>,
    set_selector_parse: Vec<ParseCase>,
    requirement_match: Vec<RequirementMatchCase>,
    requirement_validate: Vec<ValidateCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchCase {
    selector: String,
    labels: BTreeMap<String, String>,
    #[serde(rename = "match")]
    expected: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ParseCase {
    selector: String,
    valid: bool,
    compare_output: bool,
    requirements: Option<Vec<RequirementCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementMatchCase {
    labels: BTreeMap<String, String>,
    requirements: Vec<RequirementCase>,
    #[serde(rename = "match")]
    expected: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementCase {
    key: String,
    op: String,
    values: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ValidateCase {
    key: String,
    op: String,
    values: Vec<String>,
    error_field: Option<String>,
}

fn requirement(key: &str, operator: &str, values: &[String]) -> Result<Requirement, RequirementError> {
    Requirement::new(key, operator.parse()?, values.to_vec())
}

impl RequirementCase {
    fn build(&self) -> Result<Requirement, RequirementError> {
        requirement(&self.key, &self.op, self.values.as_deref().unwrap_or_default())
    }
}

/// Counts cases and keeps a line for each that fails.
#[derive(Default)]
struct Tally {
    total: usize,
    failures: Vec<String>,
}

impl Tally {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, case: &str, found: T, expected: T) {
        self.total += 1;
        if found != expected {
            self.failures.push(format!("{case}: found {found:?}, expected {expected:?}"));
        }
    }

    fn run(&mut self, cases: &Cases) {
        for text in &cases.parse_good {
            // What is read must also survive being written and read again.
            let first = Selector::parse(text).map_err(|error| error.to_string());
            let again = first.clone().map(|selector| selector.to_string());
            let again = again.and_then(|text| Selector::parse(&text).map_err(|error| error.to_string()));
            self.check(&format!("parse_good {text:?}"), again.is_ok() && again == first, true);
        }
        for text in &cases.parse_bad {
            self.check(&format!("parse_bad {text:?}"), Selector::parse(text).is_ok(), false);
        }
        for case in &cases.matching {
            let found = Selector::parse(&case.selector).map(|selector| selector.matches(&case.labels)).ok();
            self.check(&format!("match {:?} {:?}", case.selector, case.labels), found, Some(case.expected));
        }
        for case in &cases.set_selector_parse {
            self.check_requirements(case);
        }
        for (index, case) in cases.requirement_match.iter().enumerate() {
            let requirements: Result<Vec<_>, _> = case.requirements.iter().map(RequirementCase::build).collect();
            let found = requirements.map(|requirements| Selector::new(requirements).matches(&case.labels)).ok();
            self.check(&format!("requirement_match {index} {:?}", case.labels), found, Some(case.expected));
        }
        for ValidateCase { key, op, values, error_field } in &cases.requirement_validate {
            let found = requirement(key, op, values).err().map(|error| error.field());
            self.check(&format!("requirement_validate {key:?} {op} {values:?}"), found, error_field.clone());
        }
    }

    fn check_requirements(&mut self, case: &ParseCase) {
        if !case.compare_output {
            let found = Selector::parse(&case.selector).is_ok();
            return self.check(&format!("set_selector_parse {:?}", case.selector), found, case.valid);
        }
        let found = Selector::parse(&case.selector).map(|selector| selector.requirements().to_vec()).ok();
        let expected =
            case.requirements.iter().flatten().map(RequirementCase::build).collect::<Result<Vec<_>, _>>().ok();
        self.check(&format!("set_selector_parse {:?}", case.selector), found, expected);
    }
}

fn file() -> PathBuf {
    match std::env::var_os("NUNCHI_CONFORMANCE_DIR") {
        Some(folder) => Path::new(&folder).join(FOLDER).join(FILE),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(FILE),
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the tally is what the runner is for")]
fn label_selectors_agree_with_kubernetes() {
    let file = file();
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    let cases: Cases = serde_json::from_str(&text).expect("the file has the six known sections");
    let mut tally = Tally::default();
    tally.run(&cases);
    println!("{FOLDER} {}/{}", tally.total - tally.failures.len(), tally.total);
    for failure in &tally.failures {
        println!("  {failure}");
    }
    assert!(tally.total > 0, "no cases in {}", file.display());
    assert!(tally.failures.is_empty(), "{} of {} cases fail", tally.failures.len(), tally.total);
}
