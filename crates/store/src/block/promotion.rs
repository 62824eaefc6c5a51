//! Which attributes a block promotes.
//!
//! Keys that people ask for by name are promoted wherever they occur; other keys where they are in enough rows to
//! pay for a column.
//!
//! | | a flush | a merge |
//! |---|---|---|
//! | the record's own attributes | learned from a sample of the rows | learned from the footers of the inputs |
//! | the resource's | not promoted | learned from a sample of the resources |
//!
//! The resource's set is kept whole all the same, and its twenty columns would be a fifth of the work of a flush, for a
//! block that is merged within minutes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use model::{
    AttributeSet, Attributes, PROMOTED_COLUMNS_MAX, PromotedColumn, PromotedKind, PromotedUse, Promotion, Table,
};
use xxhash_rust::xxh3::xxh3_64;

use super::chosen_column::{ChosenColumn, Spread};
use super::reshaper::promoted_sets;
use super::resource_sample::ResourceSample;
use super::writer::ROW_GROUP_ROWS;
use super::{Block, BlockReadError, PlacedRow};

/// Rows that a flush looks at: enough that a key in one row of a hundred is in about forty of them.
const SAMPLE_ROWS: usize = 4_096;

/// A key that is not listed is promoted from one row in so many on.
const ROWS_PER_VALUE_MAX: u64 = 100;

/// Distinct keys that are counted at once; a sender that makes up keys must not take memory for each.
const KEYS_MAX: usize = 16_384;

/// Sets between one search for rare keys and the next.
const FORGET_SETS: u64 = 64;

/// Values of a sample that are told from each other; 4 096 rows of 128 attributes.
const DISTINCT_VALUES_MAX: usize = 1 << 19;

/// Promoted wherever they occur: what questions name, by OpenTelemetry's semantic conventions.
const LISTED: [&str; 19] = [
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "http.method",
    "http.status_code",
    "http.target",
    "url.path",
    "url.full",
    "server.address",
    "client.address",
    "peer.service",
    "user.id",
    "session.id",
    "error.type",
    "exception.type",
    "code.function.name",
    "log.file.name",
    "container.id",
    "container.name",
];

/// The same for whole families of keys.
const LISTED_FAMILIES: [&str; 9] =
    ["service.", "k8s.", "host.", "deployment.", "cloud.", "rpc.", "db.", "messaging.", "feature_flag."];

/// The columns that a block is going to have beside those of its table, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(super) columns: Vec<ChosenColumn>,
}

impl Choice {
    /// For a block of these rows of the batches.
    pub(crate) fn of_rows(table: Table, batches: &[Arc<RecordBatch>], rows: &[PlacedRow]) -> Self {
        let step = rows.len().div_ceil(SAMPLE_ROWS).max(1);
        let sample: Vec<&PlacedRow> = rows.iter().step_by(step).collect();
        let mut candidates = Vec::new();
        for set in promoted_sets(table).iter().filter(|set| !set.is_kept_whole()) {
            let sets = batches.iter().map(|batch| {
                let column = batch.column_by_name(set.column()).expect("a batch has exactly its table's columns");
                column.as_binary_view()
            });
            let sets: Vec<_> = sets.collect();
            let mut census = Census::default();
            let sampled: Vec<&[u8]> =
                sample.iter().map(|row| sets[row.batch as usize].value(row.row as usize)).collect();
            for run in sampled.chunk_by(|a, b| a == b) {
                census.add(Attributes::new(run[0]), run.len() as u64, run.len() as u64);
            }
            candidates.extend(census.candidates(*set, rows.len() as u64));
        }
        Self::among(candidates, rows.len() as u64)
    }

