//! Many traces of one operation: where its time goes, and what sets the slow and the failing ones apart.
//!
//! ```text
//! the newest traces with a matching span → one by one: all spans → story → path of the operation's span → sample
//! samples → mean self times around p50 and p99, attribute values that slow and failing ones have more often
//! ```

use model::{Selectors, SpanId, TenantId, TextQuery, TimeRange, TraceId, UnixNanos};
use stitch::{AttributeDifference, Comparison, Contrast, DurationBand, OperationProfile, TraceSample};

use super::find::find;
use super::sample::{Sample, Texts, meant_by};
use super::search::{SPANS, TraceQuestion, matching_traces};
use super::story::spans_of;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Traces that a profile can be made of. Each is read whole, and more say little that these do not.
pub const PROFILE_TRACES_MAX: usize = 1_000;

/// Spans that are read for a profile. Traces may have 100 000 each, and a question has half a minute.
const SPANS_READ_MAX: usize = 500_000;

/// Bytes that are kept of all samples, about.
const SAMPLES_BYTES_MAX: usize = 64 << 20;

/// Which traces.
#[derive(Clone, Debug)]
pub struct ProfileQuestion {
    /// The operation's service.
    pub service: String,
    /// The operation: the name of its spans.
    pub operation: String,
    /// Only spans of resources that match; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only spans that match; `None` for all.
    pub text: Option<TextQuery>,
    /// Only spans that started in this time.
    pub range: TimeRange,
    /// Traces, the newest ones, 1 to [`PROFILE_TRACES_MAX`].
    pub limit: usize,
}

/// What many traces of one operation say.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileFound {
    /// How many traces were looked at.
    pub traces: usize,
    /// The typical traces.
    pub p50: DurationBand,
    /// The slow traces.
    pub p99: DurationBand,
    /// Where the time goes: those with the most time at p99 first.
    pub operations: Vec<OperationShare>,
    /// How many more operations there are, with less time.
    pub operations_left_out: usize,
    /// What sets suspect traces apart: the slow ones, then the failed ones.
    pub contrasts: Vec<ContrastFound>,
    /// The trace of median duration; `None` without traces.
    pub typical: Option<ProfileExample>,
    /// The slowest trace; `None` if none took longer than the typical one.
    pub slow: Option<ProfileExample>,
    /// The newest trace that failed.
    pub failed: Option<ProfileExample>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// What one operation has of the time on the critical path, as [`OperationProfile`] says it.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationShare {
    /// The service; empty when nobody said.
    pub service: String,
    /// The operation; empty when nobody said.
    pub operation: String,
    /// Mean self time around p50, nanoseconds.
    pub p50_self_ns: u64,
    /// Share of all time around p50, 0 to 1 inclusive.
    pub p50_share: f64,
    /// Mean self time around p99, nanoseconds.
    pub p99_self_ns: u64,
    /// Share of all time around p99, 0 to 1 inclusive.
    pub p99_share: f64,
}

/// What suspect traces have more often than others, as [`Comparison`] says it.
#[derive(Clone, Debug, PartialEq)]
pub struct ContrastFound {
    /// What made a trace suspect.
    pub contrast: Contrast,
    /// How many are.
    pub suspects: usize,
    /// How many are not.
    pub others: usize,
    /// Largest effect first.
    pub differences: Vec<Difference>,
    /// How many more there are, of less effect.
    pub differences_left_out: usize,
    /// Keys with too many values to be compared.
    pub keys_of_many_values: Vec<String>,
    /// Whether there were more keys than are looked at.
    pub keys_left_out: bool,
}

/// One attribute value that suspect traces have more often, as [`AttributeDifference`] says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The key, of the operation's span or its resource.
    pub key: String,
    /// The value as text.
    pub value: String,
    /// Suspect traces that have it.
    pub suspects: usize,
    /// Others that have it.
    pub others: usize,
    /// By how much its share is larger among suspects, above 0 to 1.
    pub effect: f64,
    /// The same at the least, with a certainty of 99.9 %.
    pub effect_min: f64,
}

/// One trace to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileExample {
    /// The trace.
    pub trace_id: TraceId,
    /// The operation's span in it.
    pub span_id: SpanId,
    /// When that began.
    pub start: UnixNanos,
    /// How long its critical path is, nanoseconds.
    pub duration_ns: u64,
}

impl Engine {
    /// Where the time of an operation goes, by its newest traces.
    pub async fn profile(&self, tenant: &TenantId, question: ProfileQuestion) -> Result<ProfileFound, QueryError> {
        if !(1..=PROFILE_TRACES_MAX).contains(&question.limit) {
            let message = format!("limit must be 1 to {PROFILE_TRACES_MAX}");
            return Err(QueryError::invalid(message, "narrow the time range to look at others"));
        }
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { profile(&engine, view, &question).await }
        })
        .await
    }
}

