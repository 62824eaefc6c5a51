//! How many log records match, over time.
//!
//! A page of records that all lie in one bucket, when every record counts, is counted by what its block says of it
//! and not read. Everything else is: its times, and what the filter and the levels look at.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use model::{Selectors, TenantId, TextQuery, TimeRange, UnixNanos};
use store::BlockReadError;

use super::ahead::Ahead;
use super::filter::Filter;
use super::search::LogOrder;
use super::source::{Source, Stretch, ranges_of};
use super::threads::on_all_cores;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Buckets of one answer, at most: more than a screen is wide.
pub const HISTOGRAM_BUCKETS_MAX: usize = 4_000;

/// Stretches counted at once: a million records, whose pages each core decodes one after another.
const WAVE_STRETCHES: usize = 256;

/// Levels that records are counted by: unset, then `TRACE` to `FATAL` as OpenTelemetry numbers them.
pub const LEVELS: [&str; 7] = ["unset", "trace", "debug", "info", "warn", "error", "fatal"];

const SEVERITY: &str = "severity_number";

/// Which log records are counted, and how finely.
#[derive(Clone, Debug)]
pub struct HistogramQuestion {
    /// Only of resources that match; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only records that match; `None` for all.
    pub text: Option<TextQuery>,
    /// Only records of this time.
    pub range: TimeRange,
    /// How wide a bucket is; at least a nanosecond. Buckets begin at multiples of it since 1970.
    pub step: Duration,
    /// Whether records are counted by level too.
    pub levels: LevelCounts,
}

/// Whether records are counted by level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelCounts {
    /// Only how many.
    Together,
    /// How many of each level, which takes reading their levels.
    Apart,
}

/// Records that match, by time. Buckets without any are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Ascending by time.
    pub buckets: Vec<Bucket>,
    /// What the answer rests on; `rows_returned` are the records counted.
    pub coverage: Coverage,
}

/// One step of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Where it begins; it ends before the next multiple of the step.
    pub start: UnixNanos,
    /// Records in it.
    pub count: u64,
    /// The same by [`LEVELS`], where that was asked for.
    pub levels: [u64; LEVELS.len()],
}

impl Engine {
    /// How many log records match, over time.
    pub async fn log_histogram(&self, tenant: &TenantId, question: HistogramQuestion) -> Result<Histogram, QueryError> {
        let grid = Grid::new(question.range, question.step)?;
        let view = self.view(tenant, question.range);
        self.ask(view, move |_, view| count(view, question.clone(), grid)).await
    }
}

async fn count(view: View, question: HistogramQuestion, grid: Grid) -> Result<Histogram, QueryError> {
    let HistogramQuestion { selectors, text, range, levels, .. } = question;
    let filter = Arc::new(Filter::new(range, selectors, text));
    let mut ahead = Ahead::new(&view, Arc::clone(&filter), LogOrder::OldestFirst);
    let counting = Counting { filter, grid, levels };
    let mut counts = grid.empty();
    loop {
        let stretches = ahead.take(WAVE_STRETCHES, None).await?;
        if stretches.is_empty() {
            break;
        }
        let (told, read): (Vec<Stretch>, Vec<Stretch>) =
            stretches.into_iter().partition(|stretch| counting.is_told_by(stretch));
        for stretch in told {
            let rows = stretch.rows.iter().map(|rows| rows.len() as u64).sum::<u64>();
            counts[grid.bucket_of(stretch.earliest)].count += rows;
        }
        let counting = counting.clone();
        for counted in on_all_cores(ahead.sources(), read, move |sources, read| counting.count(sources, read)).await? {
            add(&mut counts, &counted);
        }
    }
    counts.retain(|bucket| bucket.count > 0);
    let counted = counts.iter().map(|bucket| bucket.count).sum::<u64>();
    let coverage = view.tally.coverage(usize::try_from(counted).unwrap_or(usize::MAX));
    Ok(Histogram { buckets: counts, coverage })
}

fn add(counts: &mut [Bucket], more: &[Bucket]) {
    for (bucket, more) in counts.iter_mut().zip(more) {
        bucket.count += more.count;
        bucket.levels.iter_mut().zip(more.levels).for_each(|(level, more)| *level += more);
    }
}

