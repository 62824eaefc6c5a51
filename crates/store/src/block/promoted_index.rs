//! Which promoted values may stand in which rows, as the Parquet file itself tells.
//!
//! What a record has in a promoted column is in no other index: the bounds of each page and the Bloom filters of row
//! groups rule it out as well, and are there for SQL anyhow. An integer of `404` and a double of `404.0` are one value
//! to [`Necessary::Pair`], so a value is read as the type of each column, and is in none that it cannot be of.

use std::collections::HashMap;
use std::ops::Range;

use model::{Necessary, PromotedKind, Promotion};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::bloom_filter::Sbbf;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;

use super::BlockReadError;
use super::checked_file::CheckedFile;
use super::reshaper::ReshapeError;

/// The promoted columns of a block, open for asking.
pub(super) struct PromotedIndex<'a> {
    file: CheckedFile,
    footer: ArrowReaderMetadata,
    promotion: &'a Promotion,
    /// The rows of each row group.
    row_groups: Vec<Range<u32>>,
    /// The columns of each field that was asked for.
    fields: HashMap<String, Vec<Column>>,
}

/// One promoted column.
struct Column {
    kind: PromotedKind,
    leaf: usize,
    /// Of the row group that was asked last, by its number: rows are asked for in their order. A row group of a text
    /// column may have none.
    bloom: Option<(usize, Option<Sbbf>)>,
}

impl<'a> PromotedIndex<'a> {
    /// Over the file, which has this footer and promotes these columns.
    pub(super) fn new(file: CheckedFile, footer: ArrowReaderMetadata, promotion: &'a Promotion) -> Self {
        let mut begin = 0;
        let rows = footer.metadata().row_groups().iter().map(|row_group| {
            let end = u32::saturating_add(begin, u32::try_from(row_group.num_rows()).unwrap_or(u32::MAX));
            std::mem::replace(&mut begin, end)..end
        });
        let row_groups = rows.collect();
        Self { file, footer, promotion, row_groups, fields: HashMap::new() }
    }

    /// Whether the token is a field, or a pair of one, that is not in the word filter wherever it is promoted.
    pub(super) fn knows(&mut self, token: &Necessary) -> Result<bool, BlockReadError> {
        match token {
            Necessary::Field(field) | Necessary::Pair { field, .. } => Ok(!self.columns(field)?.is_empty()),
            _ => Ok(false),
        }
    }

