//! Which rows are of which series, and their times.

use std::ops::Range;

use arrow::array::RecordBatch;
use arrow::datatypes::UInt64Type;
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::{Column, millis_of, primitive};

/// Rows of one series stand together and ascend in time.
#[derive(Debug)]
pub(in super::super) struct Runs {
    /// The series of each run.
    series: Vec<u64>,
    /// Where each run begins, and where the last ends.
    begins: Vec<u32>,
    /// Runs in the order of their series' ids.
    by_id: Vec<u32>,
    times: Vec<i64>,
    has_ties: bool,
}

impl Runs {
    /// Of these series' rows at these times, in the order of rows.
    pub(in super::super) fn new(ids: impl IntoIterator<Item = u64>, times: Vec<i64>) -> Self {
        let (mut series, mut begins): (Vec<u64>, Vec<u32>) = Default::default();
        let mut has_ties = false;
        // A stretch has far fewer than 2^32 rows, and what is beyond belongs to nobody.
        let rows = u32::try_from(times.len()).unwrap_or(u32::MAX);
        for (row, id) in (0..rows).zip(ids) {
            if series.last() == Some(&id) {
                has_ties |= times[row as usize - 1] >= times[row as usize];
                continue;
            }
            series.push(id);
            begins.push(row);
        }
        begins.push(rows);
        let mut by_id: Vec<u32> = (0..begins.len() as u32 - 1).collect();
        by_id.sort_unstable_by_key(|run| series[*run as usize]);
        Self { series, begins, by_id, times, has_ties }
    }

    /// Unix milliseconds of each row, rounded down.
    pub(in super::super) fn times(&self) -> &[i64] {
        &self.times
    }

    /// Whether rows of any series have the same time, or go back.
    pub(in super::super) fn has_ties(&self) -> bool {
        self.has_ties
    }

    /// How many runs there are.
    pub(in super::super) fn len(&self) -> usize {
        self.series.len()
    }

    /// The run of a series; `None` where it has no rows here. It is first looked for at the guess and after it.
    pub(in super::super) fn find(&self, id: u64, guess: usize) -> Option<usize> {
        if let Some(run) = self.find_near(id, guess) {
            return Some(run);
        }
        let at = self.by_id.binary_search_by_key(&id, |run| self.series[*run as usize]).ok()?;
        Some(self.by_id[at] as usize)
    }

    /// The run of a series, if it is the guess or the one after it.
    pub(in super::super) fn find_near(&self, id: u64, guess: usize) -> Option<usize> {
        [guess, guess + 1].into_iter().find(|near| self.series.get(*near) == Some(&id))
    }

    /// The rows of a run.
    pub(in super::super) fn rows_of(&self, run: usize) -> Range<usize> {
        self.begins[run] as usize..self.begins[run + 1] as usize
    }
}

impl Column for Runs {
    const READ: &'static [&'static str] = &["series_id", "time"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let (mut ids, mut times) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for batch in batches {
            ids.extend_from_slice(primitive::<UInt64Type>(batch, 0)?.values());
            times.extend(millis_of(batch, 1)?);
        }
        Ok(Self::new(ids, times))
    }

    fn rows(&self) -> usize {
        self.times.len()
    }
}

impl Keep for Runs {
    fn bytes(&self) -> usize {
        self.times.capacity() * size_of::<i64>()
            + self.series.capacity() * size_of::<u64>()
            + (self.begins.capacity() + self.by_id.capacity()) * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_series_are_found_whatever_is_guessed() {
        let runs = Runs::new([7, 7, 3, 9, 9, 9], vec![1, 2, 1, 1, 2, 3]);
        for guess in [0, 1, 2, 5, usize::MAX - 1] {
            let found = |id| runs.find(id, guess).map(|run| runs.rows_of(run));
            assert_eq!([found(7), found(3), found(9), found(4)], [Some(0..2), Some(2..3), Some(3..6), None]);
        }
        assert!(!runs.has_ties());
        assert!(Runs::new([7, 7], vec![1, 1]).has_ties());
        let none = Runs::new([], Vec::new());
        assert_eq!((none.len(), none.find(1, 0)), (0, None));
    }
}
