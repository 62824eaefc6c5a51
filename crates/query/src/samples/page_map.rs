//! Which stretches of a block may have rows of a series, by the page index of its Parquet file.
//!
//! The index tells the least and the greatest metric of each page, the least and the greatest resource, and so on, each for
//! itself. Where a page is of one metric alone, its resources ascend; where it is of one resource, too, its series do. So of
//! each page there is a key that all its rows are at or above, and one that they are at or below.

use std::ops::Range;

use datafusion::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::parquet::file::page_index::column_index::ColumnIndexMetaData;

use super::column_cache::Keep;

/// Rows of a stretch: a multiple of the rows of a page. More would be decoded faster; but each thread holds a stretch or two
/// of every block that it reads, of which a week has hundreds.
pub(super) const STRETCH_ROWS: u32 = 2 * 4_096;

/// Where pages begin, and between which keys they are.
#[derive(Debug)]
pub(super) struct PageMap {
    rows: u32,
    /// What pages begin and end with, each once, in order.
    metrics: Vec<Box<[u8]>>,
    pages: Vec<MappedPage>,
}

#[derive(Clone, Copy, Debug)]
struct MappedPage {
    /// Its first row in the block.
    begin: u32,
    /// No row in it or after it is below.
    low: Key,
    /// No row in it or before it is above.
    high: Key,
}

/// A series in the order of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    metric: MetricRank,
    resource: u64,
    series: u64,
}

/// The place of a metric among those that pages begin and end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MetricRank(u32);

const LEAST: Key = Key { metric: MetricRank(0), resource: 0, series: 0 };
const GREATEST: Key = Key { metric: MetricRank(u32::MAX), resource: u64::MAX, series: u64::MAX };

/// What the page index says of one column of a row group.
struct ColumnPages<V> {
    firsts: Vec<i64>,
    /// `None` where it does not say.
    bounds: Vec<Option<(V, V)>>,
}

impl<V: Ord + Clone> ColumnPages<V> {
    /// Between which values these rows of the row group are; `None` where that is not known.
    fn of_rows(&self, rows: &Range<i64>) -> Option<(V, V)> {
        let begin = self.firsts.partition_point(|first| *first <= rows.start).checked_sub(1)?;
        let end = self.firsts.partition_point(|first| *first < rows.end);
        let mut touched = self.bounds.get(begin..end)?.iter();
        let (mut least, mut greatest) = touched.next()?.clone()?;
        for bounds in touched {
            let (low, high) = bounds.clone()?;
            (least, greatest) = (least.min(low), greatest.max(high));
        }
        Some((least, greatest))
    }
}

/// The least and the greatest of some texts.
type TextBounds = (Box<[u8]>, Box<[u8]>);

/// Bounds of one page.
struct PageBounds {
    begin: u32,
    metric: Option<TextBounds>,
    resource: Option<(u64, u64)>,
    series: Option<(u64, u64)>,
}

impl PageBounds {
    /// Whether that is known. Names that were cut short are not the same at both ends.
    fn is_of_one_metric(&self) -> bool {
        self.metric.as_ref().is_some_and(|(first, last)| first == last)
    }
}

/// An end of a page.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

impl End {
    fn of<T>(self, (first, last): (T, T)) -> T {
        match self {
            Self::First => first,
            Self::Last => last,
        }
    }
}

impl PageMap {
    /// By the footer of a block of points.
    pub(super) fn of(footer: &ArrowReaderMetadata) -> Self {
        let metadata = footer.metadata();
        let (mut pages, mut begin): (Vec<PageBounds>, i64) = (Vec::new(), 0);
        for (group, row_group) in metadata.row_groups().iter().enumerate() {
            let rows = row_group.num_rows();
            let metrics = texts_of(metadata, group, "metric_name");
            let resources = ids_of(metadata, group, "resource_id");
            let series = ids_of(metadata, group, "series_id");
            // Without an index, the row group is one page.
            let firsts = series.as_ref().map_or_else(|| vec![0], |series| series.firsts.clone());
            for (page, first) in firsts.iter().enumerate() {
                let of_group = *first..firsts.get(page + 1).copied().unwrap_or(rows);
                pages.push(PageBounds {
                    begin: u32::try_from(begin + first).unwrap_or(u32::MAX),
                    metric: metrics.as_ref().and_then(|metrics| metrics.of_rows(&of_group)),
                    resource: resources.as_ref().and_then(|resources| resources.of_rows(&of_group)),
                    series: series.as_ref().and_then(|series| series.of_rows(&of_group)),
                });
            }
            begin = begin.saturating_add(rows);
        }
        Self::new(pages, u32::try_from(begin).unwrap_or(u32::MAX))
    }

