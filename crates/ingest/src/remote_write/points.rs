//! Samples, exemplars and native histograms as points of OTLP.

use super::labels::LabelReader;
use super::native_histogram::{Buckets, NativeHistogram};
use super::request::{SeriesKind, WrittenSeries};
use super::{Rewriting, Version};
use crate::error::DecodeError;
use crate::metrics::BARE_EXEMPLARS;
use crate::rejection::Rejection;
use crate::wire::{Field, Reader};

/// Which points of a series go into one metric of OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PointKind {
    /// Samples, and exemplars that come alone.
    Number,
    /// Native histograms.
    Histogram(HistogramKind),
}

/// Which native histograms go into one metric of OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HistogramKind {
    pub(super) bounds: Bounds,
    pub(super) course: Course,
}

/// What the bounds of buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    Exponential,
    Custom,
}

/// How counts go on from one histogram to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// They grow, or begin anew.
    Counter,
    /// As they like.
    Gauge,
}

impl PointKind {
    pub(super) const ALL: [Self; 5] = [
        Self::Number,
        Self::histogram(Bounds::Exponential, Course::Counter),
        Self::histogram(Bounds::Exponential, Course::Gauge),
        Self::histogram(Bounds::Custom, Course::Counter),
        Self::histogram(Bounds::Custom, Course::Gauge),
    ];

    const fn histogram(bounds: Bounds, course: Course) -> Self {
        Self::Histogram(HistogramKind { bounds, course })
    }

    /// The field of `Metric` that holds them.
    pub(super) fn field(self, is_counter: bool) -> u32 {
        match self {
            Self::Number if is_counter => 7,
            Self::Number => 5,
            Self::Histogram(HistogramKind { bounds: Bounds::Custom, .. }) => 9,
            Self::Histogram(HistogramKind { bounds: Bounds::Exponential, .. }) => 10,
        }
    }
}

/// A value that says that the series has ended, bit for bit.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// OTLP's flag of a point without a value.
const NO_RECORDED_VALUE: u64 = 1;

/// The fields of a data point that stand elsewhere in each kind.
#[derive(Clone, Copy, Debug)]
struct PointNumbers {
    attributes: u32,
    exemplars: u32,
    flags: u32,
}

impl PointKind {
    fn numbers(self) -> PointNumbers {
        match self {
            Self::Number => PointNumbers { attributes: 7, exemplars: 5, flags: 8 },
            Self::Histogram(HistogramKind { bounds: Bounds::Custom, .. }) => {
                PointNumbers { attributes: 9, exemplars: 8, flags: 10 }
            }
            Self::Histogram(HistogramKind { bounds: Bounds::Exponential, .. }) => {
                PointNumbers { attributes: 1, exemplars: 11, flags: 10 }
            }
        }
    }
}