    /// For a block of all rows of the inputs, of these resources. Reads nothing but their footers.
    pub(crate) fn of_inputs<'a>(
        inputs: &'a [Arc<Block>],
        resources: &ResourceSample,
    ) -> Result<Self, (&'a Arc<Block>, BlockReadError)> {
        let mut found: BTreeMap<&PromotedColumn, BTreeMap<Spread, u64>> = BTreeMap::new();
        for input in inputs {
            let spreads = input.spreads().map_err(|error| (input, error))?;
            let promotion = input.promotion().map_err(|error| (input, error))?;
            let uses = promotion.uses().iter().zip(spreads);
            for (promoted, spread) in uses.filter(|(promoted, _)| !promoted.column.set().is_kept_whole()) {
                *found.entry(&promoted.column).or_default().entry(spread).or_default() += promoted.values;
            }
        }
        let candidates = found.into_iter().map(|(column, values)| {
            // What most of the values are written as.
            let spread = values.iter().max_by_key(|(_, values)| **values).map_or(Spread::Few, |(spread, _)| *spread);
            Candidate { column: column.clone(), values: values.into_values().sum(), spread }
        });
        let rows = inputs.iter().map(|input| input.meta().rows).sum();
        Ok(Self::among(candidates.chain(resources.candidates(rows)).collect(), rows))
    }

    /// The columns, by name.
    pub(super) fn columns(&self) -> Vec<PromotedColumn> {
        self.columns.iter().map(|chosen| chosen.column.clone()).collect()
    }

    /// What the block's footer will say of the columns, given the rows with a value of each and the keys that are mixed.
    pub(super) fn promotion(&self, values: &[u64], is_mixed: impl Fn(&PromotedColumn) -> bool) -> Promotion {
        let uses = self.columns.iter().zip(values).map(|(chosen, values)| PromotedUse {
            column: chosen.column.clone(),
            values: *values,
            is_mixed: is_mixed(&chosen.column),
        });
        Promotion::new(uses.collect())
    }

    fn among(mut candidates: Vec<Candidate>, rows: u64) -> Self {
        let is_worth_it = |of: &Candidate| {
            of.values > 0 && (is_listed(of.column.key()) || of.values >= rows.div_ceil(ROWS_PER_VALUE_MAX))
        };
        candidates.retain(is_worth_it);
        candidates.sort_by_key(|of| (!is_listed(of.column.key()), std::cmp::Reverse(of.values), of.column.clone()));
        candidates.truncate(PROMOTED_COLUMNS_MAX);
        let chosen = |of: Candidate| ChosenColumn { column: of.column, spread: of.spread, values: of.values };
        let mut columns: Vec<ChosenColumn> = candidates.into_iter().map(chosen).collect();
        // Not by frequency: blocks that promote the same keys have them in the same order, and merge as they are.
        columns.sort_by(|a, b| a.column.cmp(&b.column));
        Self { columns }
    }
}

pub(super) struct Candidate {
    column: PromotedColumn,
    /// Rows of the block with a value in it, about.
    values: u64,
    spread: Spread,
}

fn is_listed(key: &str) -> bool {
    LISTED.contains(&key) || LISTED_FAMILIES.iter().any(|family| key.starts_with(family))
}

/// Counts keys and the types of their values in a sample of sets.
#[derive(Debug, Default)]
pub(super) struct Census<'a> {
    /// Rows of the sets so far.
    sets: u64,
    /// Sets that were looked at.
    looked_at: u64,
    /// Whether no set is left that was not looked at: what was not seen is not there.
    is_of_all: bool,
    keys: HashMap<&'a str, [Tally; PromotedKind::ALL.len()]>,
    values: usize,
    /// Rare keys are forgotten when so many sets were looked at, and not before.
    forgets_from: u64,
}

/// The values of one key and type.
#[derive(Debug, Default)]
struct Tally {
    values: u64,
    /// Hash of each value, and in how many draws it was seen.
    distinct: HashMap<u64, u64>,
}

impl<'a> Census<'a> {
    /// One that is shown every set there is.
    pub(super) fn of_all() -> Self {
        Self { is_of_all: true, ..Self::default() }
    }

    /// Counts a set that so many rows have, and that was drawn so many times.
    pub(super) fn add(&mut self, set: Attributes<'a>, rows: u64, draws: u64) {
        self.sets += rows;
        self.looked_at += 1;
        for entry in set.iter().map_while(Result::ok) {
            let Some(kind) = PromotedKind::of(&entry.value) else { continue };
            if self.keys.len() >= KEYS_MAX && !self.keys.contains_key(entry.key) && !self.forget_rare() {
                continue;
            }
            let tally = &mut self.keys.entry(entry.key).or_default()[kind as usize];
            tally.values += rows;
            self.values += 1;
            if self.values > DISTINCT_VALUES_MAX {
                continue;
            }
            let value = xxh3_64(&entry.encoded[entry.key.len()..]);
            *tally.distinct.entry(value).or_default() += draws;
        }
    }

    /// Makes room among the keys; `false` where there is none, or was none a few sets ago.
    fn forget_rare(&mut self) -> bool {
        // Going through all keys for each that is made up would take time without end.
        if self.looked_at < self.forgets_from {
            return false;
        }
        self.forgets_from = self.looked_at + FORGET_SETS;
        let enough = self.sets.div_ceil(2 * ROWS_PER_VALUE_MAX);
        self.keys.retain(|key, tallies| is_listed(key) || tallies.iter().any(|tally| tally.values >= enough));
        self.keys.len() < KEYS_MAX
    }

    /// What was found, of a block of so many rows.
    pub(super) fn candidates(self, set: AttributeSet, rows: u64) -> impl Iterator<Item = Candidate> {
        let (share, is_of_all) = (rows as f64 / self.sets.max(1) as f64, self.is_of_all);
        self.keys.into_iter().flat_map(move |(key, tallies)| {
            let found = PromotedKind::ALL.into_iter().zip(tallies).filter(|(_, tally)| tally.values > 0);
            found.filter_map(move |(kind, tally)| {
                let column = PromotedColumn::new(set, kind, key)?;
                let values = (tally.values as f64 * share).ceil() as u64;
                let distinct = if is_of_all { tally.distinct.len() as f64 } else { tally.distinct_in_all() };
                let in_row_group = tally.values as f64 / self.sets as f64 * ROW_GROUP_ROWS as f64;
                Some(Candidate { column, values, spread: Spread::of(distinct, in_row_group) })
            })
        })
    }
}