/// The buckets of a range.
#[derive(Clone, Copy, Debug)]
struct Grid {
    first: i64,
    step: i64,
    buckets: usize,
}

impl Grid {
    fn new(range: TimeRange, step: Duration) -> Result<Self, QueryError> {
        let step = i64::try_from(step.as_nanos()).ok().filter(|step| *step > 0);
        let step = step.ok_or_else(|| QueryError::invalid("step must be at least 1ns and at most 292 years", ""))?;
        let first = i128::from(range.from.get()).div_euclid(step.into()) * i128::from(step);
        let width = (i128::from(range.to.get()) - first).max(0);
        let buckets = usize::try_from((width + i128::from(step) - 1) / i128::from(step)).unwrap_or(usize::MAX);
        match i64::try_from(first) {
            Ok(first) if buckets <= HISTOGRAM_BUCKETS_MAX => Ok(Self { first, step, buckets }),
            _ => {
                let message = format!("the range has more than {HISTOGRAM_BUCKETS_MAX} steps");
                Err(QueryError::invalid(message, "ask for a larger step, or say from and to"))
            }
        }
    }

    fn empty(self) -> Vec<Bucket> {
        let start = |bucket: usize| UnixNanos::new(self.first.saturating_add(self.step.saturating_mul(bucket as i64)));
        (0..self.buckets).map(|bucket| Bucket { start: start(bucket), ..Bucket::default() }).collect()
    }

    /// The bucket of a time of the range.
    fn bucket_of(self, time: UnixNanos) -> usize {
        ((i128::from(time.get()) - i128::from(self.first)) / i128::from(self.step)) as usize
    }
}

/// What is counted.
#[derive(Clone, Debug)]
struct Counting {
    filter: Arc<Filter>,
    grid: Grid,
    levels: LevelCounts,
}

impl Counting {
    /// Whether what is known of the stretch tells the count.
    fn is_told_by(&self, stretch: &Stretch) -> bool {
        let range = self.filter.range;
        self.filter.columns().is_empty()
            && self.levels == LevelCounts::Together
            && range.contains(stretch.earliest)
            && range.contains(stretch.latest)
            && self.grid.bucket_of(stretch.earliest) == self.grid.bucket_of(stretch.latest)
    }

    /// Blocks the calling thread.
    fn count(&self, sources: &[Source], stretches: &[Stretch]) -> Result<Vec<Bucket>, BlockReadError> {
        let mut counts = self.grid.empty();
        let mut columns = self.filter.columns().to_vec();
        columns.extend((self.levels == LevelCounts::Apart && !columns.contains(&SEVERITY)).then_some(SEVERITY));
        for stretches in stretches.chunk_by(|a, b| a.source == b.source) {
            let source = &sources[stretches[0].source as usize];
            let rows: Vec<_> = stretches.iter().flat_map(|stretch| stretch.rows.clone()).collect();
            let timely = source.timely(&rows, |time| self.filter.range.contains(time))?;
            if columns.is_empty() {
                timely.iter().for_each(|(time, _)| counts[self.grid.bucket_of(*time)].count += 1);
                continue;
            }
            let rows = ranges_of(timely.iter().map(|(_, row)| *row));
            let mut timely = timely.into_iter().map(|(time, _)| time);
            for batch in self.filter.read(source, &rows, &columns)? {
                self.count_batch(&batch?, &mut timely, &mut counts);
            }
        }
        Ok(counts)
    }

    fn count_batch(&self, batch: &RecordBatch, times: &mut impl Iterator<Item = UnixNanos>, counts: &mut [Bucket]) {
        let levels = batch.column_by_name(SEVERITY).map(|column| column.as_primitive::<Int32Type>());
        for (row, (passes, time)) in self.filter.passing(batch).zip(times).enumerate() {
            if passes {
                let bucket = &mut counts[self.grid.bucket_of(time)];
                bucket.count += 1;
                if let (LevelCounts::Apart, Some(levels)) = (self.levels, levels) {
                    bucket.levels[level_of(levels.value(row))] += 1;
                }
            }
        }
    }
}

/// The index in [`LEVELS`] of an OpenTelemetry severity number.
fn level_of(severity: i32) -> usize {
    match severity {
        1..=24 => (severity as usize - 1) / 4 + 1,
        _ => 0,
    }
}
