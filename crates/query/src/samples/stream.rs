//! Series, one after the other.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use promql::{Series, SourceError};

use super::column_cache::ColumnCache;
use super::page_map::MetricRank;
use super::place::{Place, Stretch, Unread};
use super::source::{Selected, StoredSource};
use super::view::{Piece, Seen, Wanted};
use crate::series::{StoredSeries, Temporality};

/// Stretches of a place that are open at once. Series of a stream are in the order of blocks, so one is enough but for
/// those that are several stored ones, or lie across an end.
const OPEN_MAX: usize = 2;

/// Gives the series of some groups.
pub(super) struct Stream<'s> {
    source: &'s StoredSource<'s>,
    selected: Arc<Selected>,
    /// Numbers of groups that are still to come.
    groups: Range<usize>,
    /// As many as places.
    cursors: Vec<Cursor>,
    pieces: Vec<Piece>,
}

/// Where a stream is in a place.
struct Cursor {
    place: Arc<Place>,
    /// The metric that was looked for last, and where it is.
    metric: Option<(Arc<str>, Option<MetricRank>)>,
    /// The last is the one that was used last.
    open: Vec<OpenStretch>,
}

struct OpenStretch {
    stretch: Arc<Stretch>,
    /// The run that was found last.
    run: usize,
}

impl<'s> Stream<'s> {
    /// Of some of the groups that are selected.
    pub(super) fn new(source: &'s StoredSource<'s>, selected: &Arc<Selected>, groups: Range<usize>) -> Self {
        let cursors = selected.places.iter().map(|(_, place)| Cursor::new(place)).collect();
        Self { source, selected: Arc::clone(selected), groups, cursors, pieces: Vec::new() }
    }

    /// A series; `None` where it has no sample in the range.
    fn read(&mut self, group: usize) -> Result<Option<Series>, Unread> {
        let selected = Arc::clone(&self.selected);
        let members = &selected.series[selected.groups[group].clone()];
        let cache = self.source.columns();
        self.pieces.clear();
        for ((table, _), cursor) in selected.places.iter().zip(&mut self.cursors) {
            for (number, member) in members.iter().enumerate().filter(|(_, member)| member.stored.table == *table) {
                let tells_before = member.stored.temporality == Temporality::Delta;
                let (wanted, pieces) = (selected.wanted, &mut self.pieces);
                let mut asked = Asked { member: number, wanted, tells_before, pieces };
                cursor.find(&member.stored, cache, &mut asked)?;
            }
        }
        Seen::new(members, selected.wanted, cache).read(&self.pieces)
    }
}

impl Iterator for Stream<'_> {
    type Item = Result<Series, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let group = self.groups.next()?;
            if self.source.interrupt().load(Ordering::Relaxed) {
                return Some(Err(SourceError::Interrupted));
            }
            match self.read(group) {
                Ok(None) => {}
                Ok(Some(series)) => return Some(Ok(series)),
                Err(unread) => return Some(Err(self.source.unreadable(unread))),
            }
        }
    }
}

/// Rows of one stored series are looked for.
struct Asked<'p> {
    member: usize,
    wanted: Wanted,
    /// Whether it is of use what was before the wanted rows.
    tells_before: bool,
    pieces: &'p mut Vec<Piece>,
}

impl Asked<'_> {
    /// Adds those rows of a run that are of the time.
    fn add(&mut self, stretch: &Arc<Stretch>, run: usize) {
        let rows = stretch.runs.rows_of(run);
        let times = &stretch.runs.times()[rows.clone()];
        let begin = times.partition_point(|time| *time <= self.wanted.after);
        let end = times.partition_point(|time| *time <= self.wanted.until);
        let before = begin.checked_sub(1).map(|before| times[before]);
        if begin >= end && !(self.tells_before && before.is_some()) {
            return;
        }
        let end = end.max(begin);
        let rows = rows.start + begin..rows.start + end;
        self.pieces.push(Piece { stretch: Arc::clone(stretch), rows, before, member: self.member });
    }
}

impl Cursor {
    fn new(place: &Arc<Place>) -> Self {
        Self { place: Arc::clone(place), metric: None, open: Vec::new() }
    }

    /// Adds the rows of a series.
    fn find(&mut self, stored: &StoredSeries, cache: &ColumnCache, asked: &mut Asked<'_>) -> Result<(), Unread> {
        if let Some(last) = self.open.last_mut()
            && let Some(run) = last.stretch.runs.find_near(stored.series_id, last.run)
        {
            last.run = run;
            // A series at an end of a stretch may go on in the one beside it.
            if run > 0 && run + 1 < last.stretch.runs.len() {
                asked.add(&last.stretch, run);
                return Ok(());
            }
        }
        let metric = self.metric_rank(&stored.metric_name);
        for number in self.place.stretches_of(metric, stored.resource_id, stored.series_id) {
            let open = self.opened(number, cache)?;
            if let Some(run) = open.stretch.runs.find(stored.series_id, open.run) {
                open.run = run;
                asked.add(&open.stretch, run);
            }
        }
        Ok(())
    }

    fn metric_rank(&mut self, metric: &Arc<str>) -> Option<MetricRank> {
        match &self.metric {
            Some((known, rank)) if Arc::ptr_eq(known, metric) || known == metric => *rank,
            _ => {
                let rank = self.place.rank_of(metric);
                self.metric = Some((Arc::clone(metric), rank));
                rank
            }
        }
    }

    /// The stretch, which is then the last.
    fn opened(&mut self, number: u32, cache: &ColumnCache) -> Result<&mut OpenStretch, Unread> {
        let at = match self.open.iter().rposition(|open| open.stretch.number() == number) {
            Some(at) => at,
            None => {
                if self.open.len() >= OPEN_MAX {
                    self.open.remove(0);
                }
                self.open.push(OpenStretch { stretch: Arc::new(self.place.open(number, cache)?), run: 0 });
                self.open.len() - 1
            }
        };
        self.open[at..].rotate_left(1);
        let last = self.open.len() - 1;
        Ok(&mut self.open[last])
    }
}
