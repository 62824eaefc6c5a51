//! SQL over attributes and text gives the same rows wherever they lie: in memory, where sets are whole and there is no
//! index, or in blocks of one flush, of many, or merged, each of which promotes other keys.

use std::cell::Cell;

use model::{Signal, Table};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use prost::Message;

use crate::telemetry::{RECEIVED, Sent, at, attribute, log};
use crate::world::{Layout, World, tenant};

const REQUESTS: i64 = 10;
const RECORDS: i64 = 60;

/// Something between 0 and `below` that is the same in each run.
fn pick(seed: i64, below: i64) -> i64 {
    let mixed = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as i64 % below
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..Default::default() }
}

/// A value of any type; the same texts, numbers and truth values come often.
fn any_value(seed: i64) -> Value {
    let texts = ["a", "abc", "5", "005", "5.5", "true", "", "NaN"];
    match pick(seed, 9) {
        0..=1 => Value::StringValue(texts[pick(seed + 1, 8) as usize].to_owned()),
        2..=3 => Value::IntValue([5, -1, 200, 500, i64::MAX, 1 << 53, (1 << 53) + 1][pick(seed + 1, 7) as usize]),
        4 => Value::DoubleValue([5.0, 5.5, -0.0, 1e300, f64::NAN, -1.0][pick(seed + 1, 6) as usize]),
        5 => Value::BoolValue(pick(seed + 1, 2) == 0),
        6 => Value::BytesValue(vec![pick(seed + 1, 3) as u8, 255]),
        7 => Value::ArrayValue(ArrayValue { values: vec![AnyValue { value: Some(Value::IntValue(5)) }] }),
        _ => Value::IntValue(pick(seed + 1, 6)),
    }
}

/// `text`, `int`, `float` and `bool` have one type; `any` has every one; `late` begins as another type than it goes
/// on; `twice` comes again in the same record; `rare` is in one record of each request; `id` is different in each.
fn record(number: i64) -> LogRecord {
    let seed = number * 100;
    let mut attributes = vec![
        attribute("n", number),
        attribute("text", ["a", "abc", "b", "5"][pick(seed + 1, 4) as usize]),
        attribute("id", format!("id-{number}").as_str()),
    ];
    let mut sometimes = |chance: i64, pair: KeyValue| {
        if pick(seed + attributes.len() as i64 + 40, 100) < chance {
            attributes.push(pair);
        }
    };
    sometimes(80, attribute("int", pick(seed + 2, 12)));
    sometimes(60, attribute("float", [0.0, -0.0, 0.5, 5.0, 5.5][pick(seed + 3, 5) as usize]));
    sometimes(50, attribute("bool", pick(seed + 4, 2) == 0));
    sometimes(70, pair("any", any_value(seed + 5)));
    sometimes(90, if number < 300 { attribute("late", "5") } else { attribute("late", 5) });
    sometimes(50, pair("twice", any_value(seed + 7)));
    sometimes(50, pair("twice", any_value(seed + 9)));
    if number % RECORDS == 7 {
        attributes.push(attribute("rare", "abc"));
    }
    let ends = ["disk is full", "Disk FULL?", "GET /api/v1/cart 503", "größe_x; is ok"];
    log(number, 9, &format!("record {number} {}", ends[pick(seed + 11, 4) as usize]), attributes)
}

fn request(number: i64) -> Sent {
    let resource = Resource {
        attributes: vec![
            attribute("service.name", ["a", "b"][pick(number, 2) as usize]),
            attribute("k8s.pod.name", format!("pod-{}", number % 3).as_str()),
            pair("any", any_value(number * 7)),
        ],
        ..Default::default()
    };
    let log_records = (0..RECORDS).map(|row| record(number * RECORDS + row)).collect();
    let scope_logs = vec![ScopeLogs { log_records, ..Default::default() }];
    let resource_logs = vec![ResourceLogs { resource: Some(resource), scope_logs, ..Default::default() }];
    let body = ExportLogsServiceRequest { resource_logs }.encode_to_vec();
    Sent { signal: Signal::Logs, received: RECEIVED, body }
}