    fn new(bounds: Vec<PageBounds>, rows: u32) -> Self {
        let known = bounds.iter().filter_map(|page| page.metric.as_ref());
        let mut metrics: Vec<Box<[u8]>> = known.flat_map(|(low, high)| [low.clone(), high.clone()]).collect();
        metrics.sort_unstable();
        metrics.dedup();
        let mut map = Self { rows, metrics, pages: Vec::with_capacity(bounds.len()) };
        let mut least = LEAST;
        for page in &bounds {
            let begin = page.begin;
            // Rows ascend, so a page begins no lower than the one before ends.
            let low = least.max(map.key_of(page, End::First, LEAST));
            map.pages.push(MappedPage { begin, low, high: map.key_of(page, End::Last, GREATEST) });
            least = if page.is_of_one_metric() { low.max(map.key_of(page, End::Last, LEAST)) } else { low };
        }
        let mut greatest = GREATEST;
        for (at, page) in bounds.iter().enumerate().rev() {
            let high = greatest.min(map.pages[at].high);
            map.pages[at].high = high;
            let first = map.key_of(page, End::First, GREATEST);
            greatest = if page.is_of_one_metric() { high.min(first) } else { high };
        }
        map
    }

    /// The key of a row at an end of a page; what is not known of it is as in the other key.
    fn key_of(&self, page: &PageBounds, end: End, unknown: Key) -> Key {
        let Some((first, last)) = &page.metric else { return unknown };
        let mut key = Key { metric: self.rank_of(end.of((first, last))), ..unknown };
        // Each column has its bounds for itself, which are those of the end only if all before it are of one value.
        if let Some(resources) = page.resource.filter(|_| first == last) {
            key.resource = end.of(resources);
            if let Some(series) = page.series.filter(|_| resources.0 == resources.1) {
                key.series = end.of(series);
            }
        }
        key
    }

    /// Where a metric is. Those that no page begins or ends with are between others.
    pub(super) fn rank_of(&self, metric: &[u8]) -> MetricRank {
        // As many metrics as pages, twice, of which there are far fewer than 2^31.
        MetricRank(match self.metrics.binary_search_by(|known| (**known).cmp(metric)) {
            Ok(at) => 2 * at as u32 + 1,
            Err(at) => 2 * at as u32,
        })
    }

    /// Numbers of the stretches that may have rows of the series.
    pub(super) fn stretches_of(&self, metric: MetricRank, resource: u64, series: u64) -> Range<u32> {
        let key = Key { metric, resource, series };
        let first = self.pages.partition_point(|page| page.high < key);
        let end = self.pages.partition_point(|page| page.low <= key);
        if first >= end {
            return 0..0;
        }
        let until = self.pages.get(end).map_or(self.rows, |page| page.begin);
        self.pages[first].begin / STRETCH_ROWS..until.div_ceil(STRETCH_ROWS)
    }

    /// The rows of a stretch.
    pub(super) fn rows_of(&self, stretch: u32) -> Range<u32> {
        let begin = stretch.saturating_mul(STRETCH_ROWS);
        begin..begin.saturating_add(STRETCH_ROWS).min(self.rows)
    }
}

impl Keep for PageMap {
    fn bytes(&self) -> usize {
        let metrics: usize = self.metrics.iter().map(|metric| metric.len() + size_of::<Box<[u8]>>()).sum();
        metrics + self.pages.capacity() * size_of::<MappedPage>()
    }
}

fn leaf(metadata: &ParquetMetaData, name: &str) -> Option<usize> {
    metadata.file_metadata().schema_descr().columns().iter().position(|leaf| leaf.path().parts() == [name])
}

