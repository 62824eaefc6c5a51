//! The value of an expression, written piece by piece while it is sent: an answer may have millions of points, and is never
//! held as text or as a tree.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use promql::{Histogram, Labels, Series, StepSeries, Steps, Value, is_absent, is_stale};

use super::envelope::{PIECE_BYTES, Said, in_pieces};
use super::labels::push_labels;
use super::number::{push_plain, push_short_time, push_text, push_time, push_value};

/// Points that are written before it is looked how long the piece is.
const FLOATS_AT_ONCE: usize = 1_024;

/// As many histograms: each may have hundreds of buckets.
const HISTOGRAMS_AT_ONCE: usize = 16;

/// What answering took, for those who ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryStatistics {
    /// From the question to the value, seconds.
    pub(crate) seconds: f64,
    /// Samples read.
    pub(crate) samples: usize,
}

/// The answer to `query` or `query_range`.
pub(crate) fn query_response(value: Value, statistics: Option<QueryStatistics>, said: Said) -> Response {
    let mut body = ValueBody::new(value, tail(statistics, said));
    in_pieces(std::iter::from_fn(move || body.next_piece()))
}

/// What stands behind the value.
fn tail(statistics: Option<QueryStatistics>, said: Said) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(QueryStatistics { seconds, samples }) = statistics {
        let text = format!(
            r#","stats":{{"timings":{{"evalTotalTime":{seconds},"resultSortTime":0,"queryPreparationTime":0,"innerEvalTime":{seconds},"execQueueTime":0,"execTotalTime":{seconds}}},"samples":{{"totalQueryableSamples":{samples},"samplesRead":{samples},"peakSamples":{samples}}}}}"#
        );
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'}');
    said.push_tail(&mut out);
    out
}

/// A body that is being written.
struct ValueBody {
    value: Value,
    tail: Vec<u8>,
    place: Place,
}

/// What is written next.
#[derive(Clone, Copy, Debug)]
enum Place {
    Head,
    /// The series with this number: its labels, and its value where it has but one.
    Series(usize),
    /// Floats of a series, from this point on. `is_first` until one was written.
    Floats {
        series: usize,
        point: usize,
        is_first: bool,
    },
    Histograms {
        series: usize,
        point: usize,
        is_first: bool,
    },
    Tail,
    Done,
}

impl ValueBody {
    fn new(value: Value, tail: Vec<u8>) -> Self {
        Self { value, tail, place: Place::Head }
    }

    /// The next bytes; `None` after the last.
    fn next_piece(&mut self) -> Option<Bytes> {
        let mut out = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4);
        while out.len() < PIECE_BYTES && !matches!(self.place, Place::Done) {
            self.place = self.write(&mut out);
        }
        (!out.is_empty()).then(|| Bytes::from(out))
    }

    /// Writes what is at the place, and says what comes then.
    fn write(&self, out: &mut Vec<u8>) -> Place {
        match self.place {
            Place::Head => self.write_head(out),
            Place::Series(number) => match self.row(number) {
                None => {
                    out.push(b']');
                    Place::Tail
                }
                Some(row) => {
                    out.extend_from_slice(if number > 0 { b",{\"metric\":" } else { b"{\"metric\":" });
                    push_labels(out, row.labels());
                    if let Row::Sample(at, series) = row {
                        push_sample(out, at, series);
                        out.push(b'}');
                        return Place::Series(number + 1);
                    }
                    Place::Floats { series: number, point: 0, is_first: true }
                }
            },
            Place::Floats { series, point, is_first } => self.write_floats(out, series, point, is_first),
            Place::Histograms { series, point, is_first } => self.write_histograms(out, series, point, is_first),
            Place::Tail => {
                out.extend_from_slice(&self.tail);
                Place::Done
            }
            Place::Done => Place::Done,
        }
    }

    fn write_head(&self, out: &mut Vec<u8>) -> Place {
        let kind = match &self.value {
            Value::Scalar { .. } => "scalar",
            Value::Text { .. } => "string",
            Value::Vector { .. } => "vector",
            Value::Matrix { .. } | Value::Samples(_) => "matrix",
        };
        let head = format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[");
        out.extend_from_slice(head.as_bytes());
        match &self.value {
            Value::Scalar { at, value } => {
                push_short_time(out, *at);
                out.extend_from_slice(b",\"");
                push_plain(out, *value);
                out.extend_from_slice(b"\"]");
                Place::Tail
            }
            Value::Text { at, value } => {
                push_short_time(out, *at);
                out.push(b',');
                push_text(out, value);
                out.push(b']');
                Place::Tail
            }
            Value::Vector { .. } | Value::Matrix { .. } | Value::Samples(_) => Place::Series(0),
        }
    }

    fn row(&self, number: usize) -> Option<Row<'_>> {
        match &self.value {
            Value::Scalar { .. } | Value::Text { .. } => None,
            Value::Vector { at, series } => series.get(number).map(|series| Row::Sample(*at, series)),
            Value::Matrix { steps, series } => series.get(number).map(|series| Row::Steps(*steps, series)),
            Value::Samples(series) => series.get(number).map(Row::Points),
        }
    }

    fn write_floats(&self, out: &mut Vec<u8>, series: usize, point: usize, mut is_first: bool) -> Place {
        let Some(row) = self.row(series) else { return Place::Series(series + 1) };
        let end = row.floats().min(point + FLOATS_AT_ONCE);
        for (time, value) in (point..end).filter_map(|point| row.float(point)) {
            out.extend_from_slice(if is_first { b",\"values\":[[" } else { b",[" });
            is_first = false;
            push_time(out, time);
            out.extend_from_slice(b",\"");
            push_value(out, value);
            out.extend_from_slice(b"\"]");
        }
        if end < row.floats() {
            return Place::Floats { series, point: end, is_first };
        }
        if !is_first {
            out.push(b']');
        }
        Place::Histograms { series, point: 0, is_first: true }
    }

    fn write_histograms(&self, out: &mut Vec<u8>, series: usize, point: usize, mut is_first: bool) -> Place {
        let Some(row) = self.row(series) else { return Place::Series(series + 1) };
        let end = row.histograms().min(point + HISTOGRAMS_AT_ONCE);
        for (time, histogram) in (point..end).filter_map(|point| row.histogram(point)) {
            out.extend_from_slice(if is_first { b",\"histograms\":[[" } else { b",[" });
            is_first = false;
            push_time(out, time);
            out.push(b',');
            push_histogram(out, histogram);
            out.push(b']');
        }
        if end < row.histograms() {
            return Place::Histograms { series, point: end, is_first };
        }
        out.extend_from_slice(if is_first { b"}" } else { b"]}" });
        Place::Series(series + 1)
    }
}