    /// Whether any of the rows may have the field or pair in a promoted column. Blocks the calling thread.
    pub(super) fn may_have(&mut self, rows: &Range<u32>, token: &Necessary) -> Result<bool, BlockReadError> {
        let (field, value) = match token {
            Necessary::Field(field) => (field, None),
            Necessary::Pair { field, value } => (field, Some(value.as_str())),
            _ => return Ok(false),
        };
        self.columns(field)?;
        let Self { file, footer, row_groups, fields, .. } = self;
        let metadata = footer.metadata();
        let first = row_groups.partition_point(|of| of.end <= rows.start);
        let touched = row_groups.iter().enumerate().skip(first).take_while(|(_, of)| of.start < rows.end);
        for (row_group, of) in touched {
            let within = rows.start.max(of.start) - of.start..rows.end.min(of.end) - of.start;
            for column in fields.get_mut(field).into_iter().flatten() {
                if column.pages_may_have(metadata, row_group, within.clone(), value)
                    && column.bloom_may_have(file, metadata, row_group, value)?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The promoted columns of the field whose values are nowhere else.
    fn columns(&mut self, field: &str) -> Result<&[Column], BlockReadError> {
        if !self.fields.contains_key(field) {
            let leaves = self.footer.metadata().file_metadata().schema_descr().columns();
            let uses = self.promotion.uses().iter().map(|of| &of.column);
            let columns = uses.filter(|of| of.key() == field && !of.set().is_kept_whole()).map(|of| {
                let name = of.name();
                let leaf = leaves.iter().position(|leaf| leaf.path().parts() == [name.as_str()]);
                let leaf = leaf.ok_or(ReshapeError::NoColumn(name))?;
                Ok(Column { kind: of.kind(), leaf, bloom: None })
            });
            let columns = columns.collect::<Result<Vec<_>, BlockReadError>>()?;
            self.fields.insert(field.to_owned(), columns);
        }
        Ok(&self.fields[field])
    }
}

impl Column {
    /// Whether a page with any of these rows of the row group may have the value, or any where none is given.
    fn pages_may_have(
        &self,
        metadata: &ParquetMetaData,
        row_group: usize,
        rows: Range<u32>,
        value: Option<&str>,
    ) -> bool {
        let bounds = metadata.column_index().and_then(|index| index.get(row_group)?.get(self.leaf));
        let pages = metadata.offset_index().and_then(|index| index.get(row_group)?.get(self.leaf));
        let (Some(bounds), Some(pages)) = (bounds, pages.map(|index| index.page_locations())) else { return true };
        if matches!(bounds, ColumnIndexMetaData::NONE) || bounds.num_pages() != pages.len() as u64 {
            return true;
        }
        let first = pages.partition_point(|page| page.first_row_index <= i64::from(rows.start)).saturating_sub(1);
        let touched = (first..pages.len()).take_while(|page| pages[*page].first_row_index < i64::from(rows.end));
        touched
            .into_iter()
            .any(|page| !bounds.is_null_page(page) && value.is_none_or(|value| may_be(bounds, page, value)))
    }

    /// Whether the row group may have the value, by its Bloom filter. Only texts are in one as a pair has them.
    fn bloom_may_have(
        &mut self,
        file: &CheckedFile,
        metadata: &ParquetMetaData,
        row_group: usize,
        value: Option<&str>,
    ) -> Result<bool, ParquetError> {
        let (PromotedKind::Text, Some(value)) = (self.kind, value) else { return Ok(true) };
        if self.bloom.as_ref().is_none_or(|(of, _)| *of != row_group) {
            let column = metadata.row_group(row_group).column(self.leaf);
            self.bloom = Some((row_group, Sbbf::read_from_column_chunk(column, file)?));
        }
        let bloom = self.bloom.as_ref().and_then(|(_, bloom)| bloom.as_ref());
        Ok(bloom.is_none_or(|bloom| bloom.check(value)))
    }
}

/// Whether the page, which has values, may have this one.
fn may_be(bounds: &ColumnIndexMetaData, page: usize, value: &str) -> bool {
    fn is_within<T: PartialOrd>(value: T, min: Option<T>, max: Option<T>) -> bool {
        min.is_none_or(|min| min <= value) && max.is_none_or(|max| value <= max)
    }
    match bounds {
        ColumnIndexMetaData::BYTE_ARRAY(texts) => {
            is_within(value.as_bytes(), texts.min_value(page), texts.max_value(page))
        }
        ColumnIndexMetaData::INT64(numbers) => {
            value.parse().is_ok_and(|value| is_within(&value, numbers.min_value(page), numbers.max_value(page)))
        }
        // What a double is written as reads back as that double, also where it is written as an integer.
        ColumnIndexMetaData::DOUBLE(numbers) => {
            value.parse().is_ok_and(|value| is_within(&value, numbers.min_value(page), numbers.max_value(page)))
        }
        ColumnIndexMetaData::BOOLEAN(truths) => {
            value.parse().is_ok_and(|value| is_within(&value, truths.min_value(page), truths.max_value(page)))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;
    use std::sync::Arc;

    use arrow::array::{BinaryViewArray, RecordBatch};
    use model::{Attributes, AttributesWriter, PromotedColumn, PromotedUse, Promoter, Tokenizer, Value};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ArrowReaderOptions;
    use parquet::file::metadata::PageIndexPolicy;
    use parquet::file::properties::WriterProperties;
    use parquet::schema::types::ColumnPath;
    use proptest::prelude::*;

    use super::super::checksums::Checksums;
    use super::*;

    type Set = Vec<(&'static str, Value)>;

    const COLUMNS: [&str; 6] = ["a.s.id", "a.s.k", "a.i.k", "a.f.k", "a.b.k", "a.s.never"];

    /// Row groups of sixteen rows in pages of four.
    const SMALL: (usize, usize) = (16, 4);

    fn encode(set: &Set) -> Vec<u8> {
        let mut writer = AttributesWriter::new();
        for (key, value) in set {
            writer.key(key);
            writer.value(value);
        }
        writer.as_bytes().to_vec()
    }

    /// A file of what the sets promote, and its checksums.
    fn write(path: &Path, sets: &[Set], (row_group_rows, page_rows): (usize, usize)) -> Arc<Checksums> {
        let columns = COLUMNS.map(|name| PromotedColumn::from_name(name).unwrap());
        let sets: BinaryViewArray = sets.iter().map(|set| Some(encode(set))).collect();
        let promoted = Promoter::new(&columns).promote(&sets);
        let batch = RecordBatch::try_from_iter(COLUMNS.into_iter().zip(promoted.columns)).unwrap();
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(row_group_rows))
            .set_data_page_row_count_limit(page_rows)
            .set_write_batch_size(page_rows)
            .set_column_index_truncate_length(Some(8))
            .set_column_bloom_filter_enabled(ColumnPath::new(vec!["a.s.id".to_owned()]), true)
            .build();
        let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Arc::new(Checksums::of(&mut File::open(path).unwrap()).unwrap())
    }

    fn promotion() -> Promotion {
        let names = COLUMNS.into_iter().chain(["r.s.of.resource"]);
        let columns = names.map(|name| PromotedColumn::from_name(name).unwrap());
        Promotion::new(columns.map(|column| PromotedUse { column, values: 1, is_mixed: true }).collect())
    }

    fn open<'a>(
        path: &Path,
        checksums: &Arc<Checksums>,
        promotion: &'a Promotion,
    ) -> Result<PromotedIndex<'a>, BlockReadError> {
        let file = CheckedFile::new(File::open(path).unwrap(), Arc::clone(checksums), Arc::default());
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let footer = ArrowReaderMetadata::load(&file, options)?;
        Ok(PromotedIndex::new(file, footer, promotion))
    }

    fn field(field: &str) -> Necessary {
        Necessary::Field(field.to_owned())
    }

    fn pair(field: &str, value: &str) -> Necessary {
        Necessary::Pair { field: field.to_owned(), value: value.to_owned() }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn pages_and_blooms_rule_out_values_that_they_cannot_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let set = |row: i64| {
            let value = match row / 8 {
                0 => Value::Int(row),
                1 => Value::Float(row as f64 / 2.0),
                2 => text(&format!("text {row}")),
                3 => Value::Bool(true),
                _ => return vec![],
            };
            vec![("k", value), ("id", text(&format!("{:x}", row * 7_919 % 1_000)))]
        };
        let sets: Vec<Set> = (0..40).map(set).collect();
        let (checksums, promotion) = (write(&path, &sets, SMALL), promotion());
        let mut index = open(&path, &checksums, &promotion).unwrap();
        let mut check = |token: &Necessary, expected: &[u32]| {
            assert!(index.knows(token).unwrap(), "{token:?}");
            let pages = (0..10).filter(|page| index.may_have(&(page * 4..page * 4 + 4), token).unwrap());
            assert_eq!(pages.collect::<Vec<_>>(), expected, "{token:?}");
            assert_eq!(index.may_have(&(0..40), token).unwrap(), !expected.is_empty(), "{token:?}");
        };
        check(&pair("k", "2"), &[0]);
        check(&pair("k", "5"), &[1, 2]);
        check(&pair("k", "5.0"), &[2]);
        check(&pair("k", "4.5"), &[2]);
        check(&pair("k", "text 17"), &[4]);
        check(&pair("k", "text 21 and so on"), &[5]);
        check(&pair("k", "true"), &[6, 7]);
        check(&pair("k", "false"), &[]);
        check(&pair("k", "Text 17"), &[]);
        check(&field("k"), &[0, 1, 2, 3, 4, 5, 6, 7]);
        check(&field("never"), &[]);
        check(&pair("never", "x"), &[]);
        // Within the bounds of every page.
        check(&pair("id", "1ef0"), &[]);
        for token in [field("other"), field("of.resource"), pair("other", "k"), Necessary::Word("k".to_owned())] {
            assert!(!index.knows(&token).unwrap() && !index.may_have(&(0..40), &token).unwrap(), "{token:?}");
        }
    }

    #[test]
    fn a_flipped_byte_is_an_error_and_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let set = |row: u64| vec![("id", text(&format!("{:016x}", row.wrapping_mul(0x9e37_79b9_7f4a_7c15))))];
        let sets: Vec<Set> = (0..20_000).map(set).collect();
        let (checksums, promotion) = (write(&path, &sets, (4_096, 512)), promotion());
        let whole = fs::read(&path).unwrap();
        let present: Vec<Necessary> = (0..20_000)
            .step_by(997)
            .map(|row| pair("id", &format!("{:016x}", u64::wrapping_mul(row, 0x9e37_79b9_7f4a_7c15))))
            .collect();
        let mut found = 0;
        for position in (0..whole.len()).step_by(whole.len() / 40) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x10;
            fs::write(&path, flipped).unwrap();
            let Ok(mut index) = open(&path, &checksums, &promotion) else { continue };
            for (token, row) in present.iter().zip((0..20_000).step_by(997)) {
                match index.may_have(&(row..row + 1), token) {
                    Ok(may_have) => assert!(may_have, "{token:?} with byte {position} flipped"),
                    Err(BlockReadError::Damaged(_)) => found += 1,
                    Err(other) => panic!("{other}"),
                }
            }
        }
        assert!(found > 0, "no flip was in a filter");
    }

    const FLOATS: [f64; 9] =
        [0.5, -0.0, 2.0, -3.0, 1e300, 9_223_372_036_854_775_808.0, f64::INFINITY, f64::MIN, f64::NAN];

    const TEXTS: [&str; 10] =
        ["", "a", "b", "2", "0.5", "true", "Infinity", "a text that is truncated", "a text that is long", "ä"];

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            prop_oneof![-4i64..4, Just(i64::MAX), Just(i64::MIN)].prop_map(Value::Int),
            prop::sample::select(&FLOATS[..]).prop_map(Value::Float),
            prop::sample::select(&TEXTS[..]).prop_map(text),
            any::<bool>().prop_map(Value::Bool),
            Just(Value::Null),
        ]
    }

    fn any_set() -> impl Strategy<Value = Set> {
        let key = prop::sample::select(&["k", "id", "other"][..]);
        prop::collection::vec((key, any_value()), 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_a_row_has_in_a_promoted_column_is_never_ruled_out(
            sets in prop::collection::vec(any_set(), 1..60),
            ranges in prop::collection::vec((0u32..60, 1u32..30), 1..8),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            let (checksums, promotion) = (write(&path, &sets, SMALL), promotion());
            let mut index = open(&path, &checksums, &promotion).unwrap();
            for (start, length) in ranges {
                let rows = start.min(sets.len() as u32 - 1)..(start + length).min(sets.len() as u32).max(1);
                prop_assume!(rows.start < rows.end);
                for set in &sets[rows.start as usize..rows.end as usize] {
                    let encoded = encode(set);
                    // Only the first of a key is promoted.
                    for key in ["k", "id"] {
                        let Some(value) = Attributes::new(&encoded).get(key) else { continue };
                        let has_column = PromotedKind::of(&value).is_some_and(|kind| key == "k" || kind == PromotedKind::Text);
                        if !has_column {
                            continue;
                        }
                        prop_assert!(index.may_have(&rows, &field(key)).unwrap(), "{key} of {set:?}");
                        let mut values = Vec::new();
                        Tokenizer::new().values(value, |value| values.push(value.to_owned()));
                        for value in values {
                            prop_assert!(index.may_have(&rows, &pair(key, &value)).unwrap(), "{key}={value} of {set:?}");
                        }
                    }
                }
            }
        }
    }
}
