//! `limit_ratio`: a share of all series, chosen by a hash of their labels.

use std::sync::Arc;

use super::Parameter;
use crate::ABSENT;
use crate::evaluate::Streams;

/// A positive ratio takes series from the lower end of all hashes, a negative one from the upper end, so that a ratio and
/// it less one together take each series once.
pub(super) fn limit<'a>(ratios: Parameter<'a>, inner: Streams<'a>) -> Streams<'a> {
    let ratios = Arc::new(ratios);
    inner.filter_map(move |mut series| {
        let place = series.labels.stable_hash() as f64 / u64::MAX as f64;
        for step in 0..series.floats.len() {
            let ratio = ratios.at(step).clamp(-1.0, 1.0);
            if if ratio < 0.0 { place >= 1.0 + ratio } else { place < ratio } {
                continue;
            }
            series.floats[step] = ABSENT;
            if let Some(histogram) = series.histograms.get_mut(step) {
                *histogram = None;
            }
        }
        Ok((!series.is_empty()).then_some(series))
    })
}
