//! Classic histograms as native ones with custom bounds, as Prometheus converts them when it is told to on scraping.

use std::collections::BTreeMap;
use std::sync::Arc;

use promql::{Buckets, Histogram, HistogramParts, Labels, METRIC_NAME, Points, Series};

/// The schema of native histograms with custom bounds.
const CUSTOM_BOUNDS: i32 = -53;

/// One classic histogram at one time.
#[derive(Debug, Default)]
struct Classic {
    /// Upper bounds, ascending, with how many are at or below.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
}

/// By their labels without suffix and bound, and by time.
type Classics = BTreeMap<Labels, BTreeMap<i64, Classic>>;

/// The native histograms of all classic ones among the series.
pub(crate) fn natives(series: &[Series]) -> Result<Vec<Series>, String> {
    let mut classics = Classics::new();
    for one in series {
        let name = one.labels.metric_name();
        if let Some(base) = name.strip_suffix("_bucket") {
            let bound = one.labels.get("le").ok_or_else(|| format!("{:?} has no bound", one.labels))?;
            let Some(bound) = bound.parse::<f64>().ok().filter(|bound| !bound.is_nan()) else { continue };
            collect(&mut classics, one, base, |classic, count| classic.set_bucket(bound, count));
        } else if let Some(base) = name.strip_suffix("_count") {
            collect(&mut classics, one, base, |classic, count| classic.count = Some(count));
        } else if let Some(base) = name.strip_suffix("_sum") {
            collect(&mut classics, one, base, |classic, sum| classic.sum = sum);
        }
    }
    classics.into_iter().map(|(labels, by_time)| native(labels, by_time)).collect()
}

fn collect(classics: &mut Classics, series: &Series, base: &str, set: impl Fn(&mut Classic, f64)) {
    let mut labels = series.labels.to_builder();
    labels.set(METRIC_NAME, base).remove("le");
    let by_time = classics.entry(labels.build()).or_default();
    for (time, value) in series.floats.times.iter().zip(&series.floats.values) {
        set(by_time.entry(*time).or_default(), *value);
    }
}

fn native(labels: Labels, by_time: BTreeMap<i64, Classic>) -> Result<Series, String> {
    let mut histograms = Points::new();
    for (time, classic) in by_time {
        let histogram = classic.convert().map_err(|error| format!("{labels:?} at {time}: {error}"))?;
        histograms.times.push(time);
        histograms.values.push(Arc::new(histogram));
    }
    Ok(Series { labels, floats: Points::new(), histograms })
}

impl Classic {
    /// The first of equal bounds counts: `1` and `1.0` are one.
    fn set_bucket(&mut self, bound: f64, count: f64) {
        let at = self.buckets.partition_point(|(known, _)| *known < bound);
        if self.buckets.get(at).is_none_or(|(known, _)| *known != bound) {
            self.buckets.insert(at, (bound, count));
        }
    }

    fn convert(mut self) -> Result<Histogram, String> {
        let last = self.buckets.last().map(|(_, count)| *count);
        let count = self.count.or(last).ok_or("count must be provided when no buckets are present")?;
        if self.buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        let mut below = 0.0;
        let mut counts = Vec::with_capacity(self.buckets.len());
        for (bound, cumulative) in &self.buckets {
            if cumulative.is_nan() || *cumulative < below {
                return Err(format!("count is not cumulative: {cumulative} at {bound} after {below}"));
            }
            counts.push(cumulative - below);
            below = *cumulative;
        }
        if below != count {
            return Err(format!("count mismatch: {count} != {below}"));
        }
        let bounds = self.buckets.iter().map(|(bound, _)| *bound).filter(|bound| bound.is_finite());
        let mut histogram = Histogram::new(HistogramParts {
            schema: CUSTOM_BOUNDS,
            count,
            sum: self.sum,
            custom_bounds: bounds.collect(),
            positive: Buckets::successive(0, counts).map_err(|error| error.to_string())?,
            ..HistogramParts::default()
        })
        .map_err(|error| error.to_string())?;
        histogram.compact();
        Ok(histogram)
    }
}