/// The same records, in memory first, then in other places.
async fn worlds() -> Vec<(&'static str, World)> {
    let requests: Vec<Sent> = (0..REQUESTS).map(request).collect();
    let merged = World::new(Layout::Live, &[]).await;
    for pair in requests.chunks(2) {
        merged.send(pair).await;
        merged.store.flush().await.unwrap();
    }
    let a_day_later = at(86_400);
    while merged.store.compact(a_day_later).await.unwrap().is_some() {}
    assert_eq!(merged.store.snapshot().blocks(&tenant(), Table::Logs).len(), 1);
    vec![
        ("memory", World::new(Layout::Live, &requests).await),
        ("one block", World::new(Layout::Blocks, &requests).await),
        ("many blocks and memory", World::new(Layout::Split, &requests).await),
        ("merged", merged),
    ]
}

/// A way to name an attribute.
fn any_access() -> impl Strategy<Value = String> {
    let keys = ["text", "id", "int", "float", "bool", "any", "late", "twice", "rare", "absent"];
    let of_record = proptest::sample::select(keys.to_vec()).prop_map(|key| ("attributes", key));
    let of_resource =
        proptest::sample::select(vec!["k8s.pod.name", "any"]).prop_map(|key| ("resource_attributes", key));
    let key = prop_oneof![8 => of_record, 1 => of_resource];
    (key, 0..7u8).prop_map(|((set, key), form)| match form {
        0 => format!("attr_i64({set}, '{key}')"),
        1 => format!("attr_f64({set}, '{key}')"),
        2 => format!("attr({set}, '{key}')"),
        _ => format!("{set}['{key}']"),
    })
}

fn any_literal() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "5",
        "-1",
        "0",
        "200",
        "5.5",
        "0.0",
        "4.5",
        "9007199254740993",
        "9007199254740992",
        "'a'",
        "'abc'",
        "'5'",
        "'005'",
        "'id-77'",
        "'pod-1'",
        "true",
        "false",
    ])
}

fn any_condition() -> impl Strategy<Value = String> {
    let operator = proptest::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let numbers = proptest::sample::select(vec!["5", "-1", "0", "200", "5.5", "11"]);
    let texts = proptest::sample::select(vec!["'a'", "'abc'", "'5'", "'id-7'", "'true'"]);
    let not = proptest::sample::select(vec!["", "NOT "]);
    let simple = prop_oneof![
        6 => (any_access(), operator, any_literal()).prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        1 => (any_access(), operator_of_literals()).prop_map(|(a, (literal, operator))| format!("{literal} {operator} {a}")),
        2 => (any_access(), not.clone(), proptest::collection::vec(numbers.clone(), 1..6))
            .prop_map(|(a, not, members)| format!("{a} {not}IN ({})", members.join(", "))),
        2 => (any_access(), not.clone(), proptest::collection::vec(texts, 1..6))
            .prop_map(|(a, not, members)| format!("{a} {not}IN ({})", members.join(", "))),
        2 => (any_access(), not.clone(), numbers.clone(), numbers)
            .prop_map(|(a, not, low, high)| format!("{a} {not}BETWEEN {low} AND {high}")),
        1 => (any_access(), not.clone()).prop_map(|(a, not)| format!("{a} IS {not}NULL")),
        1 => (any_access(), not.clone()).prop_map(|(a, not)| format!("CAST({a} AS VARCHAR) {not}LIKE 'a%'")),
        1 => any_access().prop_map(|a| format!("CAST({a} AS VARCHAR) ~ '^[0-9]+$'")),
        1 => (any_access(), any_access()).prop_map(|(a, b)| format!("CAST({a} AS VARCHAR) = CAST({b} AS VARCHAR)")),
        1 => (any_access(), any_literal()).prop_map(|(a, b)| format!("CAST({a} AS VARCHAR) IS DISTINCT FROM CAST({b} AS VARCHAR)")),
        3 => (any_text_condition(), not.clone()).prop_map(|(condition, not)| format!("{not}{condition}")),
        1 => not.prop_map(|not| format!("attr_bool(attributes, 'bool') IS {not}TRUE")),
    ];
    let joined = (simple.clone(), proptest::sample::select(vec!["AND", "OR", "AND NOT"]), simple.clone());
    prop_oneof![3 => simple, 1 => joined.prop_map(|(a, and, b)| format!("({a}) {and} ({b})"))]
}