/// The number, in the row group, of the first row of each page of the column.
fn firsts_of(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<Vec<i64>> {
    let pages = metadata.offset_index()?.get(group)?.get(column)?.page_locations();
    let firsts: Vec<i64> = pages.iter().map(|page| page.first_row_index).collect();
    (firsts.first() == Some(&0) && firsts.is_sorted()).then_some(firsts)
}

fn ids_of(metadata: &ParquetMetaData, group: usize, name: &str) -> Option<ColumnPages<u64>> {
    let column = leaf(metadata, name)?;
    let firsts = firsts_of(metadata, group, column)?;
    let ColumnIndexMetaData::INT64(index) = metadata.column_index()?.get(group)?.get(column)? else { return None };
    // Parquet keeps an unsigned number as the signed one of the same bits.
    let bounds = |page: usize| Some((*index.min_value(page)? as u64, *index.max_value(page)? as u64));
    (index.min_values().len() == firsts.len())
        .then(|| ColumnPages { bounds: (0..firsts.len()).map(bounds).collect(), firsts })
}

fn texts_of(metadata: &ParquetMetaData, group: usize, name: &str) -> Option<ColumnPages<Box<[u8]>>> {
    let column = leaf(metadata, name)?;
    let firsts = firsts_of(metadata, group, column)?;
    let index = metadata.column_index()?.get(group)?.get(column)?;
    let ColumnIndexMetaData::BYTE_ARRAY(texts) = index else { return None };
    // Long ones are cut short, the greatest upwards, so that no two are the same that were not.
    let bounds = |page: usize| Some((texts.min_value(page)?.into(), texts.max_value(page)?.into()));
    (index.num_pages() == firsts.len() as u64)
        .then(|| ColumnPages { bounds: (0..firsts.len()).map(bounds).collect(), firsts })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages of a stretch each, as metrics, resources and series from and to.
    fn map(pages: &[(&str, &str, [u64; 4])]) -> PageMap {
        let bounds = pages.iter().enumerate().map(|(page, (first, last, [r0, r1, s0, s1]))| PageBounds {
            begin: page as u32 * STRETCH_ROWS,
            metric: (!first.is_empty()).then(|| (first.as_bytes().into(), last.as_bytes().into())),
            resource: Some((*r0, *r1)),
            series: Some((*s0, *s1)),
        });
        PageMap::new(bounds.collect(), pages.len() as u32 * STRETCH_ROWS - 1)
    }

    #[test]
    fn a_series_is_looked_for_in_no_page_that_cannot_have_it() {
        let map = map(&[
            ("a", "a", [1, 1, 10, 20]),
            ("a", "a", [1, 1, 20, 90]),
            ("a", "a", [1, 3, 5, 95]),
            ("a", "c", [1, 9, 1, 99]),
            ("c", "c", [9, 9, 50, 60]),
        ]);
        let check = |metric: &str, resource, series, expected| {
            let rank = map.rank_of(metric.as_bytes());
            assert_eq!(map.stretches_of(rank, resource, series), expected, "{metric} {resource} {series}");
        };
        check("a", 1, 9, 0..0);
        check("a", 1, 10, 0..1);
        check("a", 1, 20, 0..2);
        check("a", 1, 50, 1..2);
        check("a", 1, 90, 1..3);
        check("a", 2, 1, 2..3);
        check("a", 4, 1, 3..4);
        check("b", 1, 1, 3..4);
        check("c", 8, 1, 3..4);
        check("c", 9, 50, 3..5);
        check("c", 9, 55, 4..5);
        check("c", 9, 61, 0..0);
        check("d", 1, 1, 0..0);
        assert_eq!(map.rows_of(4), 4 * STRETCH_ROWS..5 * STRETCH_ROWS - 1);
    }

    #[test]
    fn pages_of_which_nothing_is_known_may_have_anything() {
        let map = map(&[("", "", [0; 4]), ("b", "b", [1, 1, 1, 1]), ("", "", [0; 4])]);
        let of = |metric: &str| map.stretches_of(map.rank_of(metric.as_bytes()), 1, 1);
        assert_eq!((of("a"), of("b"), of("c")), (0..1, 0..3, 2..3));
    }
}
