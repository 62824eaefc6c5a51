//! One wave of a search: which rows of some stretches match, and where they are.

use std::ops::Range;
use std::sync::Arc;

use model::UnixNanos;
use store::BlockReadError;

use super::cursor::Cursor;
use super::fetch::hashes;
use super::filter::Filter;
use super::leading::Place;
use super::search::LogOrder;
use super::source::{Source, Stretch, ranges_of};

/// What a wave looks for.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    pub(super) filter: Arc<Filter>,
    pub(super) order: LogOrder,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
    /// Rows after this time are of no interest any more.
    pub(super) bound: Option<UnixNanos>,
}

/// Matching rows.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those after the cursor.
    pub(super) places: Vec<Place>,
    /// Those that say the same at the same time as the record before the cursor.
    pub(super) repeats: Vec<Place>,
}

impl Wave {
    /// The matching rows of the stretches, which are in the order of their sources and rows. Blocks the calling thread.
    pub(super) fn look(&self, sources: &[Source], stretches: &[Stretch]) -> Result<Found, BlockReadError> {
        let mut found = Found::default();
        for stretches in stretches.chunk_by(|a, b| a.source == b.source) {
            let source = &sources[stretches[0].source as usize];
            let rows: Vec<Range<u32>> = stretches.iter().flat_map(|stretch| stretch.rows.clone()).collect();
            let timely = source.timely(&rows, |time| self.admits(time))?;
            let matching = self.matching(source, timely)?;
            let places = matching.into_iter().map(|(time, row)| Place { time, source: stretches[0].source, row });
            self.sort_out(sources, places.collect(), &mut found)?;
        }
        Ok(found)
    }

    fn admits(&self, time: UnixNanos) -> bool {
        self.filter.range.contains(time)
            && self.bound.is_none_or(|bound| self.order.leads_or_ties(time, bound))
            && self.cursor.is_none_or(|cursor| self.order.leads_or_ties(cursor.time, time))
    }

    /// Those of the rows that pass the filter.
    fn matching(
        &self,
        source: &Source,
        timely: Vec<(UnixNanos, u32)>,
    ) -> Result<Vec<(UnixNanos, u32)>, BlockReadError> {
        if self.filter.columns().is_empty() || timely.is_empty() {
            return Ok(timely);
        }
        let rows = ranges_of(timely.iter().map(|(_, row)| *row));
        let mut matching = Vec::new();
        let mut candidates = timely.into_iter();
        for batch in self.filter.read(source, &rows, self.filter.columns())? {
            let batch = batch?;
            let verdicts = self.filter.passing(&batch).zip(&mut candidates);
            matching.extend(verdicts.filter(|(passes, _)| *passes).map(|(_, row)| row));
        }
        Ok(matching)
    }

    /// Rows at the cursor's own time were given before, or come after, by their hashes.
    fn sort_out(&self, sources: &[Source], places: Vec<Place>, found: &mut Found) -> Result<(), BlockReadError> {
        let Some(cursor) = self.cursor else {
            found.places.extend(places);
            return Ok(());
        };
        let (at_cursor, after): (Vec<Place>, Vec<Place>) =
            places.into_iter().partition(|place| place.time == cursor.time);
        found.places.extend(after);
        for (place, hash) in at_cursor.iter().zip(hashes(sources, &at_cursor)?) {
            match self.order.hash_key(hash).cmp(&self.order.hash_key(cursor.hash)) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => found.repeats.push(*place),
                std::cmp::Ordering::Greater => found.places.push(*place),
            }
        }
        Ok(())
    }
}
