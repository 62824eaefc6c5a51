//! What questions about promoted attributes read of blocks, and what rules the rest out.

use crate::telemetry::{Sent, attribute, log, logs};
use crate::world::{Layout, World, lines};

const ROUTES: [&str; 3] = ["/cart", "/pay", "/ship"];

/// Records whose `n` ascends with the time and whose `id` is scattered.
fn request(numbers: std::ops::Range<i64>) -> Sent {
    request_with(numbers, |_| String::new())
}

/// The same with more in each body.
fn request_with(numbers: std::ops::Range<i64>, more: impl Fn(i64) -> String) -> Sent {
    let record = |number: i64| {
        // Digits: an index does not tell such texts from numbers, and blooms are left to rule them out.
        let id = format!("{:020}", (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut attributes = vec![
            attribute("http.route", ROUTES[number as usize % 3]),
            attribute("n", number),
            attribute("id", id.as_str()),
        ];
        if number % 200 == 7 {
            attributes.push(attribute("rare", "yes"));
        }
        log(number / 50, 9, &format!("record w{number}{}", more(number)), attributes)
    };
    logs("service.name=s", numbers.map(record).collect())
}

/// Two blocks of 3 000 records each, and as many in memory.
async fn two_blocks_and_memory() -> World {
    let world = World::new(Layout::Live, &[]).await;
    for nth in 0..3 {
        if nth > 0 {
            world.store.flush().await.unwrap();
        }
        world.send(&[request(nth * 3_000..(nth + 1) * 3_000)]).await;
    }
    world
}

/// The plan as it was run, with its metrics.
async fn analyzed(world: &World, statement: &str) -> String {
    world.lines(&format!("EXPLAIN ANALYZE {statement}")).await.join("\n")
}

/// The line of the plan that reads blocks.
#[track_caller]
fn scan(plan: &str) -> &str {
    plan.lines().find(|line| line.contains("DataSourceExec")).unwrap_or_else(|| panic!("blocks are not read: {plan}"))
}

/// What the scan says of itself under the name.
#[track_caller]
fn said<'a>(plan: &'a str, name: &str) -> &'a str {
    let scan = scan(plan);
    let (_, after) = scan.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name}: {scan}"));
    after.split([',', ']']).next().unwrap_or_default()
}

/// Two kilobytes that do not compress to much less.
fn noise(number: i64) -> String {
    let mut state = number as u64;
    let letters = (0..2_048).map(|_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        char::from(b'0' + (state >> 58) as u8)
    });
    std::iter::once(' ').chain(letters).collect()
}

