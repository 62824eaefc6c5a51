//! Log records that match a selector and a text query, page by page.
//!
//! ```text
//! sources, the most promising first → stretches of rows → waves: times, then what the filter looks at
//!        → the places that lead → once nothing ahead can lead any more: whole rows, in order
//! ```
//!
//! The search stops as soon as no stretch that is left can hold a record of the page: for the newest ten it reads
//! the ends of a few blocks. Waves start with one stretch and double, so that it reads little when the page is soon
//! full, and much at once when it is not.

use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Selectors, TenantId, TextQuery, TimeRange, UnixNanos};

use super::ahead::Ahead;
use super::cursor::Cursor;
use super::fetch::{fetch_lots, hashes, settle, value_bytes};
use super::filter::Filter;
use super::leading::{Leading, Place};
use super::row::LogRow;
use super::row_hash::row_hashes;
use super::source::Source;
use super::threads::{blocking, on_all_cores};
use super::wave::Wave;
use crate::config::{LIMIT_MAX, LOG_PAGE_BYTES_MAX};
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Which log records.
#[derive(Clone, Debug)]
pub struct LogQuestion {
    /// Only of resources that match; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only records that match; `None` for all.
    pub text: Option<TextQuery>,
    /// Only records of this time.
    pub range: TimeRange,
    /// Which come first.
    pub order: LogOrder,
    /// Records of a page, 1 to [`LIMIT_MAX`]. One whose records are large ends early, at [`LOG_PAGE_BYTES_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

/// Which records come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogOrder {
    /// The newest.
    #[default]
    NewestFirst,
    /// The oldest.
    OldestFirst,
}

impl LogOrder {
    /// A number that is lower for what comes first.
    pub(super) fn key(self, time: UnixNanos) -> i64 {
        match self {
            Self::NewestFirst => !time.get(),
            Self::OldestFirst => time.get(),
        }
    }

    /// The same of the hashes of records of one time.
    pub(super) fn hash_key(self, hash: u64) -> u64 {
        match self {
            Self::NewestFirst => !hash,
            Self::OldestFirst => hash,
        }
    }

    /// Whether a record of the one time may come before a record of the other.
    pub(super) fn leads_or_ties(self, time: UnixNanos, other: UnixNanos) -> bool {
        self.key(time) <= self.key(other)
    }

    /// Of two times between which records lie, the one that the first of them may have.
    pub(super) fn first(self, earliest: UnixNanos, latest: UnixNanos) -> UnixNanos {
        match self {
            Self::NewestFirst => latest,
            Self::OldestFirst => earliest,
        }
    }
}

/// A page of log records.
#[derive(Clone, Debug, PartialEq)]
pub struct LogsFound {
    /// The records, in order.
    pub logs: Vec<LogRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// Stretches read at once, at most: some ten megabytes of bodies.
const WAVE_STRETCHES_MAX: usize = 64;

/// Rows that tie for the last places of a page and are kept for the end; more are settled on the way.
const TIED_MAX: usize = 8_192;

impl Engine {
    /// A page of matching log records.
    pub async fn logs(&self, tenant: &TenantId, question: LogQuestion) -> Result<LogsFound, QueryError> {
        if !(1..=LIMIT_MAX).contains(&question.limit) {
            let message = format!("limit must be 1 to {LIMIT_MAX}");
            return Err(QueryError::invalid(message, "page through more with cursor"));
        }
        let view = self.view(tenant, question.range);
        self.ask(view, move |_, view| search(view, question.clone())).await
    }
}

async fn search(view: View, question: LogQuestion) -> Result<LogsFound, QueryError> {
    let LogQuestion { selectors, text, range, order, limit, cursor } = question;
    let filter = Arc::new(Filter::new(range, selectors, text));
    let mut ahead = Ahead::new(&view, Arc::clone(&filter), order);
    // One more than the page tells whether there is another page.
    let mut leading = Leading::new(order, limit + 1);
    let mut repeats = Repeats { given: cursor.map_or(0, |cursor| cursor.given), seen: 0, places: Vec::new() };
    let mut wave_stretches = 1;
    loop {
        let stretches = ahead.take(wave_stretches, leading.bound()).await?;
        if stretches.is_empty() {
            break;
        }
        wave_stretches = (wave_stretches * 2).min(WAVE_STRETCHES_MAX);
        let wave = Wave { filter: Arc::clone(&filter), order, cursor, bound: leading.bound() };
        for found in on_all_cores(ahead.sources(), stretches, move |sources, some| wave.look(sources, some)).await? {
            leading.add(found.places);
            repeats.add(found.repeats, limit + 1);
        }
        if let Some(tie) = leading.tied_beyond(TIED_MAX) {
            let sources = ahead.sources();
            leading.settle(blocking(move || settle(&sources, tie, order)).await?);
        }
    }
    let (sources, places) = (ahead.sources(), leading.into_places());
    let page = blocking(move || page(&sources, repeats.left(limit + 1), places, order, limit)).await?;
    let given = page.logs.len();
    let next = (page.keys.len() > given).then(|| cursor_after(&page.keys[..given], cursor));
    let coverage = view.tally.coverage(page.logs.len());
    Ok(LogsFound { logs: page.logs, next, coverage })
}

/// Records that say the same at the same time as the last of the page before, which has given some of them.
struct Repeats {
    given: u64,
    seen: u64,
    places: Vec<Place>,
}

impl Repeats {
    /// Takes places in, of which no more than `most` will be asked for: each is as good as another.
    fn add(&mut self, places: Vec<Place>, most: usize) {
        self.seen += places.len() as u64;
        self.places.extend(places);
        self.places.truncate(most);
    }

