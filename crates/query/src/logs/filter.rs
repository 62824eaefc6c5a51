//! What a log record must pass, and the columns that it takes to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use model::{Attributes, Necessary, Selectors, Table, TextQuery, TimeRange};

use store::{AttributeKeys, Block, BlockReadError, Page};

use super::source::{Batches, Source, ranges_of};
use crate::cells::Cells;
use crate::record_fields::{RecordFields, TextRow};
use crate::resource::{ResourceVerdicts, resource_matches};

/// What tells the sender of a row.
const SENDER_COLUMNS: [&str; 2] = ["resource_id", "resource_attributes"];

/// Selectors and a text query over records of a time. Both are judged per row; the time beforehand.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) range: TimeRange,
    selectors: Option<Selectors>,
    verdicts: ResourceVerdicts,
    text: Option<TextQuery>,
    columns: Vec<&'static str>,
    /// The keys of attributes that are looked at; `None` for all.
    keys: Option<Vec<String>>,
}

impl Filter {
    pub(super) fn new(range: TimeRange, selectors: Option<Selectors>, text: Option<TextQuery>) -> Self {
        let mut columns = BTreeSet::new();
        if selectors.is_some() {
            columns.extend(SENDER_COLUMNS);
        }
        if let Some(text) = &text {
            columns.extend(RecordFields::columns_of(Table::Logs, text));
        }
        // Selectors look at any attribute of a resource.
        let keys = if selectors.is_none() { text.as_ref().map(RecordFields::keys_of) } else { None };
        let (verdicts, columns) = (ResourceVerdicts::default(), columns.into_iter().collect());
        Self { range, selectors, verdicts, text, columns, keys }
    }

    /// What a row must have to pass, as far as indexes know.
    pub(super) fn necessary(&self) -> Necessary {
        let is_attribute = |field: &str| RecordFields::is_attribute(Table::Logs, field);
        self.text.as_ref().map_or(Necessary::Anything, |text| text.necessary(is_attribute))
    }

    /// What to read to judge a row; empty when every row of the time passes.
    pub(super) fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    /// Rows of a source with [`Self::columns`], and of attributes what the filter looks at.
    pub(super) fn read<'a>(
        &self,
        source: &'a Source,
        rows: &'a [Range<u32>],
        columns: &[&str],
    ) -> Result<Batches<'a>, BlockReadError> {
        match &self.keys {
            None => source.read(rows, columns, AttributeKeys::All),
            Some(keys) => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                source.read(rows, columns, AttributeKeys::Of(&keys))
            }
        }
    }

    /// The pages that may hold rows of senders that the selectors match.
    ///
    /// Blocks are ordered by resource, so most pages are of one: it is judged by one row, once per question.
    pub(super) fn promising(&self, block: &Block, pages: Vec<Page>) -> Result<Vec<Page>, BlockReadError> {
        let Some(selectors) = &self.selectors else { return Ok(pages) };
        let mut unknown: BTreeMap<u64, u32> = BTreeMap::new();
        for page in &pages {
            if let Some(id) = page.resource_id.filter(|id| self.verdicts.known(*id).is_none()) {
                unknown.entry(id).or_insert(page.rows.start);
            }
        }
        if !unknown.is_empty() {
            let mut rows: Vec<u32> = unknown.into_values().collect();
            rows.sort_unstable();
            for batch in block.read(&ranges_of(rows.into_iter()), &SENDER_COLUMNS, AttributeKeys::All)? {
                let batch = batch?;
                let senders = Senders::new(selectors, &self.verdicts, &batch);
                (0..batch.num_rows()).for_each(|row| _ = senders.pass(row));
            }
        }
        let promising = |page: &Page| page.resource_id.and_then(|id| self.verdicts.known(id)) != Some(false);
        Ok(pages.into_iter().filter(promising).collect())
    }

    /// Which rows pass, of a batch with [`Self::columns`].
    pub(super) fn passing<'a>(&'a self, batch: &'a RecordBatch) -> impl Iterator<Item = bool> + 'a {
        let fields = RecordFields::new(Table::Logs, Cells::new(batch));
        let senders = self.selectors.as_ref().map(|selectors| Senders::new(selectors, &self.verdicts, batch));
        (0..batch.num_rows()).map(move |row| {
            senders.as_ref().is_none_or(|senders| senders.pass(row))
                && self.text.as_ref().is_none_or(|text| text.matches(&TextRow { fields: &fields, row }))
        })
    }
}

/// The resources of a batch before the selectors.
struct Senders<'a> {
    selectors: &'a Selectors,
    verdicts: &'a ResourceVerdicts,
    ids: &'a [u64],
    resources: &'a arrow::array::BinaryViewArray,
}

impl<'a> Senders<'a> {
    fn new(selectors: &'a Selectors, verdicts: &'a ResourceVerdicts, batch: &'a RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("the columns that were asked for");
        let ids = column("resource_id").as_primitive::<UInt64Type>().values();
        Self { selectors, verdicts, ids, resources: column("resource_attributes").as_binary_view() }
    }

    fn pass(&self, row: usize) -> bool {
        let judge = || resource_matches(self.selectors, Attributes::new(self.resources.value(row)));
        self.verdicts.of(self.ids[row], judge)
    }
}