impl Rewriting<'_, '_, '_> {
    /// The data points of one kind. What cannot be kept is counted.
    pub(super) fn points(&mut self, series: &WrittenSeries<'_>, kind: PointKind) -> Result<(), DecodeError> {
        let mut fields = series.message;
        while let Some(field) = fields.next_field()? {
            match (self.version, field.number) {
                (_, 2) if kind == PointKind::Number => {
                    self.number(&field, series)?;
                }
                (Version::One, 4) | (Version::Two, 3) => {
                    if let PointKind::Histogram(kind) = kind {
                        self.histogram(&field, series, kind)?;
                    }
                }
                _ => {}
            }
        }
        if kind == PointKind::Number && series.numbers == 0 {
            let numbers = kind.numbers();
            let point = self.output.begin(1);
            self.labels(numbers.attributes, series);
            self.exemplars(series.message, numbers.exemplars)?;
            self.output.varint(numbers.flags, u64::from(BARE_EXEMPLARS));
            self.output.end(point);
        }
        Ok(())
    }

    fn number(&mut self, field: &Field<'_>, series: &WrittenSeries<'_>) -> Result<(), DecodeError> {
        let (mut value, mut time, mut start) = (0.0, 0, 0);
        let mut fields = field.message("Sample")?;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => value = field.double()?,
                2 => time = field.varint()?.cast_signed(),
                3 if self.version == Version::Two => start = field.varint()?.cast_signed(),
                _ => {}
            }
        }
        let Some(time) = nanos(time) else {
            self.tally.reject(Rejection::Time, 1);
            return Ok(());
        };
        let numbers = PointKind::Number.numbers();
        let point = self.output.begin(1);
        self.times(time, start);
        if value.to_bits() == STALE_BITS {
            self.output.varint(numbers.flags, NO_RECORDED_VALUE);
        } else {
            self.output.fixed64(4, value.to_bits());
        }
        self.labels(numbers.attributes, series);
        self.exemplars(series.message, numbers.exemplars)?;
        self.output.end(point);
        Ok(())
    }

    /// One that goes into another metric is passed over.
    fn histogram(
        &mut self,
        field: &Field<'_>,
        series: &WrittenSeries<'_>,
        kind: HistogramKind,
    ) -> Result<(), DecodeError> {
        let histogram = NativeHistogram::read(field.message("Histogram")?)?;
        let course = if series.kind == SeriesKind::GaugeHistogram { Course::Gauge } else { histogram.course() };
        if (HistogramKind { bounds: histogram.bounds(), course }) != kind {
            return Ok(());
        }
        let checked = histogram.checked().and_then(|histogram| {
            let time = nanos(histogram.time).ok_or(Rejection::Time)?;
            Ok((histogram, time))
        });
        let (histogram, time) = match checked {
            Ok(checked) => checked,
            Err(rejection) => {
                self.tally.reject(rejection, 1);
                return Ok(());
            }
        };
        let numbers = PointKind::Histogram(kind).numbers();
        let point = self.output.begin(1);
        self.times(time, histogram.start);
        if histogram.sum.to_bits() == STALE_BITS {
            self.output.varint(numbers.flags, NO_RECORDED_VALUE);
        } else {
            self.output.fixed64(4, histogram.count);
            self.output.fixed64(5, histogram.sum.to_bits());
        }
        // One that says the series has ended has buckets, too, if only of nothing: so it stays a histogram.
        if kind.bounds == Bounds::Custom {
            self.custom_buckets(&histogram.positive, &histogram.bounds);
        } else {
            self.output.varint(6, zigzag(histogram.schema));
            self.output.fixed64(7, histogram.zero_count);
            self.buckets(8, &histogram.positive);
            self.buckets(9, &histogram.negative);
            self.output.fixed64(14, histogram.zero_threshold.to_bits());
        }
        self.labels(numbers.attributes, series);
        self.exemplars(series.message, numbers.exemplars)?;
        self.output.end(point);
        Ok(())
    }

    fn times(&mut self, time: u64, start_millis: i64) {
        if let Some(start) = nanos(start_millis).filter(|_| start_millis != 0) {
            self.output.fixed64(2, start);
        }
        self.output.fixed64(3, time);
    }

    /// Counts of all buckets that explicit bounds make, the one beyond the last included.
    fn custom_buckets(&mut self, buckets: &Buckets, bounds: &[f64]) {
        for at in 0..=bounds.len() as i64 {
            let count = usize::try_from(at - buckets.first).ok().and_then(|at| buckets.counts.get(at));
            self.output.fixed64(6, count.copied().unwrap_or(0));
        }
        for bound in bounds {
            self.output.fixed64(7, bound.to_bits());
        }
    }

    /// Bucket `i` of Prometheus ends where bucket `i` of OTLP begins.
    fn buckets(&mut self, number: u32, buckets: &Buckets) {
        if buckets.counts.is_empty() {
            return;
        }
        let message = self.output.begin(number);
        let offset = buckets.first.saturating_sub(1).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        self.output.varint(1, zigzag(offset as i32));
        for count in &buckets.counts {
            self.output.varint(2, *count);
        }
        self.output.end(message);
    }

    /// All exemplars of a series, unless they were written with another point. Which they belong to is not said, and the first
    /// is as good as any.
    fn exemplars(&mut self, mut series: Reader<'_>, number: u32) -> Result<(), DecodeError> {
        if !std::mem::take(&mut self.has_exemplars) {
            return Ok(());
        }
        let wanted = if self.version == Version::One { 3 } else { 4 };
        while let Some(field) = series.next_field()? {
            if field.number == wanted {
                let exemplar = self.output.begin(number);
                self.exemplar(field.message("Exemplar")?)?;
                self.output.end(exemplar);
            }
        }
        Ok(())
    }

    /// One whose labels are not valid keeps its value.
    fn exemplar(&mut self, mut fields: Reader<'_>) -> Result<(), DecodeError> {
        let mut labels = LabelReader::default();
        labels.clear();
        while let Some(field) = fields.next_field()? {
            match (self.version, field.number) {
                (Version::One, 1) => labels.push(&field)?,
                (Version::Two, 1) => labels.push_references(&field, self.symbols)?,
                (_, 2) => self.output.fixed64(3, field.double()?.to_bits()),
                (_, 3) => {
                    if let Some(time) = nanos(field.varint()?.cast_signed()) {
                        self.output.fixed64(2, time);
                    }
                }
                _ => {}
            }
        }
        for label in labels.checked().unwrap_or_default() {
            match (label.name, hex::<16>(label.value), hex::<8>(label.value)) {
                (TRACE_ID, Some(id), _) => self.output.bytes(5, &id),
                (SPAN_ID, _, Some(id)) => self.output.bytes(4, &id),
                (name, ..) => self.attribute(7, name, label.value),
            }
        }
        Ok(())
    }
}

/// Labels that name the span that an exemplar was taken in.
const TRACE_ID: &str = "trace_id";
const SPAN_ID: &str = "span_id";

/// Bytes of two hexadecimal digits each.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Unix nanoseconds of unix milliseconds; `None` before 1970 and after 2262. In OTLP 0 is "not set", so that the first
/// nanosecond of the epoch stands for it, which is the same millisecond.
fn nanos(millis: i64) -> Option<u64> {
    let nanos = millis.checked_mul(1_000_000).filter(|nanos| *nanos >= 0)?;
    Some(nanos.max(1).unsigned_abs())
}

fn zigzag(value: i32) -> u64 {
    u64::from(((value << 1) ^ (value >> 31)).cast_unsigned())
}
