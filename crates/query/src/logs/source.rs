//! Where log records lie: batches in memory and blocks, cut into stretches of rows whose times are known.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampNanosecondType;
use arrow::error::ArrowError;
use model::{Table, TimeRange, UnixNanos};
use store::{AttributeKeys, Block, BlockReadError, Page};

/// The column that records are ordered by.
const TIME: &str = "time";

/// A place where records lie.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Memory(Arc<RecordBatch>),
    Block(Arc<Block>),
}

/// Rows of one source, and between which times they are.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) source: u32,
    /// Ascending, not empty, none touching another.
    pub(super) rows: Vec<Range<u32>>,
    pub(super) earliest: UnixNanos,
    pub(super) latest: UnixNanos,
}

/// Batches of rows, one after the other.
pub(super) type Batches<'a> = Box<dyn Iterator<Item = Result<RecordBatch, BlockReadError>> + 'a>;

impl Source {
    /// The rows in these ranges, which ascend, with these columns in their order, and attributes with at least these keys.
    pub(super) fn read<'a>(
        &'a self,
        rows: &'a [Range<u32>],
        columns: &[&str],
        keys: AttributeKeys<'_>,
    ) -> Result<Batches<'a>, BlockReadError> {
        match self {
            Self::Memory(batch) => {
                let indices = columns.iter().map(|name| batch.schema().index_of(name));
                let batch = batch.project(&indices.collect::<Result<Vec<_>, ArrowError>>()?)?;
                let slice = move |rows: &Range<u32>| Ok(batch.slice(rows.start as usize, rows.len()));
                Ok(Box::new(rows.iter().map(slice)))
            }
            Self::Block(block) => Ok(Box::new(block.read(rows, columns, keys)?)),
        }
    }

    /// The rows in these ranges whose time is admitted: cheap to find, and it spares the reading of everything else.
    pub(super) fn timely(
        &self,
        rows: &[Range<u32>],
        admits: impl Fn(UnixNanos) -> bool,
    ) -> Result<Vec<(UnixNanos, u32)>, BlockReadError> {
        let mut timely = Vec::new();
        let mut numbers = rows.iter().cloned().flatten();
        for batch in self.read(rows, &[TIME], AttributeKeys::All)? {
            let batch = batch?;
            let times = times_of(&batch).iter().map(|time| UnixNanos::new(*time));
            // In this order, or each batch would take the number of the next one's first row with it.
            timely.extend(times.zip(&mut numbers).filter(|(time, _)| admits(*time)));
        }
        Ok(timely)
    }

    /// The rows with these numbers, which ascend, with all columns.
    pub(super) fn read_whole(&self, rows: &[u32]) -> Result<Vec<RecordBatch>, BlockReadError> {
        let schema = Table::Logs.schema();
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        self.read(&ranges_of(rows.iter().copied()), &columns, AttributeKeys::All)?.collect()
    }
}

/// A batch as one stretch; `None` when nothing in it is of the time.
pub(super) fn stretch_of_batch(source: u32, batch: &RecordBatch, range: TimeRange) -> Option<Stretch> {
    let times = times_of(batch);
    let (earliest, latest) = (times.iter().min()?, times.iter().max()?);
    let (earliest, latest) = (UnixNanos::new(*earliest), UnixNanos::new(*latest));
    let rows = Range { start: 0, end: u32::try_from(batch.num_rows()).ok()? };
    overlaps(range, earliest, latest).then(|| Stretch { source, rows: vec![rows], earliest, latest })
}

/// Pages of a block, in their order, as stretches of those of their rows that may match.
pub(super) fn stretches_of_pages(source: u32, pages: Vec<Page>, candidates: &[Range<u32>]) -> Vec<Stretch> {
    let mut rest = candidates;
    let stretches = pages.into_iter().filter_map(|page| {
        rest = &rest[rest.partition_point(|rows| rows.end <= page.rows.start)..];
        let inside = rest.iter().take_while(|rows| rows.start < page.rows.end);
        let rows = inside.map(|rows| rows.start.max(page.rows.start)..rows.end.min(page.rows.end)).collect::<Vec<_>>();
        (!rows.is_empty()).then_some(Stretch { source, rows, earliest: page.earliest, latest: page.latest })
    });
    stretches.collect()
}

/// Whether a row between these times, both inclusive, may be of the range.
pub(super) fn overlaps(range: TimeRange, earliest: UnixNanos, latest: UnixNanos) -> bool {
    latest >= range.from && earliest < range.to
}

/// The times of a batch that has them.
fn times_of(batch: &RecordBatch) -> &[i64] {
    let times = batch.column_by_name(TIME).expect("every table of records has its time, and it was asked for");
    times.as_primitive::<TimestampNanosecondType>().values()
}

/// Numbers that ascend, as ranges.
pub(super) fn ranges_of(numbers: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => ranges.push(number..number + 1),
        }
    }
    ranges
}