/// One series of a value.
enum Row<'a> {
    Sample(i64, &'a StepSeries),
    Steps(Steps, &'a StepSeries),
    Points(&'a Series),
}

impl<'a> Row<'a> {
    fn labels(&self) -> &'a Labels {
        match self {
            Self::Sample(_, series) | Self::Steps(_, series) => &series.labels,
            Self::Points(series) => &series.labels,
        }
    }

    /// How many points may have a float.
    fn floats(&self) -> usize {
        match self {
            Self::Sample(_, series) => series.floats.len(),
            Self::Steps(steps, series) => series.floats.len().min(steps.count()),
            Self::Points(series) => series.floats.len(),
        }
    }

    fn float(&self, point: usize) -> Option<(i64, f64)> {
        match self {
            Self::Sample(at, series) => Some((*at, series.floats[point])),
            Self::Steps(steps, series) => Some((steps.at(point), series.floats[point])),
            Self::Points(series) => Some((series.floats.times[point], series.floats.values[point])),
        }
        .filter(|(_, value)| !is_absent(*value) && !is_stale(*value))
    }

    /// How many points may have a histogram.
    fn histograms(&self) -> usize {
        match self {
            Self::Sample(_, series) => series.histograms.len(),
            Self::Steps(steps, series) => series.histograms.len().min(steps.count()),
            Self::Points(series) => series.histograms.len(),
        }
    }

    fn histogram(&self, point: usize) -> Option<(i64, &'a Arc<Histogram>)> {
        match self {
            Self::Sample(at, series) => series.histogram(point).map(|histogram| (*at, histogram)),
            Self::Steps(steps, series) => series.histogram(point).map(|histogram| (steps.at(point), histogram)),
            Self::Points(series) => Some((series.histograms.times[point], &series.histograms.values[point])),
        }
        .filter(|(_, histogram)| !histogram.is_stale())
    }
}

/// The one value of a series at an instant.
fn push_sample(out: &mut Vec<u8>, at: i64, series: &StepSeries) {
    let histogram = series.histogram(0);
    out.extend_from_slice(if histogram.is_some() { b",\"histogram\":[" } else { b",\"value\":[" });
    push_time(out, at);
    out.push(b',');
    match histogram {
        Some(histogram) => push_histogram(out, histogram),
        None => {
            out.push(b'"');
            push_value(out, series.floats.first().copied().unwrap_or(f64::NAN));
            out.push(b'"');
        }
    }
    out.push(b']');
}

/// Buckets without an observation are left out.
fn push_histogram(out: &mut Vec<u8>, histogram: &Histogram) {
    out.extend_from_slice(b"{\"count\":\"");
    push_value(out, histogram.count());
    out.extend_from_slice(b"\",\"sum\":\"");
    push_value(out, histogram.sum());
    out.push(b'"');
    let mut is_first = true;
    for bucket in histogram.buckets().filter(|bucket| bucket.count != 0.0) {
        out.extend_from_slice(if is_first { b",\"buckets\":[[" } else { b",[" });
        is_first = false;
        out.push(b'0' + bucket.boundary_rule());
        for number in [bucket.lower, bucket.upper, bucket.count] {
            out.extend_from_slice(b",\"");
            push_value(out, number);
            out.push(b'"');
        }
        out.push(b']');
    }
    out.extend_from_slice(if is_first { b"}" } else { b"]}" });
}

#[cfg(test)]
mod tests {
    use promql::{ABSENT, Points, STALE};

    use super::*;

    fn body(value: Value) -> String {
        let mut body = ValueBody::new(value, tail(None, Said::default()));
        let pieces: Vec<Bytes> = std::iter::from_fn(move || body.next_piece()).collect();
        String::from_utf8(pieces.concat()).unwrap()
    }

    #[track_caller]
    fn check(value: Value, kind: &str, result: &str) {
        let expected = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
        let found = body(value);
        assert_eq!(found, expected);
        serde_json::from_str::<serde_json::Value>(&found).unwrap();
    }

    fn series(labels: &[(&str, &str)], floats: &[f64]) -> StepSeries {
        let labels = Labels::new(labels.iter().copied());
        StepSeries { labels, floats: floats.to_vec(), histograms: Vec::new(), drops_name: false }
    }

    #[test]
    fn scalars_and_texts_are_one_point() {
        check(Value::Scalar { at: 1_500, value: 1e21 }, "scalar", r#"[1.5,"1000000000000000000000"]"#);
        check(Value::Scalar { at: 0, value: f64::NEG_INFINITY }, "scalar", r#"[0,"-Inf"]"#);
        check(Value::Text { at: 1_000, value: "a \"b\"\n".to_owned() }, "string", r#"[1,"a \"b\"\n"]"#);
    }

    #[test]
    fn a_vector_has_a_value_per_series() {
        check(Value::Vector { at: 1_000, series: Vec::new() }, "vector", "[]");
        let series = vec![series(&[("__name__", "up"), ("job", "a\"b")], &[1.0]), series(&[], &[f64::NAN])];
        check(
            Value::Vector { at: 1_000, series },
            "vector",
            r#"[{"metric":{"__name__":"up","job":"a\"b"},"value":[1,"1"]},{"metric":{},"value":[1,"NaN"]}]"#,
        );
    }

    #[test]
    fn a_matrix_leaves_out_steps_without_a_value() {
        let steps = Steps::range(0, 45_500, 15_000).unwrap();
        let series = vec![
            series(&[("job", "a")], &[ABSENT, 1.0, ABSENT, 1e-7]),
            series(&[("job", "b")], &[0.5, ABSENT, ABSENT, ABSENT]),
        ];
        check(
            Value::Matrix { steps, series },
            "matrix",
            r#"[{"metric":{"job":"a"},"values":[[15,"1"],[45,"1e-07"]]},{"metric":{"job":"b"},"values":[[0,"0.5"]]}]"#,
        );
    }

    #[test]
    fn samples_are_told_without_the_end_of_a_series() {
        let floats = Points { times: vec![1, 2], starts: Vec::new(), values: vec![1.0, STALE] };
        let series = Series { labels: Labels::empty(), floats, histograms: Points::new() };
        check(Value::Samples(vec![series]), "matrix", r#"[{"metric":{},"values":[[0.001,"1"]]}]"#);
    }

    #[test]
    fn a_long_answer_comes_in_pieces_and_is_whole() {
        let count = 11_000;
        let steps = Steps::range(0, (count as i64 - 1) * 1_000, 1_000).unwrap();
        let floats: Vec<f64> = (0..count).map(|number| number as f64 + 0.5).collect();
        let series = (0..20).map(|number| series(&[("n", &number.to_string())], &floats)).collect();
        let mut body = ValueBody::new(Value::Matrix { steps, series }, tail(None, Said::default()));
        let pieces: Vec<Bytes> = std::iter::from_fn(move || body.next_piece()).collect();
        assert!(pieces.len() > 10, "{}", pieces.len());
        assert!(pieces.iter().all(|piece| piece.len() < 3 * PIECE_BYTES));
        let json: serde_json::Value = serde_json::from_slice(&pieces.concat()).unwrap();
        let rows = json["data"]["result"].as_array().unwrap();
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| row["values"].as_array().unwrap().len() == count));
        assert_eq!(rows[19]["values"][10_999], serde_json::json!([10999, "10999.5"]));
    }

    #[test]
    fn what_is_said_and_counted_stands_behind_the_value() {
        let said = Said { warnings: vec!["a <b>".to_owned()], infos: vec!["c".to_owned()] };
        let tail = String::from_utf8(tail(Some(QueryStatistics { seconds: 0.25, samples: 7 }), said)).unwrap();
        let whole = format!("{{\"data\":{{\"result\":[]{tail}");
        let json: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(json["data"]["stats"]["timings"]["execTotalTime"], 0.25);
        assert_eq!(json["data"]["stats"]["samples"]["samplesRead"], 7);
        assert_eq!(json["warnings"], serde_json::json!(["a <b>"]));
        assert_eq!(json["infos"], serde_json::json!(["c"]));
    }
}
