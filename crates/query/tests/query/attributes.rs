//! `attributes['k']` against every operator and type.

use crate::telemetry::{Sent, attribute, log, logs};
use crate::world::{LAYOUTS, World};

/// One record per kind of value under `v`; the body names it.
fn requests() -> Vec<Sent> {
    let value = |body: &str, attributes| log(1, 9, body, attributes);
    let list: &[&str] = &["a", "b"];
    vec![
        logs(
            "service.name=s",
            vec![value("int 5", vec![attribute("v", 5)]), value("int -3", vec![attribute("v", -3)])],
        ),
        logs(
            "service.name=s",
            vec![value("int 500", vec![attribute("v", 500)]), value("float 5.5", vec![attribute("v", 5.5)])],
        ),
        logs(
            "service.name=s",
            vec![value("float 5", vec![attribute("v", 5.0)]), value("text 5", vec![attribute("v", "5")])],
        ),
        logs(
            "service.name=s",
            vec![value("text abc", vec![attribute("v", "abc")]), value("true", vec![attribute("v", true)])],
        ),
        logs(
            "service.name=s",
            vec![value("false", vec![attribute("v", false)]), value("list", vec![attribute("v", list)])],
        ),
        logs("service.name=s", vec![value("none", vec![])]),
        logs("service.name=s", vec![value("big", vec![attribute("v", 9_007_199_254_740_993)])]),
    ]
}

/// The bodies, sorted, of the records that pass the condition.
async fn check(condition: &str, expected: &str) {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let found = world.lines(&format!("SELECT body FROM logs WHERE {condition} ORDER BY body")).await;
        assert_eq!(found.join(", "), expected, "{layout:?}: {condition}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_an_integer_numbers_compare_as_numbers() {
    check("attributes['v'] = 5", "float 5, int 5, text 5").await;
    check("5 = attributes['v']", "float 5, int 5, text 5").await;
    check("attributes['v'] <> 5", "big, float 5.5, int -3, int 500").await;
    check("attributes['v'] < 5", "int -3").await;
    check("attributes['v'] <= 5", "float 5, int -3, int 5, text 5").await;
    check("attributes['v'] > 5", "big, float 5.5, int 500").await;
    check("attributes['v'] >= 6", "big, int 500").await;
    check("6 <= attributes['v']", "big, int 500").await;
    check("attributes['v'] = -3", "int -3").await;
    check("attributes['v'] = 9007199254740993", "big").await;
    check("attributes['v'] = 9007199254740992", "").await;
    check("NOT attributes['v'] = 5", "big, float 5.5, int -3, int 500").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_decimal_text_and_truth_values_too() {
    check("attributes['v'] = 5.5", "float 5.5").await;
    check("attributes['v'] > 5.4", "big, float 5.5, int 500").await;
    check("attributes['v'] <> 5.5", "big, float 5, int -3, int 5, int 500, text 5").await;
    check("attributes['v'] = 'abc'", "text abc").await;
    check("attributes['v'] = '5'", "float 5, int 5, text 5").await;
    check("attributes['v'] = true", "true").await;
    check("attributes['v'] = false", "false").await;
    check("attributes['v'] <> true", "false").await;
    check("attributes['v'] LIKE 'a%'", "text abc").await;
    check("attributes['v'] LIKE '%a%'", "false, list, text abc").await;
    check("attributes['v'] ILIKE 'ABC'", "text abc").await;
    check("attributes['v'] ~ '^[0-9]+$'", "big, float 5, int 5, int 500, text 5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_ranges_compare_as_their_members_would() {
    check("attributes['v'] IN (5, 500)", "float 5, int 5, int 500, text 5").await;
    check("attributes['v'] NOT IN (5, 500)", "big, float 5.5, int -3").await;
    check("attributes['v'] IN (5.5, 500)", "float 5.5, int 500").await;
    check("attributes['v'] IN ('abc', '5')", "float 5, int 5, text 5, text abc").await;
    check("attributes['v'] IN (true)", "true").await;
    check("attributes['v'] BETWEEN 5 AND 499", "float 5, float 5.5, int 5, text 5").await;
    check("attributes['v'] NOT BETWEEN 5 AND 499", "big, int -3, int 500").await;
    check("attributes['v'] BETWEEN -3 AND 5.2", "float 5, int -3, int 5, text 5").await;
    check("attributes['v'] BETWEEN 'aa' AND 'b'", "text abc").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_is_null() {
    check("attributes['v'] IS NULL", "none").await;
    check("attributes['w'] IS NOT NULL", "").await;
    check("attributes['w'] = 5", "").await;
    check("coalesce(attributes['v'], 'nothing') = 'nothing'", "none").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_functions_give_the_type_that_they_name() {
    check("attr(attributes, 'v') = '5'", "float 5, int 5, text 5").await;
    check("attr_i64(attributes, 'v') = 5", "float 5, int 5, text 5").await;
    check("attr_f64(attributes, 'v') BETWEEN 5 AND 6", "float 5, float 5.5, int 5, text 5").await;
    check("attr_bool(attributes, 'v')", "true").await;
    check("NOT attr_bool(attributes, 'v')", "false").await;
    check("attr_i64(attributes, 'v') IS NOT NULL", "big, float 5, int -3, int 5, int 500, text 5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_can_be_grouped_and_ordered_by() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let groups =
            world.lines("SELECT attributes['v'] AS v, count(*) FROM logs GROUP BY v ORDER BY v NULLS FIRST").await;
        let expected = [
            "-,1",
            "-3,1",
            "5,3",
            "5.5,1",
            "500,1",
            "9007199254740993,1",
            "[\"a\",\"b\"],1",
            "abc,1",
            "false,1",
            "true,1",
        ];
        assert_eq!(groups, expected, "{layout:?}");
        let sum = world.lines("SELECT sum(attr_i64(attributes, 'v')) FROM logs WHERE attributes['v'] < 1000").await;
        assert_eq!(sum, ["512"], "{layout:?}");
        let resource = world.lines("SELECT DISTINCT resource_attributes['service.name'] FROM logs").await;
        assert_eq!(resource, ["s"], "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_a_literal_is_refused_in_words() {
    let world = World::new(LAYOUTS[0], &requests()).await;
    let error = world.sql("SELECT attr(attributes, body) FROM logs").await.unwrap_err();
    assert_eq!(error.kind(), query::QueryErrorKind::Invalid);
    assert!(error.to_string().contains("literal"), "{error}");
}
