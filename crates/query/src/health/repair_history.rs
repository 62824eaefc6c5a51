//! Repairs by kind, service and host, over time.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use datafusion::logical_expr::{col, lit};
use futures::StreamExt;
use model::{Table, TenantId, TimeRange, UnixNanos};
use stitch::RepairKind;

use crate::cells::Cells;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Buckets of one answer: more than a screen is wide.
pub const REPAIR_BUCKETS_MAX: usize = 500;

/// Series of one answer: kinds, services and pairs of hosts that are told apart. What comes beyond is left out, and the
/// answer says so.
const SERIES_MAX: usize = 2_000;

/// Which repairs.
#[derive(Clone, Debug, PartialEq)]
pub struct RepairsQuestion {
    /// Of this kind; `None` for all.
    pub kind: Option<RepairKind>,
    /// Of which this service is the cause; `None` for all.
    pub service: Option<String>,
    /// Of spans that began in this time, as they are shown.
    pub range: TimeRange,
    /// Into how many equal times the range is cut, 1 to [`REPAIR_BUCKETS_MAX`].
    pub buckets: usize,
}

/// Repairs over time.
#[derive(Clone, Debug, PartialEq)]
pub struct RepairHistory {
    /// The range asked for.
    pub range: TimeRange,
    /// How long a bucket is, nanoseconds.
    pub bucket_ns: i64,
    /// By kind, service and hosts; those with the most repairs first.
    pub series: Vec<RepairSeries>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// Repairs of one kind with one cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RepairSeries {
    /// The kind, as in the ledger of a trace.
    pub kind: String,
    /// The service that lost spans, sent them twice, or has the clock; `None` where not known.
    pub service: Option<String>,
    /// Of a clock: the host that was moved, and the one by whose clock it was.
    pub hosts: Option<(String, String)>,
    /// How many, in the whole range.
    pub repairs: u64,
    /// How many in each bucket, the earliest first.
    pub by_bucket: Vec<u64>,
    /// Of a clock: by how much the host was moved on average, nanoseconds.
    pub shift_ns_mean: Option<i64>,
    /// The mean of their confidences, 0 to 1 inclusive.
    pub confidence_mean: f64,
}

impl Engine {
    /// What was repaired in a time range, over all traces: counted when spans are flushed, not by stitching them again.
    pub async fn repairs(&self, tenant: &TenantId, question: RepairsQuestion) -> Result<RepairHistory, QueryError> {
        let RepairsQuestion { range, buckets, .. } = question;
        let nanos = range.to.get().saturating_sub(range.from.get());
        if !(1..=REPAIR_BUCKETS_MAX).contains(&buckets) || nanos <= 0 {
            let message = format!("buckets must be 1 to {REPAIR_BUCKETS_MAX}, of a range that is not empty");
            return Err(QueryError::invalid(message, "ask for fewer buckets, or give from and to"));
        }
        let view = self.view(tenant, range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { history(&engine, view, &question).await }
        })
        .await
    }
}

type Cause = (String, Option<String>, Option<(String, String)>);

#[derive(Default)]
struct Sum {
    by_bucket: Vec<i64>,
    weight: i64,
    shift_ns: f64,
    confidence: f64,
}

async fn history(engine: &Engine, view: View, question: &RepairsQuestion) -> Result<RepairHistory, QueryError> {
    let view = engine.digested(view).await?;
    let session = engine.sessions.open(&view)?;
    let mut frame = session.table(Table::Repairs.name()).await?;
    if let Some(kind) = question.kind {
        frame = frame.filter(col("kind").eq(lit(kind.as_str())))?;
    }
    if let Some(service) = &question.service {
        frame = frame.filter(col("service").eq(lit(service.as_str())))?;
    }
    let RepairsQuestion { range, buckets, .. } = *question;
    let nanos = range.to.get().saturating_sub(range.from.get());
    let bucket_ns = (nanos.unsigned_abs().div_ceil(buckets as u64)).min(i64::MAX as u64) as i64;
    let bucket = |time: UnixNanos| {
        let since = time.get().saturating_sub(range.from.get()).max(0) / bucket_ns.max(1);
        usize::try_from(since).unwrap_or(usize::MAX).min(buckets - 1)
    };
    let (mut sums, mut is_cut) = (BTreeMap::<Cause, Sum>::new(), false);
    let mut batches = frame.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        is_cut |= add(&mut sums, &batch?, buckets, bucket);
    }
    let mut coverage = view.tally.coverage(sums.len());
    if is_cut {
        coverage.cut(format!("cut at {SERIES_MAX} causes: name a kind or a service"));
    }
    let mut series: Vec<RepairSeries> = sums.into_iter().filter_map(|(cause, sum)| sum.of(cause)).collect();
    series.sort_by_key(|series| std::cmp::Reverse(series.repairs));
    Ok(RepairHistory { range, bucket_ns, series, coverage })
}

/// Adds the rows of a batch; whether some had no place.
fn add(
    sums: &mut BTreeMap<Cause, Sum>,
    batch: &RecordBatch,
    buckets: usize,
    bucket: impl Fn(UnixNanos) -> usize,
) -> bool {
    let (cells, mut is_cut) = (Cells::new(batch), false);
    for row in 0..batch.num_rows() {
        let text = |column| cells.text(column, row).map(str::to_owned);
        let cause: Cause =
            (text("kind").unwrap_or_default(), text("service"), text("host").zip(text("reference_host")));
        if sums.len() >= SERIES_MAX && !sums.contains_key(&cause) {
            is_cut = true;
            continue;
        }
        let sum = sums.entry(cause).or_default();
        sum.by_bucket.resize(buckets, 0);
        let weight = cells.int("weight", row).unwrap_or_default();
        sum.by_bucket[bucket(cells.time("time", row).unwrap_or_default())] += weight;
        sum.weight += weight;
        sum.shift_ns += weight as f64 * cells.int("shift_ns", row).unwrap_or_default() as f64;
        sum.confidence += weight as f64 * cells.float("confidence", row).unwrap_or_default();
    }
    is_cut
}

impl Sum {
    /// `None` where all was taken back.
    fn of(self, (kind, service, hosts): Cause) -> Option<RepairSeries> {
        let repairs = u64::try_from(self.weight).ok().filter(|repairs| *repairs > 0)?;
        let shift_ns_mean = hosts.is_some().then_some((self.shift_ns / repairs as f64) as i64);
        Some(RepairSeries {
            kind,
            service,
            hosts,
            repairs,
            by_bucket: self.by_bucket.into_iter().map(|count| u64::try_from(count).unwrap_or_default()).collect(),
            shift_ns_mean,
            confidence_mean: (self.confidence / repairs as f64).clamp(0.0, 1.0),
        })
    }
}
