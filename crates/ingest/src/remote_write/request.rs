//! Which series a request has, whose they are, and of what kind.

use super::Version;
use super::labels::{Label, LabelReader};
use super::points::PointKind;
use crate::error::DecodeError;
use crate::rejection::Rejection;
use crate::tally::Tally;
use crate::wire::{Field, Reader};

/// One series of a request, with points that are still to be read.
#[derive(Debug)]
pub(super) struct WrittenSeries<'a> {
    /// The message `TimeSeries`.
    pub(super) message: Reader<'a>,
    /// The metric's name.
    pub(super) name: &'a str,
    /// All labels, by name.
    labels: Box<[Label<'a>]>,
    pub(super) kind: SeriesKind,
    pub(super) help: &'a [u8],
    pub(super) unit: &'a [u8],
    /// How many points of each kind, and exemplars.
    pub(super) numbers: usize,
    pub(super) exemplars: usize,
    histograms: usize,
}

/// What metadata call a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeriesKind {
    Unknown,
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
    StateSet,
}

impl SeriesKind {
    /// From the number in both versions.
    fn of(number: i32) -> Self {
        match number {
            1 => Self::Counter,
            2 => Self::Gauge,
            3 => Self::Histogram,
            4 => Self::GaugeHistogram,
            5 => Self::Summary,
            6 => Self::Info,
            7 => Self::StateSet,
            _ => Self::Unknown,
        }
    }

    /// Where the kind of the OTLP metric does not tell: the value of `prometheus.type`.
    pub(super) fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Counter | Self::Gauge => return None,
            Self::Unknown => "unknown",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
        })
    }
}

/// Labels that name the target that was scraped.
const TARGET: [&str; 2] = ["job", "instance"];

const METRIC_NAME: &str = "__name__";

impl<'a> WrittenSeries<'a> {
    /// The values of `job` and `instance`; empty where there is none.
    pub(super) fn target(&self) -> (&'a str, &'a str) {
        let value = |name| self.labels.iter().find(|label| label.name == name).map_or("", |label| label.value);
        (value(TARGET[0]), value(TARGET[1]))
    }

    /// Labels that neither name the metric nor the target.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &Label<'a>> {
        self.labels.iter().filter(|label| label.name != METRIC_NAME && !TARGET.contains(&label.name))
    }

    /// Whether it may have points of the kind. Of which kind a histogram is shows when it is read.
    pub(super) fn has(&self, kind: PointKind) -> bool {
        match kind {
            PointKind::Number => self.numbers > 0 || (self.exemplars > 0 && self.histograms == 0),
            PointKind::Histogram(_) => self.histograms > 0,
        }
    }
}

/// A request as far as it must be known before it is rewritten.
#[derive(Debug)]
pub(super) struct WriteRequest<'a> {
    /// Those of version 2.
    pub(super) symbols: Vec<&'a [u8]>,
    /// The series that can be kept, by target; those that cannot were counted as refused.
    pub(super) series: Vec<WrittenSeries<'a>>,
}

impl<'a> WriteRequest<'a> {
    pub(super) fn read(version: Version, body: &'a [u8], tally: &mut Tally<'_>) -> Result<Self, DecodeError> {
        let request = Reader::new(body, "WriteRequest");
        let symbols = match version {
            Version::One => Vec::new(),
            Version::Two => read_symbols(request, tally)?,
        };
        let metadata = match version {
            Version::One => read_metadata(request, tally)?,
            Version::Two => Vec::new(),
        };
        let number = if version == Version::One { 1 } else { 5 };
        let (mut all, mut labels) = (Vec::new(), LabelReader::default());
        let mut fields = request;
        while let Some(field) = fields.next_field()? {
            if field.number == number
                && let Some(mut series) = read_one(version, &field, &symbols, &mut labels, tally)?
            {
                if version == Version::One {
                    series.describe(&metadata);
                }
                all.push(series);
            }
        }
        all.sort_by(|a, b| a.target().cmp(&b.target()));
        Ok(Self { symbols, series: all })
    }
}

/// Two symbols stand in one for each byte of the body at most.
fn read_symbols<'a>(mut request: Reader<'a>, tally: &mut Tally<'_>) -> Result<Vec<&'a [u8]>, DecodeError> {
    let mut symbols = Vec::new();
    while let Some(field) = request.next_field()? {
        if field.number == 4 {
            grow(&mut symbols, tally)?;
            symbols.push(field.bytes()?);
        }
    }
    Ok(symbols)
}