async fn one_large_block() -> World {
    // More than one row group: they end at 32 MiB.
    let requests: Vec<Sent> = (0..10).map(|nth| request_with(nth * 2_800..(nth + 1) * 2_800, noise)).collect();
    World::new(Layout::Blocks, &requests).await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_groups_and_pages_are_ruled_out_by_statistics_and_blooms_of_promoted_columns() {
    let world = one_large_block().await;
    let check = |condition: &'static str, count: &'static str, row_groups: &'static str, blooms: &'static str| {
        let world = &world;
        async move {
            let statement = format!("SELECT count(*) FROM logs WHERE {condition}");
            assert_eq!(world.lines(&statement).await, [count], "{condition}");
            let plan = analyzed(world, &statement).await;
            assert_eq!(said(&plan, "row_groups_pruned_statistics"), row_groups, "{condition}: {plan}");
            assert_eq!(said(&plan, "row_groups_pruned_bloom_filter"), blooms, "{condition}: {plan}");
            plan
        }
    };
    for condition in ["attributes['n'] >= 27990", "attributes['n'] > 27989.5", "27990 <= attributes['n']"] {
        let plan = check(condition, "10", "2 total → 1 matched", "1 total → 1 matched").await;
        assert!(said(&plan, "page_index_pages_pruned").ends_with("→ 1 matched"), "{plan}");
    }
    check("attributes['n'] = 7", "1", "2 total → 1 matched", "1 total → 1 matched").await;
    check("attributes['n'] = '7'", "1", "2 total → 1 matched", "1 total → 1 matched").await;
    check("attributes['n'] IN (1, 2, 3, 4, 27999)", "5", "2 total → 2 matched", "2 total → 2 matched").await;
    check("attributes['n'] BETWEEN 5 AND 7", "3", "2 total → 1 matched", "1 total → 1 matched").await;
    // The second of all.
    check("attributes['id'] = '11400714819323198485'", "1", "2 total → 2 matched", "2 total → 1 matched").await;
    check("attributes['id'] = '11400714819323198486'", "0", "2 total → 2 matched", "2 total → 0 matched").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_ruled_out_by_its_footer_before_it_is_opened() {
    let world = two_blocks_and_memory().await;
    let check = |condition: &'static str, count: &'static str, blocks: &'static str| {
        let world = &world;
        async move {
            let statement = format!("SELECT count(*) FROM logs WHERE {condition}");
            assert_eq!(world.lines(&statement).await, [count], "{condition}");
            let plan = analyzed(world, &statement).await;
            assert!(plan.contains(&format!("blocks={blocks}")), "{condition}: {plan}");
        }
    };
    check("attributes['n'] >= 3000", "6000", "1 of 2 (pruned: time=0, statistics=1)").await;
    check("attributes['n'] IN (1, 2, 3, 4, 5)", "5", "1 of 2 (pruned: time=0, statistics=1)").await;
    check("attributes['http.route'] = '/zzz'", "0", "0 of 2 (pruned: time=0, statistics=2)").await;
    check("attributes['http.route'] = '/pay'", "3000", "2 of 2 (pruned: time=0, statistics=0)").await;
    check("attributes['n'] < 6000 AND time >= '2026-11-24T06:01:00Z'", "3000", "1 of 2 (pruned: time=1, statistics=0)")
        .await;
    let rows = world.sql("SELECT body FROM logs WHERE attributes['n'] >= 3000").await.unwrap();
    assert_eq!((rows.coverage.blocks_total, rows.coverage.blocks_pruned), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_ruled_out_by_the_words_that_a_filter_needs() {
    let world = two_blocks_and_memory().await;
    for condition in ["body = 'record w4242'", "body LIKE 'record w4242'", "body ~ '^record w4242$'"] {
        let statement = format!("SELECT count(*) FROM logs WHERE {condition}");
        let rows = world.sql(&statement).await.unwrap();
        assert_eq!(lines(&rows.batches), ["1"], "{condition}");
        let words: Vec<_> = rows.coverage.indexes.iter().filter(|index| index.name == "words").collect();
        assert!(words.len() == 1 && words[0].blocks == 2 && words[0].rows_ruled_out >= 3_000, "{condition}: {words:?}");
        let plan = analyzed(&world, &statement).await;
        assert!(scan(&plan).contains("asks indexes") && said(&plan, "index_words_rows_pruned") != "0", "{plan}");
    }
    // No word is whole in it.
    let plan = analyzed(&world, "SELECT count(*) FROM logs WHERE body LIKE '%4242%'").await;
    assert!(!scan(&plan).contains("asks indexes"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_by_reads_the_promoted_column_and_no_sets() {
    let world = World::new(Layout::Blocks, &[request(0..3_000)]).await;
    let bytes = async |statement: &str| {
        let plan = analyzed(&world, statement).await;
        let said = said(&plan, "bytes_scanned");
        let (number, unit) = said.split_once(' ').unwrap_or((said, ""));
        number.parse::<f64>().unwrap() * if unit == "K" { 1_000.0 } else { 1.0 }
    };
    let grouped = bytes("SELECT attributes['http.route'], count(*) FROM logs GROUP BY 1").await;
    let sets = bytes("SELECT attributes FROM logs").await;
    assert!(grouped * 20.0 < sets, "{grouped} of {sets} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_sets_is_made_below_the_union_with_memory() {
    let world = two_blocks_and_memory().await;
    for statement in [
        "SELECT attributes['http.route'], count(*) FROM logs GROUP BY 1",
        "SELECT max(attr_i64(attributes, 'n')) FROM logs WHERE attributes['http.route'] = '/pay'",
        "SELECT body FROM logs WHERE attributes['n'] >= 10 ORDER BY attributes['id'] LIMIT 3",
    ] {
        let plan = world.lines(&format!("EXPLAIN {statement}")).await.join("\n");
        let above = plan.split("UnionExec").next().unwrap();
        let below = plan.split("UnionExec").nth(1).unwrap_or_else(|| panic!("no union: {plan}"));
        let physical = above.split("physical_plan").nth(1).unwrap_or_else(|| panic!("no plan: {plan}"));
        assert!(!physical.contains("attributes@"), "{plan}");
        assert!(below.contains("ProjectionExec: expr=[attr") && scan(below).contains("projection=[attr"), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_rows_are_read_late_where_filters_pass_few() {
    let world = World::new(Layout::Blocks, &[request(0..3_000)]).await;
    let check = |statement: &'static str, is_late: bool| {
        let world = &world;
        async move {
            let plan = world.lines(&format!("EXPLAIN {statement}")).await.join("\n");
            assert_eq!(!plan.contains("FilterExec"), is_late, "{statement}: {plan}");
        }
    };
    check("SELECT * FROM logs WHERE attributes['id'] = '11400714819323198485'", true).await;
    check("SELECT body FROM logs WHERE attributes['id'] IN ('11400714819323198485', '00000000000000000000')", true)
        .await;
    check("SELECT body FROM logs WHERE attributes['rare'] = 'yes' AND attributes['http.route'] = '/pay'", true).await;
    check("SELECT body FROM logs WHERE trace_id = X'00112233445566778899aabbccddeeff'", true).await;
    // Most rows pass, or it is not known.
    check("SELECT body FROM logs WHERE attributes['http.route'] = '/pay'", false).await;
    check("SELECT body FROM logs WHERE attributes['id'] <> '11400714819323198485'", false).await;
    check("SELECT body FROM logs WHERE attributes['id'] = '11400714819323198485' OR severity_number = 9", false).await;
    check("SELECT body FROM logs WHERE severity_number = 9 ORDER BY time DESC LIMIT 10", false).await;
    // There is nothing large to leave out.
    check("SELECT count(*) FROM logs WHERE attributes['id'] = '11400714819323198485'", false).await;
    check("SELECT time FROM logs WHERE attributes['rare'] = 'yes'", false).await;
}
