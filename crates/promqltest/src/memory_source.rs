//! Series in memory, with the hints that Prometheus' storage would give.

use std::sync::Arc;

use promql::{CounterReset, Histogram, Points, Selection, Series, SeriesSource, SeriesStream, SourceError, is_stale};

/// Keeps series by labels, and gives them in as many streams as it is told to.
#[derive(Clone, Debug)]
pub struct MemorySource {
    series: Vec<Series>,
    streams: usize,
}

impl MemorySource {
    /// Without series; `streams` is how many a selection is spread over, at least 1.
    pub fn new(streams: usize) -> Self {
        Self { series: Vec::new(), streams: streams.max(1) }
    }

    /// Adds a series, or samples to one. Errors: they are not later than all that it has.
    pub fn add(&mut self, new: Series) -> Result<(), String> {
        match self.series.binary_search_by(|known| known.labels.cmp(&new.labels)) {
            Ok(at) => append(&mut self.series[at], &new),
            Err(at) => {
                let empty = Series { labels: new.labels.clone(), floats: Points::new(), histograms: Points::new() };
                self.series.insert(at, empty);
                append(&mut self.series[at], &new)
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.series.clear();
    }

    /// All series, by labels.
    pub fn series(&self) -> &[Series] {
        &self.series
    }
}

impl SeriesSource for MemorySource {
    fn select<'a>(&'a self, selection: &Selection) -> Result<Vec<SeriesStream<'a>>, SourceError> {
        let mut streams: Vec<Vec<Result<Series, SourceError>>> = Vec::new();
        streams.resize_with(self.streams, Vec::new);
        let is_selected = |series: &&Series| {
            selection
                .matchers
                .iter()
                .all(|matcher| matcher.matches(series.labels.get(matcher.name()).unwrap_or_default()))
        };
        for series in self.series.iter().filter(is_selected) {
            let part = Series {
                labels: series.labels.clone(),
                floats: within(&series.floats, selection),
                histograms: within(&series.histograms, selection),
            };
            if !part.floats.is_empty() || !part.histograms.is_empty() {
                let stream = (part.labels.stable_hash() % self.streams as u64) as usize;
                streams[stream].push(Ok(part));
            }
        }
        Ok(streams.into_iter().map(|stream| Box::new(stream.into_iter()) as SeriesStream<'a>).collect())
    }
}

/// The samples of a range of time, its first instant excluded.
fn within<T: Clone>(points: &Points<T>, selection: &Selection) -> Points<T> {
    let from = points.times.partition_point(|time| *time <= selection.after);
    let to = points.times.partition_point(|time| *time <= selection.until).max(from);
    let starts = points.starts.get(from..to).unwrap_or_default();
    Points { times: points.times[from..to].to_vec(), starts: starts.to_vec(), values: points.values[from..to].to_vec() }
}

fn append(series: &mut Series, new: &Series) -> Result<(), String> {
    let times = [series.floats.times.last(), series.histograms.times.last()];
    let last = times.into_iter().flatten().max();
    let first = new.floats.times.first().into_iter().chain(new.histograms.times.first()).min();
    if first.zip(last).is_some_and(|(first, last)| first <= last) {
        return Err(format!("{:?} already has samples as late as these", series.labels));
    }
    let known = series.histograms.len();
    extend(&mut series.floats, &new.floats);
    extend(&mut series.histograms, &new.histograms);
    for at in known..series.histograms.len() {
        let hint = hint(series, at);
        let histogram = &mut series.histograms.values[at];
        if histogram.counter_reset() != hint {
            Arc::make_mut(histogram).set_counter_reset(hint);
        }
    }
    Ok(())
}

fn extend<T: Clone>(points: &mut Points<T>, new: &Points<T>) {
    // Starts are of all samples or of none.
    if !points.starts.is_empty() || !new.starts.is_empty() {
        points.starts.resize(points.len(), 0);
        points.starts.extend(&new.starts);
        points.starts.resize(points.len() + new.len(), 0);
    }
    points.times.extend(&new.times);
    points.values.extend_from_slice(&new.values);
}

/// What the storage says of one histogram of a series: that it goes on from the one before, or nothing. Prometheus knows
/// that it goes on where both lie in one run of equal layout without a reset; whatever else a sender said of resets is lost.
fn hint(series: &Series, at: usize) -> CounterReset {
    let histogram = &series.histograms.values[at];
    if histogram.counter_reset() == CounterReset::Gauge {
        return CounterReset::Gauge;
    }
    let (Some(before), CounterReset::Unknown | CounterReset::NotReset) = (at.checked_sub(1), histogram.counter_reset())
    else {
        return CounterReset::Unknown;
    };
    let between = series.histograms.times[before]..series.histograms.times[at];
    let is_interrupted = series.floats.times.iter().any(|time| between.contains(time));
    let before = &series.histograms.values[before];
    if is_interrupted || before.counter_reset() == CounterReset::Gauge || !goes_on(histogram, before) {
        CounterReset::Unknown
    } else {
        CounterReset::NotReset
    }
}

fn goes_on(histogram: &Histogram, before: &Histogram) -> bool {
    if is_stale(before.sum()) {
        return is_stale(histogram.sum());
    }
    let mut unhinted = histogram.clone();
    unhinted.set_counter_reset(CounterReset::Unknown);
    is_stale(histogram.sum())
        || (histogram.schema() == before.schema()
            && histogram.zero_threshold() == before.zero_threshold()
            && histogram.custom_bounds() == before.custom_bounds()
            && !unhinted.detects_reset(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Command, Script, check_source};

    #[test]
    fn it_is_a_source() {
        for streams in [1, 3] {
            check_source(1_732_000_000_000, |series| {
                let mut source = MemorySource::new(streams);
                series.iter().for_each(|one| source.add(one.clone()).unwrap());
                source
            });
        }
    }

    #[test]
    fn a_histogram_is_known_to_go_on_from_the_one_before() {
        use CounterReset::{Gauge, NotReset, Unknown};
        let check = |values: &str, expected: &[CounterReset]| {
            let script = Script::parse(&format!("load 1m\n a {values}")).unwrap();
            let Command::Load(load) = &script.commands[0] else { panic!("a load") };
            let mut source = MemorySource::new(1);
            load.series.iter().for_each(|one| source.add(one.clone()).unwrap());
            let hints = source.series()[0].histograms.values.iter().map(|histogram| histogram.counter_reset());
            assert_eq!(hints.collect::<Vec<_>>(), expected, "{values}");
        };
        check("{{count:1 buckets:[1]}} {{count:2 buckets:[2]}} {{count:1 buckets:[1]}}", &[Unknown, NotReset, Unknown]);
        check("{{count:1 buckets:[1]}} 1 {{count:2 buckets:[2]}}", &[Unknown, Unknown]);
        check("{{count:1 buckets:[1]}} {{schema:1 count:2 buckets:[2]}}", &[Unknown, Unknown]);
        check("{{count:1}} {{count:1 counter_reset_hint:reset}} {{count:1}}", &[Unknown, Unknown, NotReset]);
        check("{{counter_reset_hint:gauge}} {{}} {{}}", &[Gauge, Unknown, NotReset]);
    }

    #[test]
    fn samples_come_in_order() {
        let script = Script::parse("load 1m\n a 1 2\n\nload 2m\n a _ 3\n\nload 1m\n a _ _ 4").unwrap();
        let mut source = MemorySource::new(1);
        let outcomes = script.commands.iter().map(|command| match command {
            Command::Load(load) => source.add(load.series[0].clone()).is_ok(),
            _ => panic!("loads only"),
        });
        assert_eq!(outcomes.collect::<Vec<_>>(), [true, true, false]);
    }
}
