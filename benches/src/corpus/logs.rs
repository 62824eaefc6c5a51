//! Log records: what pods of a shop write, with levels, traces and attributes as the stock SDKs add them.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use prost::Message;

use super::attribute::{int, text, text_value};
use super::dice::Dice;
use super::fleet::{Fleet, Pod};
use super::phrase::fill;
use super::{RECORDS_PER_REQUEST, trace_id};

/// Pods whose records one request carries.
const PODS_PER_REQUEST: u64 = 10;

/// From one record to the next: ten thousand records a second.
const STEP_NANOS: u64 = 100_000;

/// Of ten records, so many were written inside a trace.
pub const TRACED_OF_TEN: u64 = 6;

const INFO: (i32, &str) = (9, "INFO");
const WARN: (i32, &str) = (13, "WARN");
const ERROR: (i32, &str) = (17, "ERROR");

/// Level, logger and text of what is said. More frequent things stand more often.
const LINES: [((i32, &str), &str, &str); 20] = [
    (
        INFO,
        "http.access",
        "{ip} GET {path}?page={n} 200 {n} {ms}ms \"Mozilla/5.0 (X11; Linux x86_64)\" request_id={uuid}",
    ),
    (INFO, "http.access", "{ip} GET {path} 200 {n} {ms}ms \"okhttp/4.12.0\" request_id={uuid}"),
    (INFO, "http.access", "{ip} POST {path} 201 {n} {ms}ms \"axios/1.7.9\" request_id={uuid}"),
    (INFO, "http.access", "{ip} GET {path} 404 {n} {ms}ms \"kube-probe/1.31\""),
    (INFO, "orders.service", "order {uuid} of customer {user} accepted: {n} items, {word} {word}, total {n}.{n} EUR"),
    (INFO, "orders.service", "order {uuid} moved from state {word} to state {word} after {ms} ms"),
    (INFO, "cache", "refreshed {word} cache: {n} entries kept, {n} evicted, took {ms} ms, generation {hex}"),
    (INFO, "payments.gateway", "charged card of {user} through {word} gateway, authorization {hex}, took {ms} ms"),
    (INFO, "worker.queue", "took message {uuid} from queue {word}-{word}, waited {ms} ms, {n} left"),
    (INFO, "worker.queue", "finished job {hex} for {word} {word}: {n} rows read, {n} rows written in {ms} ms"),
    (INFO, "search.index", "query \"{word} {word}\" matched {n} documents in {ms} ms, returned 20, shard of {word}"),
    (INFO, "auth", "session {hex} of user {user} extended by 30 minutes from {ip}, policy {word}"),
    (INFO, "inventory", "reserved {n} of {word} in warehouse {word}-{n}, reservation {uuid} expires in 15 minutes"),
    (
        (5, "DEBUG"),
        "sql",
        "SELECT id, state, total FROM {word}s WHERE customer = '{user}' AND created > now() - {n}: {n} rows, {ms} ms",
    ),
    (
        (5, "DEBUG"),
        "http.client",
        "calling http://{word}.shop.svc.cluster.local:8080{path} with timeout {n} ms, attempt 1 of 3",
    ),
    (
        WARN,
        "http.client",
        "slow answer from {word}.shop.svc.cluster.local: {path} took {ms} ms, limit is 500 ms, will not retry",
    ),
    (WARN, "db.pool", "connection pool {word} is almost used up: {n} of {n} in use, {n} waiting for a connection"),
    (WARN, "payments.gateway", "{word} gateway answered with soft decline for {user}, reason {word}, retry in {n} s"),
    (
        ERROR,
        "http.client",
        "connection refused: {word}.shop.svc.cluster.local:8080{path}, gave up after 3 attempts, request {uuid}",
    ),
    (
        ERROR,
        "orders.service",
        "cannot reserve stock for order {uuid}: timeout after {ms} ms while waiting for {word} lock of {user}",
    ),
];

/// A text that stands in record number `record` and nowhere else.
pub fn needle(record: u64) -> String {
    format!("needle{:016x}", Dice::new("needle", record).roll())
}

/// One record in so many carries its [`needle`].
const NEEDLE_EVERY: u64 = 1_000;

pub(crate) fn body(fleet: &Fleet, start: u64, request: u64) -> Vec<u8> {
    let mut dice = Dice::new("logs", request);
    let pods = fleet.pods();
    let resource_logs = (0..PODS_PER_REQUEST).map(|place| {
        let pod = &pods[((request * 3 + place * 7) % pods.len() as u64) as usize];
        let numbers = (0..RECORDS_PER_REQUEST / PODS_PER_REQUEST)
            .map(|row| request * RECORDS_PER_REQUEST + row * PODS_PER_REQUEST + place);
        let log_records = numbers.map(|number| record(pod, start, number, &mut dice)).collect();
        let scope = InstrumentationScope { name: "app.logging".to_owned(), ..InstrumentationScope::default() };
        let scope_logs = vec![ScopeLogs { scope: Some(scope), log_records, ..ScopeLogs::default() }];
        ResourceLogs { resource: Some(pod.resource.clone()), scope_logs, ..ResourceLogs::default() }
    });
    ExportLogsServiceRequest { resource_logs: resource_logs.collect() }.encode_to_vec()
}

fn record(pod: &Pod, start: u64, number: u64, dice: &mut Dice) -> LogRecord {
    // Errors are the last lines of the table and rare.
    let usual = if dice.happens(95) { 15 } else { LINES.len() as u64 };
    let ((severity_number, severity_text), logger, template) = LINES[dice.below(usual) as usize];
    let mut body = fill(template, dice);
    if number % NEEDLE_EVERY == NEEDLE_EVERY / 2 {
        body = format!("{body} {}", needle(number));
    }
    let time_unix_nano = start + number * STEP_NANOS + dice.below(STEP_NANOS);
    let mut log = LogRecord {
        time_unix_nano,
        observed_time_unix_nano: time_unix_nano + 20_000 + dice.skewed(5_000_000),
        severity_number,
        severity_text: severity_text.to_owned(),
        body: text_value(body),
        attributes: attributes(pod, severity_number, logger, dice),
        ..LogRecord::default()
    };
    if dice.below(10) < TRACED_OF_TEN {
        // About ten records share a trace.
        log.trace_id = trace_id(number / 200 * 20 + dice.below(20)).to_vec();
        log.span_id = dice.bytes::<8>().to_vec();
        log.flags = 1;
    }
    log
}

fn attributes(pod: &Pod, severity: i32, logger: &str, dice: &mut Dice) -> Vec<KeyValue> {
    let mut attributes = vec![
        text("logger.name", format!("com.example.{}.{logger}", pod.service)),
        text("thread.name", format!("worker-{}", dice.below(16))),
    ];
    if logger.starts_with("http") {
        attributes.push(text("http.request.method", dice.pick(&["GET", "GET", "GET", "POST", "PUT"])));
        attributes.push(int("http.response.status_code", [200, 200, 201, 404, 500][dice.below(5) as usize]));
        attributes.push(text("client.address", fill("{ip}", dice)));
    } else {
        attributes.push(text("code.function.name", fill("{word}_{word}", dice)));
        attributes.push(int("code.line.number", dice.below(900)));
        attributes.push(text("enduser.id", fill("{user}", dice)));
    }
    if severity >= ERROR.0 {
        attributes.push(text("exception.type", fill("com.example.{word}.TimeoutException", dice)));
    }
    attributes
}
