//! What the evaluator selects from: series of one snapshot.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use model::{Table, TimeRange, UnixNanos};
use promql::{Selection, SeriesSource, SeriesStream, SourceError};
use store::{Block, BlockId};

use super::column_cache::{ColumnCache, StretchKey};
use super::page_map::PageMap;
use super::place::{Place, PlaceId, Unread};
use super::stream::Stream;
use super::view::Wanted;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::series::{SelectedSeries, SeriesView};
use crate::session::View;

/// More streams than threads, so that these end at about the same time.
const STREAMS_PER_THREAD: usize = 4;

/// Fewer series are not worth a stream of their own, which begins with opening stretches anew.
const STREAM_SERIES_MIN: usize = 64;

/// Series of one snapshot, for one question.
#[derive(Debug)]
pub(super) struct StoredSource<'q> {
    engine: &'q Engine,
    view: &'q View,
    threads: usize,
    interrupt: &'q AtomicBool,
    /// Blocks that turned out to be unreadable since the question was asked or asked again.
    unreadable: Mutex<HashSet<BlockId>>,
    /// Those that are left out since.
    left_out: HashSet<BlockId>,
    warnings: Mutex<BTreeSet<String>>,
}

/// What one selection has selected.
#[derive(Debug)]
pub(super) struct Selected {
    /// Those of a group are one to Prometheus.
    pub(super) series: Vec<SelectedSeries>,
    /// In the order of blocks by their first series.
    pub(super) groups: Vec<Range<usize>>,
    /// Where points lie, in the order in which they came.
    pub(super) places: Vec<(Table, Arc<Place>)>,
    pub(super) wanted: Wanted,
}

impl<'q> StoredSource<'q> {
    /// The series of a view, for so many threads. Reading ends when the flag is set.
    pub(super) fn new(engine: &'q Engine, view: &'q View, threads: usize, interrupt: &'q AtomicBool) -> Self {
        let (unreadable, left_out, warnings) = Default::default();
        Self { engine, view, threads, interrupt, unreadable, left_out, warnings }
    }

    /// Leaves out blocks that turned out to be unreadable, as long as they are not more than so many. Whether there are
    /// any, so that asking again is of use.
    pub(super) fn leave_out_unreadable(&mut self, most: usize) -> bool {
        let found = std::mem::take(&mut *self.unreadable.lock().unwrap_or_else(PoisonError::into_inner));
        let known = self.left_out.len();
        self.left_out.extend(found);
        (known + 1..=most).contains(&self.left_out.len())
    }

    /// Why series may be missing.
    pub(super) fn into_warnings(self) -> BTreeSet<String> {
        self.warnings.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn columns(&self) -> &ColumnCache {
        &self.engine.decoded.columns
    }

    pub(super) fn interrupt(&self) -> &AtomicBool {
        self.interrupt
    }

    /// Notes what could not be read.
    pub(super) fn unreadable(&self, unread: Unread) -> SourceError {
        let Unread { block, error } = unread;
        if let Some((table, block)) = block {
            self.view.tally.failed(table, &block, &error);
            self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).insert(block);
        }
        SourceError::Other(Box::new(QueryError::from(error)))
    }

    /// Where points of the table in the range lie: in blocks, in the order of flushes, as far as that is known, then in
    /// memory.
    fn places_of(&self, table: Table, wanted: Wanted) -> Vec<(Table, Arc<Place>)> {
        let View { tenant, snapshot, tally, .. } = self.view;
        let blocks = snapshot.blocks(tenant, table);
        let mut chosen: Vec<&Arc<Block>> = blocks.iter().filter(|block| self.may_have(block, wanted)).collect();
        chosen.sort_by(|a, b| a.meta().id.in_order_of_arrival(&b.meta().id));
        let rows_live = snapshot.live(tenant, table).map(|batch| batch.num_rows() as u64).sum();
        tally.scan(table, rows_live, blocks.len(), chosen.iter().map(|block| &block.meta().id));
        let mut places = Vec::new();
        for block in chosen {
            let key = StretchKey { place: PlaceId::Block(block.meta().id.clone()), number: 0 };
            match self.columns().get_or(&key, || block.footer().map(|footer| PageMap::of(&footer))) {
                Ok(map) => places.push(Place::of_block(block, map)),
                Err(error) => tally.failed(table, &block.meta().id, &error),
            }
        }
        let lots = self.engine.decoded.live.lots(snapshot, tenant, table).into_iter();
        let lots = lots.filter(|lot| wanted.may_have(lot.times.0, lot.times.1));
        places.extend(lots.map(Place::of_live));
        places.into_iter().map(|place| (table, Arc::new(place))).collect()
    }

    fn may_have(&self, block: &Block, wanted: Wanted) -> bool {
        let meta = block.meta();
        let [first, last] = [meta.min_time, meta.max_time].map(|time| time.get().div_euclid(1_000_000));
        wanted.may_have(first, last) && !self.left_out.contains(&meta.id)
    }
}

impl SeriesSource for StoredSource<'_> {
    fn select<'a>(&'a self, selection: &Selection) -> Result<Vec<SeriesStream<'a>>, SourceError> {
        let wanted = Wanted { after: selection.after, until: selection.until, starts: selection.wants_starts };
        let range =
            TimeRange { from: nanos(wanted.after.saturating_add(1)), to: nanos(wanted.until.saturating_add(1)) };
        let found = self.engine.select_series_here(self.view, &selection.matchers, range)?;
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(found.warnings);
        let series = found.series;
        let tables: BTreeSet<Table> = series.iter().filter_map(table_of).collect();
        let places = tables.into_iter().flat_map(|table| self.places_of(table, wanted)).collect();
        let groups = groups_in_order(&series);
        let selected = Arc::new(Selected { series, groups, places, wanted });
        let count = selected.groups.len();
        let each = count.div_ceil(self.threads.saturating_mul(STREAMS_PER_THREAD).max(1)).max(STREAM_SERIES_MIN);
        let streams = (0..count.max(1)).step_by(each).map(|from| {
            let groups = from..count.min(from + each);
            Box::new(Stream::new(self, &selected, groups)) as SeriesStream<'a>
        });
        Ok(streams.collect())
    }
}

/// Where its points are; `None` where it has none of its own.
fn table_of(series: &SelectedSeries) -> Option<Table> {
    (!matches!(series.view, SeriesView::TargetInfo { .. })).then_some(series.stored.table)
}

fn nanos(millis: i64) -> UnixNanos {
    UnixNanos::new(millis.saturating_mul(1_000_000))
}

/// Series that are one to Prometheus, those next to each other in blocks next to each other.
fn groups_in_order(series: &[SelectedSeries]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (number, one) in series.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if series[group.start].labels == one.labels => group.end += 1,
            _ => groups.push(number..number + 1),
        }
    }
    let names: BTreeSet<&str> = series.iter().map(|one| &*one.stored.metric_name).collect();
    let ranks: HashMap<&str, usize> = names.into_iter().zip(0..).collect();
    groups.sort_by_cached_key(|group| {
        let stored = &series[group.start].stored;
        (stored.table, ranks.get(&*stored.metric_name).copied(), stored.resource_id, stored.series_id)
    });
    groups
}
