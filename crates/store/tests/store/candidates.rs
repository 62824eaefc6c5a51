//! Indexes only over-select: whatever a block's rows say, those that match are among its candidates.

use std::borrow::Cow;
use std::fs;
use std::ops::Range;

use arrow::array::{Array, AsArray, RecordBatch};
use model::{Attributes, Necessary, Table, TextQuery, TextRecord, Tokenizer, UnixNanos, ValueRef};
use store::{Block, Store};

use crate::house::{House, append, read, tenant};
use crate::rows::{RECEIVED, Row};

/// Questions about the rows of these tests: words that some have, that all have, and that none has, and attributes of
/// every kind wherever they stand.
const QUERIES: [&str; 34] = [
    "17",
    "view 42",
    "\"a text too long for a view 42\"",
    "\"for a view 7\"*",
    "lo* 3",
    "42 OR 43 OR absent",
    "absent",
    "/view 4[0-9]$/",
    "/^(17|27)$/",
    "NOT 42",
    "http.route:\"/route/3\"",
    "http.route:/3/",
    "http.response.status_code:217",
    "http.response.status_code:217.0",
    "http.response.status_code>=490",
    "http.response.status_code:217 OR http.route:\"/route/1\" 17",
    "retry:true",
    "retry:*",
    "user.id:* http.route:\"/route/2\"",
    "user.id:true",
    "user.id:17",
    "rare.17:*",
    "of.0:*",
    "nothing:*",
    "retry:true 17 http.response.status_code:300",
    "retry:TRUE",
    "app:g3",
    "app:g3 http.route:\"/route/2\" OR request.id:absent",
    "of.0>0 retry:false",
    "http.route:absent OR user.id:NaN OR of.0:0",
    "request.id:*",
    "request.id:00000000000000ff",
    "http.route:\"\" OR retry:0",
    "NOT (retry:true OR retry:false)",
];

/// A row as a query sees it, without what is not an attribute.
struct Record<'a> {
    rows: &'a RecordBatch,
    row: usize,
}

impl Record<'_> {
    fn text_of(&self, column: &str) -> Option<&str> {
        let texts = self.rows.column_by_name(column)?.as_string_view();
        texts.is_valid(self.row).then(|| texts.value(self.row))
    }

    /// The sets of attributes of the record, and of its events and links.
    fn sets(&self) -> Vec<&[u8]> {
        let own = ["attributes", "resource_attributes", "scope_attributes"];
        let own = own.iter().map(|name| self.rows.column_by_name(name).unwrap().as_binary_view().value(self.row));
        let lists = ["events", "links"].into_iter().filter_map(|name| self.rows.column_by_name(name));
        let of_items = lists.flat_map(|lists| {
            let lists = lists.as_list::<i32>();
            let items = lists.value_offsets()[self.row] as usize..lists.value_offsets()[self.row + 1] as usize;
            let sets = lists.values().as_struct().column_by_name("attributes").unwrap().as_binary_view();
            items.map(|item| sets.value(item))
        });
        own.chain(of_items).collect()
    }
}

impl TextRecord for Record<'_> {
    fn text(&self) -> Cow<'_, str> {
        let texts = ["body", "name", "status_message"].iter().filter_map(|column| self.text_of(column));
        Cow::Owned(texts.collect::<Vec<_>>().join("\n"))
    }

    fn any_value(&self, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        let entries = |set| Attributes::new(set).iter().map_while(Result::ok).collect::<Vec<_>>();
        self.sets().into_iter().flat_map(entries).any(|entry| entry.key == field && test(entry.value))
    }
}

async fn flush_rows(store: &Store, ids: Range<u32>) {
    let row = |id: u32, table| Row { table, id, time: UnixNanos::new(RECEIVED.get() + i64::from(id)) };
    let rows: Vec<Row> = ids.flat_map(|id| [row(id, Table::Logs), row(id, Table::Spans)]).collect();
    append(store, &rows).await;
    store.flush().await.unwrap();
}

fn ranges_hold(ranges: &[Range<u32>], row: usize) -> bool {
    ranges.iter().any(|range| range.contains(&(row as u32)))
}

