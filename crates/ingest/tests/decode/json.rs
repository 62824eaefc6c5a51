//! Every rule of OTLP's JSON dialect.

use ingest::DecodeErrorKind;
use model::Signal;

use crate::rows::{cell, decode_json};

fn request(log: &[u8]) -> Vec<u8> {
    let start = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","#;
    [start, log, b"}]}]}]}"].concat()
}

/// A log record with these members has this cell.
#[track_caller]
fn check(log: impl AsRef<[u8]>, column: &str, expected: Option<&str>) {
    let decoded = decode_json(Signal::Logs, &request(log.as_ref())).unwrap();
    assert_eq!(cell(&decoded, 0, column).as_deref(), expected);
}

#[track_caller]
fn check_error(log: &str, expected: &str) {
    let error = decode_json(Signal::Logs, &request(log.as_bytes())).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Malformed);
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn whole_numbers_are_numbers_or_strings() {
    for time in ["1795500000000000123", "\"1795500000000000123\""] {
        check(format!("\"observedTimeUnixNano\":{time}"), "observed_time", Some("1795500000000000123"));
    }
    check(r#""observedTimeUnixNano":"18446744073709551615""#, "observed_time", Some("9223372036854775807"));
    check(r#""flags":"7""#, "flags", Some("7"));
    check(r#""flags":1e2"#, "flags", Some("100"));
    check(r#""body":{"intValue":-5}"#, "body_value", Some("-5"));
    check(r#""body":{"intValue":"9223372036854775807"}"#, "body_value", Some("9223372036854775807"));
}

#[test]
fn doubles_are_numbers_or_words() {
    check(r#""body":{"doubleValue":5}"#, "body_value", Some("5.0f"));
    check(r#""body":{"doubleValue":"1.5"}"#, "body_value", Some("1.5f"));
    check(r#""body":{"doubleValue":"NaN"}"#, "body_value", Some("NaNf"));
    check(r#""body":{"doubleValue":"Infinity"}"#, "body_value", Some("inff"));
    check(r#""body":{"doubleValue":"-Infinity"}"#, "body_value", Some("-inff"));
    check(r#""body":{"doubleValue":0.1}"#, "body_value", Some("0.1f"));
    check(r#""body":{"doubleValue":5e-324}"#, "body_value", Some("5e-324f"));
}

#[test]
fn enums_are_numbers_or_names() {
    for severity in ["17", "\"17\"", "\"SEVERITY_NUMBER_ERROR\""] {
        check(format!("\"severityNumber\":{severity}"), "severity_number", Some("17"));
    }
    check_error(r#""severityNumber":"LOUD""#, "invalid value: string \"LOUD\", expected a number for severityNumber");
}

#[test]
fn ids_are_hex_and_what_is_not_is_the_records_trouble() {
    check(r#""spanId":"eEe19b7eC3c1b174""#, "span_id", Some("eee19b7ec3c1b174"));
    // Base64, as protobuf's own JSON would have it; and eight characters that are not hex.
    for id in ["7uGbfsPBsXQ=", "zzzzzzzz", "eee19b7ec3c1b17", "é"] {
        check(format!("\"spanId\":\"{id}\""), "span_id", None);
        check(format!("\"spanId\":\"{id}\""), "marks", Some("\"invalid_id\""));
    }
}

#[test]
fn bytes_are_base64() {
    check(r#""body":{"bytesValue":"+/8="}"#, "body_value", Some("0xfbff"));
    check(r#""body":{"bytesValue":"-_8"}"#, "body_value", Some("0xfbff"));
    check_error(r#""body":{"bytesValue":"!"}"#, "bytesValue is not base64 at line 1 column");
}

#[test]
fn names_are_read_in_both_forms_and_unknown_ones_ignored() {
    check(r#""severityText":"a""#, "severity_text", Some("\"a\""));
    check(r#""severity_text":"a""#, "severity_text", Some("\"a\""));
    check(r#""SeverityText":"a","new":{"deep":[1,"x",null]}"#, "severity_text", None);
}

#[test]
fn null_means_absent() {
    check(r#""severityText":null,"body":null,"attributes":null"#, "severity_text", None);
    check(r#""attributes":[null,{"key":"k","value":null},null]"#, "attributes", Some("{\"k\": null}"));
    check(r#""body":{"stringValue":null}"#, "body_value", Some("null"));
}

#[test]
fn of_repeated_names_the_last_wins() {
    check(r#""severityText":"first","severity_text":"last""#, "severity_text", Some("\"last\""));
    check(r#""flags":1,"flags":2"#, "flags", Some("2"));
    let attributes = |key: &str| format!(r#""attributes":[{{"key":"{key}"}},{{"key":"x"}}]"#);
    check([attributes("a"), attributes("b")].join(","), "attributes", Some("{\"b\": null, \"x\": null}"));
    check(r#""attributes":[],"attributes":[{}],"attributes":[]"#, "attributes", None);
    let list = |value: &str| format!(r#""arrayValue":{{"values":[{{"intValue":{value}}}]}}"#);
    check(format!("\"body\":{{{},{}}}", list("1"), list("2")), "body_value", Some("[2]"));
    check(r#""body":{"stringValue":"a"},"body":null"#, "body", None);
}

#[test]
fn invalid_text_is_replaced_and_marked_on_its_record() {
    for body in [&b"a\xffb"[..], b"a\\ud800b", b"\xc3\x28"] {
        let log = [b"\"body\":{\"stringValue\":\"", body, b"\"}"].concat();
        let decoded = decode_json(Signal::Logs, &request(&log)).unwrap();
        assert!(cell(&decoded, 0, "body").unwrap().contains('\u{fffd}'));
        assert_eq!(cell(&decoded, 0, "marks").as_deref(), Some("\"invalid_utf8\""));
        assert_eq!(decoded.marked, 1);
    }
    check(r#""body":{"stringValue":"\ud83d\ude00"}"#, "body", Some("\"\u{1f600}\""));
    check(b"\"\xff\":1,\"severityText\":\"a\"", "marks", None);
}

#[test]
fn what_has_another_type_is_an_error_that_says_where() {
    check_error(
        r#""severityText":5"#,
        "invalid type: integer `5`, expected a string for severityText at line 1 column",
    );
    check_error(r#""attributes":{}"#, "invalid type: map, expected an array for attributes at line 1 column");
    check_error(r#""body":"text""#, "expected an object (AnyValue) at line 1 column");
    check_error(r#""body":{"boolValue":1}"#, "a number where boolValue is true or false");
    check_error(r#""flags":true"#, "invalid type: boolean `true`, expected a number for flags");
    check_error(r#""flags":-1"#, "flags is out of range");
    check_error(r#""flags":1.5"#, "flags is out of range");
    check_error(r#""observedTimeUnixNano":"18446744073709551616""#, "observedTimeUnixNano is out of range");
    check_error(r#""observedTimeUnixNano":"soon""#, "invalid value: string \"soon\"");
}
