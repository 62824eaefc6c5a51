//! What SQL refuses, and what must not bring it down.

use query::QueryErrorKind;

use crate::telemetry::{Sent, attribute, log, logs};
use crate::world::{Layout, World};

fn requests() -> Vec<Sent> {
    vec![logs("service.name=s", vec![log(1, 9, "a", vec![attribute("k", 1)])])]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_a_question_is_refused_and_changes_nothing() {
    let world = World::new(Layout::Live, &requests()).await;
    let target = std::env::temp_dir().join("nunchi-refused.parquet");
    let copy = format!("COPY logs TO '{}'", target.display());
    let statements = [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc'",
        "CREATE SCHEMA s",
        "CREATE FUNCTION f(INT) RETURNS INT RETURN $1 + 1",
        "DROP TABLE logs",
        "DROP VIEW services",
        "INSERT INTO logs SELECT * FROM logs",
        "UPDATE logs SET body = 'x'",
        "DELETE FROM logs",
        "TRUNCATE logs",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "PREPARE p AS SELECT 1",
        "BEGIN",
        "EXPLAIN INSERT INTO logs SELECT * FROM logs",
        "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM nowhere",
        "SELECT nothing FROM logs",
        "SELEC 1",
        "",
        &copy,
    ];
    for statement in statements {
        let error = world.sql(statement).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), QueryErrorKind::Invalid, "{statement}: {error}");
        assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'), "{statement}: {error}");
    }
    assert!(!target.try_exists().unwrap());
    assert_eq!(world.lines("SELECT count(*) FROM logs").await, ["1"]);
}

/// Each of them nests as deep as it is long, or makes of little much. A stack that overflows would end this test.
#[tokio::test(flavor = "multi_thread")]
async fn statements_made_to_bring_the_server_down_are_answered() {
    let world = World::new(Layout::Live, &requests()).await;
    let many =
        |head: &str, part: &str, tail: &str| format!("{head}{}{tail}", part.repeat((60_000 - head.len()) / part.len()));
    let statements = [
        many("SELECT 1", " + 1", ""),
        many("SELECT attributes", "['k']", " FROM logs"),
        many("SELECT make_array(1)", "[1]", ""),
        many("SELECT 1", " IN (1)", ""),
        many("SELECT 1", " IS NULL", ""),
        many("SELECT 'a'", " SIMILAR TO 'b'", ""),
        many("SELECT 1 FROM logs", ", logs", ""),
        many("SELECT 1 FROM logs", " CROSS JOIN logs", ""),
        many("VALUES (1)", " UNION VALUES (1)", ""),
        many("TABLE logs", " UNION ALL TABLE logs", ""),
        many("SELECT 1", " INTERSECT SELECT 1", ""),
        many("SELECT ", "NOT ", "true"),
        many("SELECT ", "- ", "1"),
        many("SELECT 1", "::INT", ""),
        many("SELECT ", "CASE WHEN true THEN ", "1"),
        many("EXPLAIN ", "EXPLAIN ", "SELECT 1"),
        many("SELECT ", "INTERVAL ", "'1 day'"),
        many("SELECT now()", " AT TIME ZONE 'UTC'", ""),
        many("SELECT 1 AS a", ", 1", ""),
        many("SELECT a", ".a", " FROM logs"),
        format!("SELECT {}1{}", "abs(".repeat(9_000), ")".repeat(9_000)),
        format!("SELECT {}", "(SELECT ".repeat(7_000)),
    ];
    for statement in statements {
        match world.sql(&statement).await {
            Ok(_) => {}
            Err(error) => {
                let kinds = [QueryErrorKind::Invalid, QueryErrorKind::LimitExceeded];
                let message: String = error.to_string().chars().take(200).collect();
                assert!(kinds.contains(&error.kind()), "{}…: {message}", &statement[..60]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_make_much_of_a_number_are_not_there() {
    let world = World::new(Layout::Live, &requests()).await;
    let calls = [
        "repeat('x', 2000000000)",
        "lpad('x', 2000000000)",
        "rpad('x', 2000000000)",
        "array_repeat(1, 2000000000)",
        "list_repeat(1, 2000000000)",
        "array_resize(make_array(1), 2000000000, 1)",
        "list_resize(make_array(1), 2000000000, 1)",
        "range(0, 2000000000)",
        "generate_series(0, 2000000000)",
    ];
    for call in calls {
        let error = world.sql(&format!("SELECT {call}")).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), QueryErrorKind::Invalid, "{call}: {error}");
    }
    assert_eq!(world.lines("SELECT count(*) FROM generate_series(1, 10)").await, ["10"]);
}
