//! Why single records are refused for good, while the rest of their request is kept.

use std::fmt;

use crate::limits::EXP_BUCKETS_MAX;

/// One reason. Only what cannot mean anything is refused; everything else is kept with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// A span that no trace can be found by.
    TraceId,
    /// A span that nothing can refer to.
    SpanId,
    /// Points of a metric that has no name to be asked by.
    MetricName,
    /// A histogram whose counts belong to no bounds.
    BucketCounts,
    /// A histogram whose bounds bound nothing.
    Bounds,
    /// An exponential histogram with more buckets than any sender has.
    ExpBuckets,
    /// Remote write: labels that do not name one series.
    Labels,
    /// Remote write, version 2: a series that says nothing.
    NoPoints,
    /// Remote write: a time that no clock shows.
    Time,
    /// Remote write: a native histogram whose counts are no whole numbers.
    FloatCounts,
    /// Remote write: a native histogram that does not fit together.
    NativeHistogram,
    /// A new series that the admission did not let in.
    Series,
}

impl Rejection {
    const ALL: [Self; 12] = [
        Self::TraceId,
        Self::SpanId,
        Self::MetricName,
        Self::BucketCounts,
        Self::Bounds,
        Self::ExpBuckets,
        Self::Labels,
        Self::NoPoints,
        Self::Time,
        Self::FloatCounts,
        Self::NativeHistogram,
        Self::Series,
    ];

    fn write(self, f: &mut fmt::Formatter<'_>, count: u64) -> fmt::Result {
        let s = if count == 1 { "" } else { "s" };
        match self {
            Self::TraceId => write!(f, "{count} span{s} without a valid trace id (16 bytes, not all zero)"),
            Self::SpanId => write!(f, "{count} span{s} without a valid span id (8 bytes, not all zero)"),
            Self::MetricName => write!(f, "{count} data point{s} of a metric without a name"),
            Self::BucketCounts => {
                write!(f, "{count} histogram point{s} without exactly one bucket count more than explicit bounds")
            }
            Self::Bounds => write!(f, "{count} histogram point{s} whose explicit bounds do not ascend"),
            Self::ExpBuckets => {
                write!(f, "{count} exponential histogram point{s} with more than {EXP_BUCKETS_MAX} buckets")
            }
            Self::Labels => write!(
                f,
                "{count} sample{s} of series whose labels are not valid (a metric name, UTF-8, each name once)"
            ),
            Self::NoPoints => write!(f, "{count} series without a sample or histogram"),
            Self::Time => write!(f, "{count} sample{s} before 1970 or after 2262"),
            Self::FloatCounts => {
                write!(f, "{count} native histogram{s} with counts that are not whole numbers, which are not kept")
            }
            Self::NativeHistogram => write!(
                f,
                "{count} native histogram{s} whose spans, counts and bounds do not fit together, or with more than \
                 {EXP_BUCKETS_MAX} buckets or an unknown schema"
            ),
            Self::Series => write!(
                f,
                "{count} data point{s} of new series, beyond what a tenant may have at once (receive.series_max): \
                 leave out attributes with many values, or raise it"
            ),
        }
    }
}

/// How often each reason occurred in a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejections {
    counts: [u64; Rejection::ALL.len()],
}

impl Rejections {
    /// Notes that many more refused records.
    pub(crate) fn add(&mut self, rejection: Rejection, count: u64) {
        self.counts[rejection as usize] += count;
    }

    /// Records refused for that reason.
    pub(crate) fn of(&self, rejection: Rejection) -> u64 {
        self.counts[rejection as usize]
    }

    /// Refused records in all.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// One line for the sender; `None` when all is well. Its length is bounded by the number of reasons.
    pub(crate) fn summary(&self) -> Option<String> {
        (self.total() > 0).then(|| self.to_string())
    }
}

impl fmt::Display for Rejections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for rejection in Rejection::ALL {
            let count = self.counts[rejection as usize];
            if count > 0 {
                f.write_str(separator)?;
                rejection.write(f, count)?;
                separator = "; ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_told_in_one_line() {
        let mut rejections = Rejections::default();
        assert_eq!(rejections.summary(), None);
        rejections.add(Rejection::Bounds, 1);
        rejections.add(Rejection::TraceId, 2);
        let expected = "2 spans without a valid trace id (16 bytes, not all zero); \
                        1 histogram point whose explicit bounds do not ascend";
        assert_eq!(rejections.summary().as_deref(), Some(expected));
        assert_eq!(rejections.total(), 3);
    }
}
