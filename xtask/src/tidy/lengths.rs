//! Lines per file and per function: what one can hold in mind, and what fits on a screen.

use super::finding::{Finding, Rule};
use super::repository::{Repository, SourceFile};
use super::rust_text::RustText;

/// Including its tests; a file that needs more holds a second noun.
const FILE_LINES_MAX: usize = 600;

/// From `fn` to the closing brace.
const FUNCTION_LINES_MAX: usize = 70;

pub(super) fn check(repository: &Repository, findings: &mut Vec<Finding>) {
    let is_ours = |file: &&SourceFile| matches!(file.extension(), "rs" | "ts" | "tsx") && !file.is_generated();
    for file in repository.files().iter().filter(is_ours) {
        check_file(file, findings);
    }
    for file in repository.rust_files() {
        check_functions(file, findings);
    }
}

fn check_file(file: &SourceFile, findings: &mut Vec<Finding>) {
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        findings.push(Finding {
            path: file.path.clone(),
            line: FILE_LINES_MAX + 1,
            rule: Rule::FileLength,
            message: format!("{lines} lines in one file, {FILE_LINES_MAX} at most"),
            remedy: "find the second noun in it and give that its own file",
        });
    }
}

fn check_functions(file: &SourceFile, findings: &mut Vec<Finding>) {
    let text = RustText::new(&file.text);
    for function in functions(&text) {
        let (first, last) = (text.line(function.start), text.line(function.end));
        let lines = last - first + 1;
        if lines > FUNCTION_LINES_MAX {
            findings.push(Finding {
                path: file.path.clone(),
                line: first,
                rule: Rule::FunctionLength,
                message: format!("{lines} lines in fn {}, {FUNCTION_LINES_MAX} at most", function.name),
                remedy: "name the steps and make each a function",
            });
        }
    }
}

/// One function with a body; both offsets are inside it: its `fn` and its closing brace.
struct Function<'a> {
    name: &'a str,
    start: usize,
    end: usize,
}

fn functions<'a>(text: &'a RustText<'_>) -> Vec<Function<'a>> {
    let code = text.code();
    let mut functions = Vec::new();
    for start in text.words("fn") {
        let rest = code[start + "fn".len()..].trim_start();
        let name = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
        // No name: a function pointer, or `fn $name` in a macro, whose body is counted where it is written.
        if !name.is_empty()
            && let Some(open) = body(code, start)
        {
            functions.push(Function { name, start, end: text.close_of(open).min(code.len().saturating_sub(1)) });
        }
    }
    functions
}

/// The offset of the brace that opens the body of the function at `start`; a declaration has none.
fn body(code: &str, start: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let mut findings = Vec::new();
        super::check(&Repository::of(&[(path, text)]), &mut findings);
        let found: Vec<String> =
            findings.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_may_have_six_hundred_lines_and_no_more() {
        check("a.rs", &"//\n".repeat(600), &[]);
        check("a.rs", &"//\n".repeat(601), &["601: 601 lines in one file, 600 at most"]);
        check("a.tsx", &"//\n".repeat(700), &["601: 700 lines in one file, 600 at most"]);
        check("a.json", &"\n".repeat(700), &[]);
    }

    #[test]
    fn a_function_may_have_seventy_lines_and_no_more() {
        let function = |lines: usize| format!("\nfn f(x: [u8; 2]) -> u8 {{\n{}}}\n", "    x;\n".repeat(lines - 2));
        check("a.rs", &function(70), &[]);
        check("a.rs", &function(71), &["2: 71 lines in fn f, 70 at most"]);
    }

    #[test]
    fn braces_in_strings_and_comments_do_not_end_a_function() {
        let hidden = "    x('}', \"}\", r#\"}\"#); // }\n".repeat(80);
        check("a.rs", &format!("fn f<'a>() {{\n{hidden}}}\n"), &["1: 82 lines in fn f, 70 at most"]);
        check("a.rs", &format!("fn f() {{\n{}}}\nfn g() {{}}\n", "    x(\"{\");\n".repeat(60)), &[]);
    }

    #[test]
    fn declarations_and_pointers_have_no_length() {
        check("a.rs", &format!("trait T {{\n    fn f(&self);\n{}}}\n", "    // doc\n".repeat(80)), &[]);
        check("a.rs", &format!("type F = fn(u8) -> u8;\nstruct S {{\n{}}}\n", "    // doc\n".repeat(80)), &[]);
    }
}