/// Asks for room before a list takes it.
fn grow<T>(list: &mut Vec<T>, tally: &mut Tally<'_>) -> Result<(), DecodeError> {
    if list.len() == list.capacity() {
        let more = list.len().max(16);
        tally.take_room(more.saturating_mul(size_of::<T>()))?;
        list.reserve_exact(more);
    }
    Ok(())
}

/// What version 1 says of a family of metrics.
#[derive(Debug)]
struct Family<'a> {
    name: &'a [u8],
    kind: SeriesKind,
    help: &'a [u8],
    unit: &'a [u8],
}

/// Families by name. Version 1 sends them in requests of their own as well, of which nothing can be kept as they say nothing of
/// any series.
fn read_metadata<'a>(mut request: Reader<'a>, tally: &mut Tally<'_>) -> Result<Vec<Family<'a>>, DecodeError> {
    let mut families = Vec::new();
    while let Some(field) = request.next_field()? {
        if field.number != 3 {
            continue;
        }
        let mut family = Family { name: &[], kind: SeriesKind::Unknown, help: &[], unit: &[] };
        let mut fields = field.message("MetricMetadata")?;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => family.kind = SeriesKind::of(field.int32()?),
                2 => family.name = field.bytes()?,
                4 => family.help = field.bytes()?,
                5 => family.unit = field.bytes()?,
                _ => {}
            }
        }
        grow(&mut families, tally)?;
        families.push(family);
    }
    families.sort_by_key(|family| family.name);
    Ok(families)
}

impl<'a> WrittenSeries<'a> {
    fn describe(&mut self, families: &[Family<'a>]) {
        if let Ok(at) = families.binary_search_by_key(&self.name.as_bytes(), |family| family.name) {
            let family = &families[at];
            (self.kind, self.help, self.unit) = (family.kind, family.help, family.unit);
        }
    }
}

/// One series; `None` where it cannot be kept, which is counted, or has nothing to keep.
fn read_one<'a>(
    version: Version,
    field: &Field<'a>,
    symbols: &[&'a [u8]],
    labels: &mut LabelReader<'a>,
    tally: &mut Tally<'_>,
) -> Result<Option<WrittenSeries<'a>>, DecodeError> {
    let message = field.message("TimeSeries")?;
    let (mut numbers, mut histograms, mut exemplars) = (0, 0, 0);
    let mut metadata = None;
    labels.clear();
    let mut fields = message;
    while let Some(field) = fields.next_field()? {
        match (version, field.number) {
            (Version::One, 1) => labels.push(&field)?,
            (Version::Two, 1) => labels.push_references(&field, symbols)?,
            (_, 2) => numbers += 1,
            (Version::One, 4) | (Version::Two, 3) => histograms += 1,
            (Version::One, 3) | (Version::Two, 4) => exemplars += 1,
            (Version::Two, 5) => metadata = Some(field.message("Metadata")?),
            _ => {}
        }
    }
    let points = (numbers + histograms) as u64;
    let checked = labels.checked();
    let name = checked.and_then(|labels| labels.iter().find(|label| label.name == METRIC_NAME));
    let (Some(checked), Some(name)) = (checked, name) else {
        tally.reject(Rejection::Labels, points.max(1));
        return Ok(None);
    };
    if points == 0 && exemplars == 0 {
        if version == Version::Two {
            tally.reject(Rejection::NoPoints, 1);
        }
        return Ok(None);
    }
    tally.take_room(size_of::<WrittenSeries<'_>>() * 2 + size_of_val(checked))?;
    let (labels, name) = (Box::from(checked), name.value);
    let kind = SeriesKind::Unknown;
    let mut series =
        WrittenSeries { message, name, labels, kind, help: &[], unit: &[], numbers, exemplars, histograms };
    if let Some(metadata) = metadata {
        series.read_metadata(metadata, symbols)?;
    }
    Ok(Some(series))
}

impl<'a> WrittenSeries<'a> {
    /// References to symbols that are not there say nothing.
    fn read_metadata(&mut self, mut metadata: Reader<'a>, symbols: &[&'a [u8]]) -> Result<(), DecodeError> {
        let symbol = |reference: u32| symbols.get(reference as usize).copied().unwrap_or_default();
        while let Some(field) = metadata.next_field()? {
            match field.number {
                1 => self.kind = SeriesKind::of(field.int32()?),
                3 => self.help = symbol(field.uint32()?),
                4 => self.unit = symbol(field.uint32()?),
                _ => {}
            }
        }
        Ok(())
    }
}