/// What each query needs, and which rows of the block match it.
fn by_looking(block: &Block, house: &House) -> Vec<(Necessary, Vec<usize>)> {
    let rows = read(block, &house.folder.path().join("blocks"));
    let matching = |query: &TextQuery| {
        (0..rows.num_rows()).filter(|row| query.matches(&Record { rows: &rows, row: *row })).collect::<Vec<_>>()
    };
    let queries = QUERIES.iter().map(|query| TextQuery::parse(query).unwrap());
    queries.map(|query| (query.necessary(|_| true), matching(&query))).collect()
}

/// Every row that matches must be a candidate. Returns how many rows the indexes ruled out.
fn check(block: &Block, by_looking: &[(Necessary, Vec<usize>)]) -> u64 {
    let mut ruled_out = 0;
    for (necessary, matching) in by_looking {
        let candidates = block.rows_that_may_match(necessary);
        assert!(candidates.rows.is_sorted_by(|a, b| a.end < b.start));
        let missed: Vec<_> = matching.iter().filter(|row| !ranges_hold(&candidates.rows, **row)).collect();
        assert!(missed.is_empty(), "{necessary:?} misses {missed:?} of {:?}", block.meta().id);
        ruled_out += candidates.ruled_out.iter().map(|(_, rows)| rows).sum::<u64>();
    }
    ruled_out
}

/// Of some rows, whatever the row has among its attributes must not be ruled out.
fn check_every_attribute(block: &Block, house: &House) {
    let rows = read(block, &house.folder.path().join("blocks"));
    let mut tokenizer = Tokenizer::new();
    for row in (0..rows.num_rows()).step_by(103) {
        let mut tokens = Vec::new();
        for set in (Record { rows: &rows, row }).sets() {
            tokenizer.fields(Attributes::new(set), |field, value| {
                let field = field.to_owned();
                tokens.push(match value {
                    None => Necessary::Field(field),
                    Some(value) => Necessary::Pair { field, value: value.to_owned() },
                });
            });
        }
        for token in tokens {
            let candidates = block.rows_that_may_match(&token).rows;
            assert!(ranges_hold(&candidates, row), "{token:?} misses row {row} of {:?}", block.meta().id);
        }
    }
}

