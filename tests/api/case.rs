//! A question and what its answer must contain.
//!
//! ```yaml
//! - name: words are found whatever their case
//!   ask: GET /api/v1/logs
//!   parameters: {q: connection REFUSED}
//!   expect:
//!     status: 200                        # which is what is expected when nothing is said
//!     headers: {content-type: application/json}
//!     body: {logs: [{body: Connection refused by bank}]}
//! ```
//!
//! `body` is JSON that the answer must contain: of an object the members named, of a list every element, in order. A
//! text that begins with `~` need only be found in the answer's, and `null` stands for a member that is not there.
//! `text` is the whole body, literally; `says` are words that it must contain.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use testkit::{Api, Reply};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    ask: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    expect: Expectation,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    text: Option<String>,
    #[serde(default)]
    says: Vec<String>,
}

fn ok() -> u16 {
    200
}

impl Case {
    /// All cases of a file.
    pub(super) fn read(path: &Path) -> Vec<Self> {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Asks, and says what is wrong with the answer.
    pub(super) async fn run(&self, api: &Api) -> Result<(), String> {
        let (method, path) = self.ask.split_once(' ').expect("a method and a path");
        let method: Method = method.parse().expect("a method");
        let mut request = api.request(method, path).query(&self.parameters);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        let reply = api.send(request).await;
        self.expect.check(&reply).map_err(|problem| format!("{problem}\n    {} {}", reply.status, reply.text))
    }
}

impl Expectation {
    fn check(&self, reply: &Reply) -> Result<(), String> {
        let Self { status, headers, body, text, says } = self;
        if reply.status.as_u16() != *status {
            return Err(format!("status {} instead of {status}", reply.status));
        }
        for (name, value) in headers {
            contains(value.as_str().into(), &reply.header(name).into(), name)?;
        }
        if let Some(text) = text
            && reply.text != *text
        {
            return Err(format!("the body is not {text:?}"));
        }
        if let Some(words) = says.iter().find(|words| !reply.text.contains(words.as_str())) {
            return Err(format!("the body does not say {words:?}"));
        }
        match body {
            Some(body) => contains(body.clone(), &reply.json(), "body"),
            None => Ok(()),
        }
    }
}

/// Whether the answer contains what is expected at this place.
fn contains(expected: Value, answer: &Value, place: &str) -> Result<(), String> {
    let differs = || Err(format!("{place} is {answer} instead of {expected}"));
    match (&expected, answer) {
        (Value::Object(members), Value::Object(_)) => {
            for (key, value) in members {
                contains(value.clone(), answer.get(key).unwrap_or(&Value::Null), &format!("{place}.{key}"))?;
            }
            Ok(())
        }
        (Value::Array(elements), Value::Array(answers)) => {
            if elements.len() != answers.len() {
                return Err(format!("{place} has {} elements instead of {}: {answer}", answers.len(), elements.len()));
            }
            let mut pairs = elements.iter().zip(answers).enumerate();
            pairs.try_for_each(|(index, (element, answer))| {
                contains(element.clone(), answer, &format!("{place}[{index}]"))
            })
        }
        (Value::String(text), Value::String(answer)) => match text.strip_prefix('~') {
            Some(part) if answer.contains(part) => Ok(()),
            None if text == answer => Ok(()),
            _ => differs(),
        },
        // 3 and 3.0 are the same number to whoever reads the answer.
        (Value::Number(number), Value::Number(answer)) if number == answer || number.as_f64() == answer.as_f64() => {
            Ok(())
        }
        (expected, answer) if expected == answer => Ok(()),
        _ => differs(),
    }
}

#[test]
fn a_part_is_contained_and_a_difference_is_found() {
    #[track_caller]
    fn check(expected: Value, answer: Value, problem: Option<&str>) {
        let found = contains(expected, &answer, "body").err();
        assert_eq!(found.as_deref().map(|found| found.split(" instead").next().unwrap_or_default()), problem);
    }
    use serde_json::json;
    check(json!({"a": 1}), json!({"a": 1, "b": 2}), None);
    check(json!({"a": null}), json!({"b": 2}), None);
    check(json!({"a": null}), json!({"a": 2}), Some("body.a is 2"));
    check(json!([1, 2]), json!([1]), Some("body has 1 elements"));
    check(json!([{"a": "~bc"}]), json!([{"a": "abcd"}]), None);
    check(json!([{"a": "bc"}]), json!([{"a": "abcd"}]), Some("body[0].a is \"abcd\""));
    check(json!(3), json!(3.0), None);
    check(json!("3"), json!(3), Some("body is 3"));
}