/// Of the text, which indexes know by its words.
fn any_text_condition() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "body LIKE '%disk is full%'",
        "body ILIKE '%DISK is%'",
        "body LIKE 'record 7%'",
        "body LIKE '%/api/v_/%'",
        "body = 'record 7 disk is full'",
        "body = 'record 13 Disk FULL?'",
        "body IN ('record 1 disk is full', 'record 2 disk is full', 'record 3 GET /api/v1/cart 503', 'nothing', 'else')",
        "body ~ 'is (full|ok)$'",
        "body ~ '/api/v[0-9]+/'",
        "body ~ '[Dd]isk .*'",
        "regexp_like(body, 'record [0-9]{2} ')",
    ])
}

fn operator_of_literals() -> impl Strategy<Value = (&'static str, &'static str)> {
    (any_literal(), proptest::sample::select(vec!["=", "<", ">="]))
}

/// The access, as text where it may be no number: which of those and a number is the least depends on the order in which
/// DataFusion meets them.
fn comparable(access: String) -> String {
    let may_be_nan =
        access.starts_with("attr_f64") || ["'float'", "'any'", "'twice'"].iter().any(|key| access.contains(key));
    if may_be_nan { format!("CAST({access} AS VARCHAR)") } else { access }
}

const NUMBER: &str = "attr_i64(attributes, 'n')";

fn any_statement() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => any_condition().prop_map(|condition| format!("SELECT body FROM logs WHERE {condition}")),
        2 => any_condition().prop_map(|condition| format!("SELECT count(*) FROM logs WHERE {condition}")),
        2 => (any_access(), any_condition())
            .prop_map(|(a, condition)| format!("SELECT {a}, attributes, body FROM logs WHERE {condition}")),
        2 => (any_access(), any_access().prop_map(comparable), any_condition()).prop_map(|(a, b, condition)| {
            format!("SELECT {a}, count(*), min({b}), max({b}), count(DISTINCT {b}) FROM logs WHERE {condition} GROUP BY {a}")
        }),
        1 => any_access().prop_map(|a| format!("SELECT DISTINCT {a} FROM logs")),
        2 => (any_access(), any_condition()).prop_map(|(a, condition)| {
            format!("SELECT {NUMBER}, {a} FROM logs WHERE {condition} ORDER BY {a} DESC, {NUMBER} LIMIT 7")
        }),
        1 => any_condition().prop_map(|condition| {
            format!("SELECT body, attributes FROM logs WHERE {condition} ORDER BY time DESC LIMIT 5")
        }),
        1 => (any_access(), any_condition()).prop_map(|(a, condition)| {
            format!(
                "SELECT {NUMBER}, {a}, row_number() OVER (PARTITION BY {a} ORDER BY {NUMBER}) FROM logs WHERE {condition}"
            )
        }),
        1 => (any_access(), any_condition()).prop_map(|(a, condition)| {
            format!("SELECT {NUMBER}, CASE WHEN {condition} THEN {a} END FROM logs")
        }),
        1 => (any_access(), any_condition()).prop_map(|(a, condition)| {
            format!("SELECT count(*) FROM logs WHERE {condition} AND {a} IN (SELECT {a} FROM logs WHERE severity_number = 9)")
        }),
        1 => any_condition().prop_map(|condition| {
            format!(
                "SELECT a.body, b.resource_attributes FROM logs a JOIN logs b \
                 ON a.attributes['id'] = b.attributes['id'] WHERE a.severity_number = 9 AND b.body IN \
                 (SELECT body FROM logs WHERE {condition})"
            )
        }),
    ]
}

/// The rows, sorted, or that there are none because the question does not fit the types.
async fn answer(world: &World, statement: &str) -> Result<Vec<String>, String> {
    let rows = world.sql(statement).await.map_err(|error| error.to_string())?;
    let mut lines = crate::world::lines(&rows.batches);
    lines.sort();
    Ok(lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn any_question_finds_the_same_rows_wherever_they_lie() {
    let worlds = worlds().await;
    let runtime = tokio::runtime::Handle::current();
    let answered = Cell::new(0);
    let check = |statement: String| {
        let expected = runtime.block_on(answer(&worlds[0].1, &statement));
        for (place, world) in &worlds[1..] {
            let found = runtime.block_on(answer(world, &statement));
            prop_assert_eq!(&found.clone().ok(), &expected.clone().ok(), "{}: {}: {:?}", place, statement, found.err());
        }
        answered.set(answered.get() + u32::from(expected.is_ok()));
        Ok(())
    };
    let cases = 150;
    tokio::task::block_in_place(|| {
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() }).run(&any_statement(), check)
    })
    .unwrap();
    assert!(answered.get() > cases / 2, "most questions fit the types: {}", answered.get());
}