impl Tally {
    /// How many values are distinct, also beyond the sample: Chao's estimator (Chao 1984, in the form that is defined
    /// without values seen twice). What is common does not disturb it; what was seen once and twice tells of the rest.
    fn distinct_in_all(&self) -> f64 {
        let seen = |times: u64| self.distinct.values().filter(|seen| **seen == times).count() as f64;
        let (once, twice) = (seen(1), seen(2));
        self.distinct.len() as f64 + once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributesWriter, Value};

    use super::*;

    fn candidates(sets: &[Vec<(String, Value)>], step: u64) -> Vec<Candidate> {
        let encoded: Vec<Vec<u8>> = sets
            .iter()
            .map(|set| {
                let mut writer = AttributesWriter::new();
                for (key, value) in set {
                    writer.key(key);
                    writer.value(value);
                }
                writer.as_bytes().to_vec()
            })
            .collect();
        let mut census = Census::default();
        encoded.iter().for_each(|set| census.add(Attributes::new(set), 1, 1));
        census.candidates(AttributeSet::Record, sets.len() as u64 * step).collect()
    }

    fn choose(sets: &[Vec<(String, Value)>], step: u64) -> Vec<(String, Spread)> {
        let choice = Choice::among(candidates(sets, step), sets.len() as u64 * step);
        choice.columns.iter().map(|chosen| (chosen.column.name(), chosen.spread)).collect()
    }

    fn entry(key: &str, value: Value) -> (String, Value) {
        (key.to_owned(), value)
    }

    #[test]
    fn a_key_is_promoted_where_it_is_listed_or_common() {
        let row = |row: i64| {
            let mut set = vec![entry("common", Value::Int(row % 7)), entry("list", Value::List(vec![]))];
            set.extend((row == 0).then(|| entry("http.route", Value::Text("/".into()))));
            set.extend((row % 100 == 0).then(|| entry("one_percent", Value::Bool(true))));
            set.extend((row % 102 == 0).then(|| entry("rarer", Value::Bool(true))));
            set.extend((row % 2 == 0).then(|| entry("both", Value::Int(1))));
            set.extend((row % 2 == 1).then(|| entry("both", Value::Text("1".into()))));
            set
        };
        let sets: Vec<_> = (0..10_000).map(row).collect();
        let names: Vec<String> = choose(&sets, 1).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a.s.both", "a.s.http.route", "a.i.both", "a.i.common", "a.b.one_percent"]);
    }

    #[test]
    fn of_too_many_the_listed_and_the_most_frequent_are_promoted() {
        let row = |row: usize| {
            let hot = (0..200).filter(|key| row % 200 >= *key).map(|key| entry(&format!("hot{key:03}"), Value::Int(1)));
            let rare = (row == 0).then(|| entry("k8s.pod.name", Value::Text("p".into())));
            hot.chain(rare).collect()
        };
        let names = choose(&(0..200).map(row).collect::<Vec<_>>(), 1);
        assert_eq!(names.len(), PROMOTED_COLUMNS_MAX);
        assert!(names.iter().any(|(name, _)| name == "a.s.k8s.pod.name"));
        assert!(names.iter().all(|(name, _)| name.as_str() < "a.i.hot127" || name.starts_with("a.s.")));
    }

    #[test]
    fn how_many_values_differ_is_told_from_a_sample() {
        let check = |distinct: usize, rows: usize, step: u64, expected: Spread| {
            let row = |row: usize| vec![entry("k", Value::Text(format!("{}", row % distinct)))];
            let spread = choose(&(0..rows).map(row).collect::<Vec<_>>(), step)[0].1;
            assert_eq!(spread, expected, "{distinct} of {rows}, 1 in {step}");
        };
        check(1, 8_192, 10, Spread::Few);
        check(1_000, 8_192, 10, Spread::Few);
        check(4_000, 8_192, 10, Spread::Few);
        check(5_000, 8_192, 10, Spread::Many);
        check(8_192, 8_192, 10, Spread::Distinct);
        check(100, 100, 1, Spread::Many);
        check(10, 10, 1, Spread::Few);
        check(3_000, 4_500, 10, Spread::Few);
    }

    #[test]
    fn keys_without_end_do_not_take_memory_without_end() {
        let row = |row: usize| {
            let made_up = (0..100).map(move |key| entry(&format!("{row}-{key}"), Value::Int(1)));
            made_up.chain([entry("hot", Value::Int(1)), entry("error.type", Value::Text("e".into()))]).collect()
        };
        let sets: Vec<_> = (0..1_000).map(row).collect();
        assert!(candidates(&sets, 1).len() <= KEYS_MAX);
        let names: Vec<String> = choose(&sets, 1).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a.s.error.type", "a.i.hot"]);
    }
}