async fn profile(engine: &Engine, view: View, question: &ProfileQuestion) -> Result<ProfileFound, QueryError> {
    let mut found = matching_traces(engine, &view, search_of(question), None).await?;
    let there_are_more = found.len() > question.limit;
    found.truncate(question.limit);
    // All spans of each trace are read, also those outside the range: they are counted apart from the search.
    let whole = view.with_own_tally();
    let (mut samples, mut texts, mut spans_read, mut cut) = (Vec::new(), Texts::default(), 0, Coverage::default());
    for (looked_at, (trace_id, _)) in found.iter().enumerate() {
        if spans_read >= SPANS_READ_MAX || texts.bytes() >= SAMPLES_BYTES_MAX {
            let what = if spans_read >= SPANS_READ_MAX { "spans" } else { "kept texts" };
            cut.cut(format!(
                "the traces are so large that only the newest {looked_at} were looked at (limit of {what})"
            ));
            break;
        }
        // One by one, so that one trace is in memory at a time, and nothing goes on for long after the asker has gone.
        let batches = find(&whole, SPANS, *trace_id).await?.swap_remove(0);
        let meant = meant_by(question, &batches);
        let spans = spans_of(&batches, &mut cut);
        spans_read += spans.len();
        let received = spans.iter().map(|span| span.received).max().unwrap_or_default();
        let knowledge = engine.knowledge(&whole, received).await?;
        let spans = (&spans[..], &knowledge.surroundings(received));
        samples.extend(Sample::of(spans, &meant, question, &mut texts));
    }
    view.tally.add_failed(&whole.tally);
    let mut coverage = view.tally.coverage(samples.len());
    coverage.truncated = cut.truncated;
    coverage.notes.extend(cut.notes);
    coverage.notes.dedup();
    if there_are_more {
        coverage.cut(format!("the newest {} traces were looked at (limit): there are more", question.limit));
    }
    Ok(compare(&samples, coverage))
}

fn search_of(question: &ProfileQuestion) -> TraceQuestion {
    TraceQuestion {
        selectors: question.selectors.clone(),
        text: question.text.clone(),
        service: Some(question.service.clone()),
        operation: Some(question.operation.clone()),
        repair: None,
        min_duration: None,
        max_duration: None,
        status: None,
        range: question.range,
        limit: question.limit,
    }
}

fn compare(samples: &[Sample], coverage: Coverage) -> ProfileFound {
    let operations: Vec<_> = samples.iter().map(Sample::operations).collect();
    let attributes: Vec<_> = samples.iter().map(Sample::attributes).collect();
    let borrowed = samples.iter().zip(&operations).zip(&attributes);
    let borrowed: Vec<TraceSample<'_>> =
        borrowed.map(|((sample, operations), attributes)| sample.borrowed(operations, attributes)).collect();
    let profile = stitch::profile_time(&borrowed);
    let contrasts = [Contrast::Slow, Contrast::Failed];
    let contrasts = contrasts.map(|contrast| ContrastFound::of(&stitch::compare_attributes(&borrowed, contrast)));
    let mut by_duration: Vec<&Sample> = samples.iter().collect();
    by_duration.sort_by_key(|sample| sample.duration_ns);
    let typical = by_duration.len().div_ceil(2).checked_sub(1).map(|median| by_duration[median]);
    let is_slower = |slowest: &&&Sample| typical.is_some_and(|typical| slowest.duration_ns > typical.duration_ns);
    ProfileFound {
        traces: samples.len(),
        p50: profile.p50,
        p99: profile.p99,
        operations: profile.operations.iter().map(OperationShare::of).collect(),
        operations_left_out: profile.operations_left_out,
        contrasts: contrasts.into(),
        typical: typical.map(ProfileExample::of),
        slow: by_duration.last().filter(is_slower).map(|sample| ProfileExample::of(sample)),
        failed: samples.iter().find(|sample| sample.is_error).map(ProfileExample::of),
        coverage,
    }
}

impl OperationShare {
    fn of(profile: &OperationProfile<'_>) -> Self {
        let OperationProfile { service, operation, p50_self_ns, p50_share, p99_self_ns, p99_share } = *profile;
        let (service, operation) = (service.to_owned(), operation.to_owned());
        Self { service, operation, p50_self_ns, p50_share, p99_self_ns, p99_share }
    }
}

impl ContrastFound {
    fn of(comparison: &Comparison<'_>) -> Self {
        Self {
            contrast: comparison.contrast,
            suspects: comparison.suspects,
            others: comparison.others,
            differences: comparison.differences.iter().map(Difference::of).collect(),
            differences_left_out: comparison.differences_left_out,
            keys_of_many_values: comparison.keys_of_many_values.iter().map(|key| (*key).to_owned()).collect(),
            keys_left_out: comparison.keys_left_out,
        }
    }
}

impl Difference {
    fn of(difference: &AttributeDifference<'_>) -> Self {
        let AttributeDifference { key, value, suspects, others, effect, effect_min } = *difference;
        Self { key: key.to_owned(), value: value.to_owned(), suspects, others, effect, effect_min }
    }
}

impl ProfileExample {
    fn of(sample: &Sample) -> Self {
        let Sample { trace_id, span_id, start, duration_ns, .. } = *sample;
        Self { trace_id, span_id, start, duration_ns }
    }
}
