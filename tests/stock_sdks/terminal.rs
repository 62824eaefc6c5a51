//! What the two services sent, by `nunchi` in a terminal.

use serde_json::{Value, json};

use super::shop::Shop;

const TEA: &[&str] = &[
    "storefront GET",
    "└╴storefront quote",
    "  │ INFO quoted tea",
    "  └╴storefront GET",
    "    └╴pricing GET /price",
    "      └╴pricing look up",
    "        │ INFO tea costs 350 cents",
];

const UNOBTAINIUM: &[&str] = &[
    "storefront GET ✗",
    "└╴storefront quote ✗",
    "  │ ✗ pricing answered 500",
    "  │ event exception: Error: pricing answered 500",
    "  │ ERROR no quote for unobtainium: pricing answered 500",
    "  └╴storefront GET ✗",
    "    └╴pricing GET /price ✗",
    "      │ ERROR cannot price unobtainium",
    "      └╴pricing look up ✗",
    "        │ ✗ ValueError: unobtainium has no price",
    "        │ event exception: ValueError: unobtainium has no price",
];

#[tokio::test]
async fn the_terminal_tells_one_story_of_two_services() {
    let shop = Shop::with_two_quotes().await;
    check_trace(&shop, &shop.tea, "5 spans  0 errors  2 logs  0 repairs", TEA).await;
    check_trace(&shop, &shop.unobtainium, "5 spans  5 errors  2 logs  0 repairs", UNOBTAINIUM).await;
    check_logs(&shop).await;
    check_tables(&shop).await;
}

async fn check_trace(shop: &Shop, trace_id: &str, counts: &str, tree: &[&str]) {
    let drawn = shop.server.cli(&["trace", trace_id, "--server", &shop.server.api().url()]).await;
    assert!(drawn.starts_with(&format!("trace {trace_id}\n")) && drawn.contains(counts), "{drawn}");
    // Above the tree stand a heading, an empty line and the axis; below it, after an empty line, what was noticed.
    let rows = drawn.lines().skip_while(|line| !line.is_empty()).skip(2).take_while(|line| !line.is_empty());
    let tree = tree.iter().map(|line| (*line).to_owned());
    assert_eq!(with_sorted_notes(rows.map(undated)), with_sorted_notes(tree), "{drawn}");
}

/// The lines, those between one span and the next in the order of the alphabet. They stand in that of their times, but
/// Node tells a log record's time in milliseconds and may so put it before the event that came first.
fn with_sorted_notes(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    let is_note = |line: &String| line.contains('│');
    lines.chunk_by_mut(|a, b| is_note(a) && is_note(b)).for_each(<[String]>::sort);
    lines
}

/// A line of a waterfall without what differs from run to run: times, durations and bars. Spaces between words count
/// once.
fn undated(line: &str) -> String {
    let (guides, text) =
        line.split_at(line.find(|letter: char| letter.is_alphanumeric() || letter == '✗').unwrap_or(0));
    let is_time = |word: &str| word.starts_with(|first: char| first.is_ascii_digit()) && word.ends_with('s');
    let is_clock = |word: &str| word.len() == "00:00:00.000".len() && word.matches(':').count() == 2;
    let kept = |word: &&str| !is_time(word) && !is_clock(word) && !word.starts_with(['━', '█']);
    let words: Vec<&str> = text.split_whitespace().filter(kept).collect();
    format!("{guides}{}", words.join(" "))
}

async fn check_logs(shop: &Shop) {
    let question = ["logs", "-l", "service.name in (storefront,pricing)", "\"tea costs\" OR \"no quote\""];
    let newest_first = ["no quote for unobtainium: pricing answered 500", "tea costs 350 cents"];
    let answer = async |output: &str| shop.server.cli(&[&question[..], &["-o", output]].concat()).await;

    let found = json(&answer("json").await);
    let fields = |name: &str| json!(values(&found["logs"]).map(|log| &log[name]).collect::<Vec<&Value>>());
    assert_eq!(fields("body"), json!(newest_first));
    assert_eq!(fields("trace_id"), json!([shop.unobtainium, shop.tea]));
    assert_eq!(fields("service"), json!(["storefront", "pricing"]));

    let lines = answer("ndjson").await;
    assert_eq!(json!(lines.lines().map(json).collect::<Vec<Value>>()), found["logs"]);

    let table = answer("table").await;
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), newest_first.len(), "{table}");
    assert!(rows.iter().zip(newest_first).all(|(row, body)| row.ends_with(body)), "{table}");
}

async fn check_tables(shop: &Shop) {
    let services = shop.server.cli(&["services"]).await;
    // Service, namespace, environment, squad, pods, requests, errors.
    assert_eq!(first_words(&services, 7), ["pricing - - - 1 2 1", "storefront - - - 1 2 1"], "{services}");

    let traces = shop.server.cli(&["traces", "--service", "pricing"]).await;
    let rows: Vec<&str> = traces.lines().skip(1).collect();
    assert_eq!(rows.len(), 2, "{traces}");
    for (row, trace_id) in rows.iter().zip([&shop.unobtainium, &shop.tea]) {
        assert!(row.contains(trace_id.as_str()) && row.ends_with("storefront GET"), "{traces}");
    }
    let failed = shop.server.cli(&["traces", "--status", "error", "-o", "json"]).await;
    let failed = json(&failed);
    assert_eq!(values(&failed["traces"]).map(|trace| &trace["trace_id"]).collect::<Vec<_>>(), [&shop.unobtainium]);

    let sql = "SELECT name, count(*) AS spans FROM spans WHERE service_name = 'pricing' GROUP BY 1 ORDER BY 1";
    assert_eq!(shop.server.cli(&["sql", sql, "-o", "csv"]).await.trim_end(), "name,spans\nGET /price,2\nlook up,2");
}

/// The first words of each row of a table.
fn first_words(table: &str, count: usize) -> Vec<String> {
    let rows = table.lines().skip(1);
    rows.map(|row| row.split_whitespace().take(count).collect::<Vec<&str>>().join(" ")).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn values(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().unwrap_or_else(|| panic!("{list} is not a list")).iter()
}
