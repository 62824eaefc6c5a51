//! Every mark that is not a limit's: invalid text wherever it stands. (Times and ids: `testdata/*-odd-*.json`.)

use model::Signal;

use crate::rows::{cell, decode_protobuf};

/// A length-delimited field.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 128).expect("short");
    [&[number << 3 | 2, length], content].concat()
}

/// A time in field 1, so that a log record or event is not marked for lack of one.
fn time() -> Vec<u8> {
    vec![0x09, 1, 0, 0, 0, 0, 0, 0, 0]
}

#[track_caller]
fn check_log(resource: &[u8], scope: &[u8], log: &[u8], (column, expected): (&str, &str)) {
    let log = [time(), log.to_vec()].concat();
    let scope = [field(1, scope), field(2, &log)].concat();
    let body = field(1, &[field(1, resource), field(2, &scope)].concat());
    let decoded = decode_protobuf(Signal::Logs, &body).unwrap();
    assert_eq!(cell(&decoded, 0, column).as_deref(), Some(expected));
    assert_eq!(cell(&decoded, 0, "marks").as_deref(), Some("\"invalid_utf8\""));
    assert_eq!(decoded.marked, 1);
}

#[test]
fn invalid_utf8_is_replaced_and_marked_wherever_it_stands() {
    let bad = b"a\xffb";
    let text = field(1, bad);
    check_log(&[], &[], &field(3, bad), ("severity_text", "\"a\u{fffd}b\""));
    check_log(&[], &[], &field(12, bad), ("event_name", "\"a\u{fffd}b\""));
    check_log(&[], &[], &field(5, &text), ("body", "\"a\u{fffd}b\""));
    let attribute = field(6, &[field(1, bad), field(2, &text)].concat());
    check_log(&[], &[], &attribute, ("attributes", "{\"a\u{fffd}b\": \"a\u{fffd}b\"}"));
    let list = field(5, &field(5, &field(1, &text)));
    check_log(&[], &[], &list, ("body_value", "[\"a\u{fffd}b\"]"));
    let service = field(1, &[field(1, b"service.name"), field(2, &text)].concat());
    check_log(&service, &[], &[], ("service_name", "\"a\u{fffd}b\""));
    check_log(&[], &field(1, bad), &[], ("scope_name", "\"a\u{fffd}b\""));
}

#[test]
fn fields_of_profiles_read_as_absent() {
    // A key and a value that are indexes into a table that logs do not have.
    let attribute = field(6, &[vec![0x18, 3], field(2, &[0x40, 5])].concat());
    let log = [time(), attribute].concat();
    let body = field(1, &field(2, &field(2, &log)));
    let decoded = decode_protobuf(Signal::Logs, &body).unwrap();
    assert_eq!(cell(&decoded, 0, "attributes").as_deref(), Some("{\"\": null}"));
    assert_eq!(decoded.marked, 0);
}

#[test]
fn of_repeated_scalars_the_last_wins() {
    let log = [field(3, b"first"), field(3, b"last"), field(5, &field(1, b"text")), field(5, &[0x18, 7])].concat();
    let body = field(1, &field(2, &field(2, &[time(), log].concat())));
    let decoded = decode_protobuf(Signal::Logs, &body).unwrap();
    assert_eq!(cell(&decoded, 0, "severity_text").as_deref(), Some("\"last\""));
    assert_eq!(cell(&decoded, 0, "body").as_deref(), Some("\"7\""));
}

#[test]
fn a_resource_in_two_parts_is_one_resource() {
    let attribute = |key: &[u8]| field(1, &field(1, &[field(1, key), field(2, &[0x18, 1])].concat()));
    let scope = field(2, &field(2, &time()));
    let body = field(1, &[attribute(b"a"), scope, attribute(b"b")].concat());
    let decoded = decode_protobuf(Signal::Logs, &body).unwrap();
    assert_eq!(cell(&decoded, 0, "resource_attributes").as_deref(), Some("{\"a\": 1, \"b\": 1}"));
}
