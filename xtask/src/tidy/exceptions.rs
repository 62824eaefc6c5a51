//! What may break a rule, each with its reason. One that nothing needs any more is a finding itself.

use super::finding::{Finding, Rule};

/// Lifts one rule from one place.
#[derive(Debug)]
pub(super) struct Exception {
    rule: Rule,
    /// A file, or a folder with a trailing slash.
    path: &'static str,
    reason: &'static str,
}

pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception { rule: Rule::Word, path: "xtask/src/tidy/words.rs", reason: "quotes the words that it forbids" },
    Exception { rule: Rule::Name, path: "ui/src/api/types.ts", reason: "the bodies of the native API, for the page" },
];

/// The findings that no exception lifts, and one for each exception that lifts none.
pub(super) fn apply(exceptions: &[Exception], findings: Vec<Finding>) -> Vec<Finding> {
    let lifts = |exception: &Exception, finding: &Finding| {
        let is_in_folder = exception.path.ends_with('/') && finding.path.starts_with(exception.path);
        exception.rule == finding.rule && (exception.path == finding.path || is_in_folder)
    };
    let idle = exceptions.iter().filter(|exception| !findings.iter().any(|finding| lifts(exception, finding)));
    let idle: Vec<Finding> = idle
        .map(|exception| Finding {
            path: "xtask/src/tidy/exceptions.rs".to_owned(),
            line: 1,
            rule: Rule::Exception,
            message: format!("{} needs no exception ({})", exception.path, exception.reason),
            remedy: "delete it",
        })
        .collect();
    let kept = findings.into_iter().filter(|finding| !exceptions.iter().any(|exception| lifts(exception, finding)));
    kept.chain(idle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Exception = Exception { rule: Rule::Name, path: "ui/src/", reason: "a test" };

    fn finding(rule: Rule, path: &str) -> Finding {
        Finding { path: path.to_owned(), line: 1, rule, message: String::new(), remedy: "" }
    }

    #[test]
    fn an_exception_lifts_its_rule_in_its_place_only() {
        let findings = vec![
            finding(Rule::Name, "ui/src/types.ts"),
            finding(Rule::Head, "ui/src/types.ts"),
            finding(Rule::Name, "ui/other.ts"),
        ];
        assert_eq!(apply(&[OPEN], findings.clone()), findings[1..]);
    }

    #[test]
    fn an_idle_exception_is_a_finding() {
        let idle = apply(&[OPEN], Vec::new());
        assert_eq!(idle[0].message, "ui/src/ needs no exception (a test)");
    }
}
