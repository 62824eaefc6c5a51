//! Functions of each native histogram by itself.

use crate::Histogram;

/// The function of this name, if it is one of a histogram and nothing else.
pub(in crate::evaluate) fn function(name: &str) -> Option<fn(&Histogram) -> f64> {
    Some(match name {
        "histogram_avg" => Histogram::avg,
        "histogram_count" => Histogram::count,
        "histogram_stddev" => Histogram::stddev,
        "histogram_stdvar" => Histogram::stdvar,
        "histogram_sum" => Histogram::sum,
        _ => return None,
    })
}
