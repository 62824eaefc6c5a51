//! A `Metric` without its points.

use std::borrow::Cow;

use model::Marks;

use crate::attributes::AttributeSet;
use crate::error::DecodeError;
use crate::identity::{Identity, MetricIdentity};
use crate::text::shared_text;
use crate::wire::Reader;

/// What all points of a metric share.
#[derive(Debug)]
pub(crate) struct Metric<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) description: Cow<'a, str>,
    pub(crate) unit: Cow<'a, str>,
    pub(crate) kind: Kind,
    /// OTLP's number: 1 delta, 2 cumulative, anything else unspecified.
    temporality: i32,
    /// Whether a sum only ever grows.
    pub(crate) is_monotonic: bool,
    /// Whose it is; set by [`Self::identify`].
    pub(crate) resource_id: u64,
    /// [`Identity::metric_id`]; set by [`Self::identify`].
    pub(crate) id: u64,
    /// What was changed about the metric, its scope or its resource, to be said with each point.
    pub(crate) marks: Marks,
}

/// What kind of points a metric has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Gauge,
    Sum,
    Histogram,
    ExpHistogram,
    Summary,
}

impl Kind {
    fn of_field(number: u32) -> Option<Self> {
        [Self::Gauge, Self::Sum, Self::Histogram, Self::ExpHistogram, Self::Summary]
            .into_iter()
            .find(|kind| kind.field() == number)
    }

    /// The field of `Metric` that holds data of this kind.
    pub(crate) fn field(self) -> u32 {
        match self {
            Self::Gauge => 5,
            Self::Sum => 7,
            Self::Histogram => 9,
            Self::ExpHistogram => 10,
            Self::Summary => 11,
        }
    }

    /// The message's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gauge => "Gauge",
            Self::Sum => "Sum",
            Self::Histogram => "Histogram",
            Self::ExpHistogram => "ExponentialHistogram",
            Self::Summary => "Summary",
        }
    }

    /// The name of the message of one point.
    pub(crate) fn point_name(self) -> &'static str {
        match self {
            Self::Gauge | Self::Sum => "NumberDataPoint",
            Self::Histogram => "HistogramDataPoint",
            Self::ExpHistogram => "ExponentialHistogramDataPoint",
            Self::Summary => "SummaryDataPoint",
        }
    }

    /// The word in the `kind` column of `series`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Sum => "sum",
            Self::Histogram => "histogram",
            Self::ExpHistogram => "exponential_histogram",
            Self::Summary => "summary",
        }
    }

    /// The number in the identity of a metric; never changes its meaning.
    fn code(self) -> u8 {
        match self {
            Self::Gauge => 1,
            Self::Sum => 2,
            Self::Histogram => 3,
            Self::ExpHistogram => 4,
            Self::Summary => 5,
        }
    }

    fn has_temporality(self) -> bool {
        matches!(self, Self::Sum | Self::Histogram | Self::ExpHistogram)
    }
}

impl<'a> Metric<'a> {
    /// Reads everything but the points; `None` where the metric has no data.
    ///
    /// The fields of data's `oneof` may stand before the name, and temporality behind the points, so that this
    /// pass comes first. Of data of several kinds the last wins, as protobuf has it.
    pub(crate) fn read(record: Reader<'a>, metadata: &mut AttributeSet) -> Result<Option<Self>, DecodeError> {
        metadata.clear();
        let mut marks = Marks::default();
        let (mut name, mut description, mut unit) = (&[][..], &[][..], &[][..]);
        let mut kind = None;
        let mut fields = record;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => name = field.bytes()?,
                2 => description = field.bytes()?,
                3 => unit = field.bytes()?,
                12 => metadata.push(field.message("KeyValue")?, &mut marks)?,
                number => kind = Kind::of_field(number).or(kind),
            }
        }
        let Some(kind) = kind else { return Ok(None) };
        let mut metric = Self {
            name: shared_text(name, &mut marks),
            description: shared_text(description, &mut marks),
            unit: shared_text(unit, &mut marks),
            kind,
            temporality: 0,
            is_monotonic: false,
            resource_id: 0,
            id: 0,
            marks,
        };
        metric.read_aggregation(record)?;
        Ok(Some(metric))
    }

    fn read_aggregation(&mut self, mut record: Reader<'_>) -> Result<(), DecodeError> {
        while let Some(field) = record.next_field()? {
            if field.number != self.kind.field() || !self.kind.has_temporality() {
                continue;
            }
            let mut data = field.message(self.kind.name())?;
            while let Some(field) = data.next_field()? {
                match (field.number, self.kind) {
                    (2, _) => self.temporality = field.int32()?,
                    (3, Kind::Sum) => self.is_monotonic = field.varint()? != 0,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Sets [`Self::resource_id`] and computes [`Self::id`].
    pub(crate) fn identify(&mut self, resource_id: u64, scope_id: u64, identity: &mut Identity) {
        self.resource_id = resource_id;
        self.id = identity.metric_id(&MetricIdentity {
            resource_id,
            scope_id,
            name: &self.name,
            kind: self.kind.code(),
            temporality: match self.temporality {
                1 => 1,
                2 => 2,
                _ => 0,
            },
            monotonic: self.is_monotonic,
            unit: &self.unit,
        });
    }

    /// The word in the `temporality` column of `series`; `None` for kinds that have none.
    pub(crate) fn temporality(&self) -> Option<&'static str> {
        self.kind.has_temporality().then_some(match self.temporality {
            1 => "delta",
            2 => "cumulative",
            _ => "unspecified",
        })
    }
}