fn blocks(store: &Store) -> Vec<std::sync::Arc<Block>> {
    let snapshot = store.snapshot();
    [Table::Logs, Table::Spans].iter().flat_map(|table| snapshot.blocks(&tenant(), *table).to_vec()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_match_are_candidates_in_blocks_and_merged_blocks() {
    let house = House::new();
    let store = house.open().await;
    for flush in 0..8 {
        flush_rows(&store, flush * 1_050..flush * 1_050 + 1_050).await;
    }
    for block in blocks(&store) {
        assert!(check(&block, &by_looking(&block, &house)) > 0, "an absent word is ruled out");
        check_every_attribute(&block, &house);
    }
    while store.compact(RECEIVED).await.unwrap().is_some() {}
    let merged = blocks(&store);
    assert_eq!(merged.iter().map(|block| block.meta().rows).collect::<Vec<_>>(), [8_400; 2]);
    for block in &merged {
        assert!(check(block, &by_looking(block, &house)) > 0);
        check_every_attribute(block, &house);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promoted_columns_rule_out_what_the_word_filter_does_not_know() {
    let house = House::new();
    let store = house.open().await;
    flush_rows(&store, 0..2_000).await;
    let word = || Necessary::Word("absent".to_owned());
    let field = |field: &str| Necessary::Field(field.to_owned());
    let pair = |field: &str, value: &str| Necessary::Pair { field: field.to_owned(), value: value.to_owned() };
    for block in blocks(&store) {
        let rows = block.meta().rows;
        let check = |necessary: Necessary, expected: &[(&str, u64)]| {
            let candidates = block.rows_that_may_match(&necessary);
            assert!(candidates.unreadable.is_empty(), "{:?}", candidates.unreadable);
            assert_eq!(candidates.ruled_out, expected, "{necessary:?}");
        };
        check(word(), &[("words", rows)]);
        // Nobody has it, so it is not promoted.
        check(field("absent"), &[("words", rows)]);
        check(pair("http.response.status_code", "1000"), &[("words", 0), ("columns", rows)]);
        check(pair("http.response.status_code", "299"), &[("words", 0), ("columns", 0)]);
        check(pair("request.id", "0123456789abcdeg"), &[("words", 0), ("columns", rows)]);
        check(field("request.id"), &[("words", 0), ("columns", 0)]);
        // Of the column alone it could be, of the filter not.
        check(Necessary::all([field("request.id"), word()]), &[("words", rows)]);
        check(Necessary::any([pair("request.id", "absent"), word()]), &[("words", 0), ("columns", rows)]);
        check(Necessary::any([field("request.id"), word()]), &[("words", 0), ("columns", 0)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_in_a_filter_of_the_parquet_file_rules_nothing_out_and_is_told() {
    let house = House::new();
    let store = house.open().await;
    flush_rows(&store, 0..2_000).await;
    let block = &blocks(&store)[0];
    let path = house.folder.path().join("blocks").join(block.meta().parquet_path());
    let request = |id: &str| Necessary::Pair { field: "request.id".to_owned(), value: id.to_owned() };
    let footer = block.footer().unwrap();
    let mut columns = footer.metadata().row_group(0).columns().iter();
    let column = columns.find(|column| column.column_path().parts() == ["a.s.request.id"]).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[column.bloom_filter_offset().unwrap() as usize + 40] ^= 1;
    fs::write(&path, bytes).unwrap();
    // What the footer rules out is not looked for further.
    assert_eq!(block.rows_that_may_match(&request("z")).rows, []);
    let candidates = block.rows_that_may_match(&request("0123456789abcdeg"));
    assert_eq!((candidates.rows.len(), candidates.unreadable[0].0), (1, "columns"));
    assert!(block.is_known_damaged());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_cannot_be_read_rules_nothing_out_and_is_told() {
    let house = House::new();
    let store = house.open().await;
    flush_rows(&store, 0..500).await;
    let block = &blocks(&store)[0];
    let path = house.folder.path().join("blocks").join(block.meta().word_filter_path());
    let whole = fs::read(&path).unwrap();
    let absent = Necessary::Word("absent".to_owned());
    let all = vec![Range { start: 0, end: block.meta().rows as u32 }];
    assert_eq!(block.rows_that_may_match(&absent).rows, []);
    let expected = by_looking(block, &house);
    let mut told = 0;
    for position in (0..whole.len()).step_by(whole.len() / 25) {
        let mut flipped = whole.clone();
        flipped[position] ^= 0x08;
        fs::write(&path, flipped).unwrap();
        check(block, &expected);
        let candidates = block.rows_that_may_match(&absent);
        match &candidates.unreadable[..] {
            // It was elsewhere.
            [] => assert_eq!(candidates.rows, []),
            _ => {
                assert_eq!(candidates.rows, all);
                told += 1;
            }
        }
    }
    assert!(told > 0);
    fs::remove_file(&path).unwrap();
    let candidates = block.rows_that_may_match(&absent);
    assert_eq!((&candidates.rows[..], candidates.unreadable.len()), (&all[..], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_nothing_and_tables_without_text_ask_no_index() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &crate::house::rows_of_every_table(1, 9)).await;
    store.flush().await.unwrap();
    let snapshot = store.snapshot();
    for table in Table::ALL {
        let block = &snapshot.blocks(&tenant(), table)[0];
        let asked = [Necessary::Anything, Necessary::Word("absent".to_owned())]
            .map(|necessary| block.rows_that_may_match(&necessary).ruled_out.len());
        let has_text = matches!(table, Table::Logs | Table::Spans);
        assert_eq!(asked, [0, usize::from(has_text)], "{table}");
        let path = house.folder.path().join("blocks").join(block.meta().word_filter_path());
        assert_eq!(path.try_exists().unwrap(), has_text, "{table}");
    }
}
