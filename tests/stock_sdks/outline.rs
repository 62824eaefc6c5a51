//! A trace as indented lines, so that a test says what it expects as a reader would see it.

use serde_json::Value;

/// What `GET /api/v1/traces/{trace_id}` answered, as lines: each span under its parent, and under each span its status,
/// events and log records, before its children.
///
/// # Panics
///
/// When a span does not stand under the span that it names as its parent, or a log record names no span.
pub(super) fn outline(trace: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    let mut logs = 0;
    for span in list(&trace["spans"]) {
        path.truncate(usize::try_from(span["depth"].as_u64().expect("a depth is a number")).expect("and small"));
        let parent = span["parent_span_id"].as_str();
        assert_eq!(parent, path.last().copied(), "{span} stands under the span above that is less deep");
        let indent = "  ".repeat(path.len());
        let id = text(&span["span_id"]);
        path.push(id);

        let error = if span["status"]["code"] == "error" { " failed" } else { "" };
        lines.push(format!(
            "{indent}{} {} {}{error}",
            text(&span["service"]),
            text(&span["kind"]),
            text(&span["name"])
        ));
        for event in span["events"].as_array().into_iter().flatten() {
            let name = text(&event["name"]);
            lines.push(format!("{indent}  * {name}: {}", text(&event["attributes"]["exception.message"])));
        }
        for log in list(&trace["logs"]).iter().filter(|log| log["span_id"] == id) {
            lines.push(format!("{indent}  - {} {}", text(&log["severity"]), text(&log["body"])));
            logs += 1;
        }
    }
    assert_eq!(logs, list(&trace["logs"]).len(), "every log record stands under a span: {}", trace["logs"]);
    lines
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}