    /// Those not given yet, at most so many.
    fn left(mut self, most: usize) -> Vec<Place> {
        let left = usize::try_from(self.seen.saturating_sub(self.given)).unwrap_or(usize::MAX);
        self.places.truncate(left.min(most));
        self.places
    }
}

struct Page {
    logs: Vec<LogRow>,
    /// Of one more than the page, if there is more.
    keys: Vec<(UnixNanos, u64)>,
}

/// The first records of the repeats and the rest, in order, as many as [`LOG_PAGE_BYTES_MAX`] allows and at least one.
fn page(
    sources: &[Source],
    repeats: Vec<Place>,
    rest: Vec<Place>,
    order: LogOrder,
    limit: usize,
) -> Result<Page, store::BlockReadError> {
    let mut places = [repeats, rest].concat();
    // Hashes take reading rows whole, so most places are left out by their times.
    let mut ranks = if places.len() > limit + 1 { Some(rank(sources, &mut places, order, limit + 1)?) } else { None };
    let mut records = records_of(sources, &places)?;
    if records.len() < places.len() && ranks.is_none() {
        // Not all of them fit, and which come first is not known yet.
        ranks = Some(rank(sources, &mut places, order, limit + 1)?);
        records = records_of(sources, &places)?;
    }
    records.sort_by_key(|(time, hash, _)| (order.key(*time), order.hash_key(*hash)));
    let mut keys: Vec<_> = records.iter().map(|(time, hash, _)| (*time, *hash)).collect();
    // The first that does not fit tells that there is more.
    keys.extend(ranks.and_then(|ranks| ranks.get(keys.len()).copied()));
    records.truncate(limit);
    Ok(Page { logs: records.into_iter().map(|(_, _, log)| log).collect(), keys })
}

/// Brings the places into order and keeps the first of them. Returns their times and hashes.
fn rank(
    sources: &[Source],
    places: &mut Vec<Place>,
    order: LogOrder,
    most: usize,
) -> Result<Vec<(UnixNanos, u64)>, store::BlockReadError> {
    let hashes = hashes(sources, places)?;
    let mut ranked: Vec<(u64, Place)> = hashes.into_iter().zip(places.drain(..)).collect();
    ranked
        .sort_unstable_by_key(|(hash, place)| (order.key(place.time), order.hash_key(*hash), place.source, place.row));
    ranked.truncate(most);
    places.extend(ranked.iter().map(|(_, place)| *place));
    Ok(ranked.into_iter().map(|(hash, place)| (place.time, hash)).collect())
}

/// The records at the places, in their order, with time and hash; the first of them where not all fit into a page.
fn records_of(sources: &[Source], places: &[Place]) -> Result<Vec<(UnixNanos, u64, LogRow)>, store::BlockReadError> {
    let (mut records, mut left) = (Vec::new(), LOG_PAGE_BYTES_MAX);
    fetch_lots(sources, places, |places, rows, bytes| {
        let fitting = rows.slice(0, first_within(rows, bytes, left).max(usize::from(records.is_empty())));
        let hashed = places.iter().zip(row_hashes(&fitting)).zip(LogRow::read_all(&fitting));
        records.extend(hashed.map(|((place, hash), log)| (place.time, hash, log)));
        left = left.saturating_sub(bytes);
        fitting.num_rows() == rows.num_rows()
    })?;
    Ok(records)
}

/// How many of the first rows, which have so many bytes in all, have no more than `most`.
fn first_within(rows: &RecordBatch, bytes: usize, most: usize) -> usize {
    if bytes <= most {
        return rows.num_rows();
    }
    let mut left = most;
    let fits = |row: &usize| {
        let bytes = value_bytes(&rows.slice(*row, 1));
        left.checked_sub(bytes).map(|rest| left = rest).is_some()
    };
    (0..rows.num_rows()).take_while(fits).count()
}

fn cursor_after(keys: &[(UnixNanos, u64)], before: Option<Cursor>) -> Cursor {
    let last = keys[keys.len() - 1];
    let mut given = keys.iter().rev().take_while(|key| **key == last).count() as u64;
    // The whole page tied with the end of the page before: those given there come on top.
    if given == keys.len() as u64 && before.is_some_and(|before| (before.time, before.hash) == last) {
        given += before.map_or(0, |before| before.given);
    }
    Cursor { time: last.0, hash: last.1, given }
}
