//! `load`: series from the Unix epoch on.

use std::sync::Arc;

use promql::{Labels, Points, Series};

use crate::duration::parse_duration;
use crate::native::natives;
use crate::notation::{Item, labels_end, parse_series, times};
use crate::script::{Line, ScriptError};

/// Series to add to what is there.
#[derive(Debug)]
pub struct Load {
    /// Where it stands, from 1.
    pub line: usize,
    /// As they are written, and with them the native histograms that classic ones become under `load_with_nhcb`.
    pub series: Vec<Series>,
}

/// Since when samples accumulate, as a line `up@st -1mx3` says it.
struct Starts<'t> {
    line: Line<'t>,
    labels: Labels,
    /// Milliseconds from each sample's time on.
    offsets: Vec<Option<i64>>,
}

impl Load {
    pub(crate) fn parse(head: Line<'_>, lines: &[Line<'_>]) -> Result<Self, ScriptError> {
        let words: Vec<&str> = head.text.split_whitespace().collect();
        let [command, step] = words[..] else { return Err(head.error("load takes a step")) };
        let step = parse_duration(step).map_err(|error| head.error(error))?;
        let mut series = Vec::new();
        let mut starts: Option<Starts<'_>> = None;
        for line in lines {
            if let Some(next) = parse_starts(*line)? {
                if let Some(before) = starts.replace(next) {
                    return Err(before.line.error("no samples follow these starts"));
                }
                continue;
            }
            let (labels, items) = parse_series(line.text).map_err(|error| line.error(error))?;
            let offsets = match starts.take() {
                Some(starts) if starts.labels != labels || starts.offsets.len() != items.len() => {
                    return Err(starts.line.error("these starts are not those of the samples that follow"));
                }
                Some(starts) => starts.offsets,
                None => Vec::new(),
            };
            // Of a series that is written twice the last counts.
            series.retain(|before: &Series| before.labels != labels);
            series.push(to_series(labels, &items, &offsets, step));
        }
        if let Some(starts) = starts {
            return Err(starts.line.error("no samples follow these starts"));
        }
        if command.eq_ignore_ascii_case("load_with_nhcb") {
            series.extend(natives(&series).map_err(|error| head.error(error))?);
        }
        Ok(Self { line: head.number, series })
    }
}

fn to_series(labels: Labels, items: &[Item], offsets: &[Option<i64>], step: i64) -> Series {
    let (mut floats, mut histograms) = (Points::new(), Points::new());
    for (at, item) in items.iter().enumerate() {
        let time = at as i64 * step;
        let start = offsets.get(at).copied().flatten().map_or(0, |offset| time + offset);
        match item {
            Item::Nothing => {}
            Item::Float(value) => push(&mut floats, time, start, *value),
            Item::Histogram { value, .. } => push(&mut histograms, time, start, Arc::clone(value)),
        }
    }
    for starts in [&mut floats.starts, &mut histograms.starts] {
        if starts.iter().all(|start| *start == 0) {
            starts.clear();
        }
    }
    Series { labels, floats, histograms }
}

fn push<T>(points: &mut Points<T>, time: i64, start: i64, value: T) {
    points.times.push(time);
    points.starts.push(start);
    points.values.push(value);
}

/// `None` where the line is of samples.
fn parse_starts(line: Line<'_>) -> Result<Option<Starts<'_>>, ScriptError> {
    let (labels, offsets) = line.text.split_at(labels_end(line.text));
    let Some(labels) = labels.strip_suffix("@st") else { return Ok(None) };
    let (labels, _) = parse_series(labels).map_err(|error| line.error(error))?;
    let mut all = Vec::new();
    for item in offsets.split_whitespace() {
        parse_offsets(item, &mut all).map_err(|error| line.error(format!("{item:?}: {error}")))?;
    }
    Ok(Some(Starts { line, labels, offsets: all }))
}

/// `_`, `_x3`, `-1m`, `-1mx3`, `-1m-30sx3`: `x` repeats as it does for samples.
fn parse_offsets(item: &str, offsets: &mut Vec<Option<i64>>) -> Result<(), String> {
    if let Some(rest) = item.strip_prefix('_') {
        let (times, rest) = times(rest)?;
        offsets.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
        return ended(rest);
    }
    let (mut offset, rest) = signed_duration(item)?;
    let (step, rest) = if rest.starts_with(['+', '-']) { signed_duration(rest)? } else { (0, rest) };
    let (times, rest) = times(rest)?;
    for _ in 0..=times.unwrap_or(0) {
        offsets.push(Some(offset));
        offset += step;
    }
    ended(rest)
}

fn ended(rest: &str) -> Result<(), String> {
    if rest.is_empty() { Ok(()) } else { Err(format!("unexpected {rest:?}")) }
}

/// The duration that the text begins with, one number and one unit, and what comes behind.
fn signed_duration(text: &str) -> Result<(i64, &str), String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    // No unit has an x, which says how often.
    let unit = unsigned[digits..].bytes().take_while(|byte| byte.is_ascii_alphabetic() && *byte != b'x').count();
    let (duration, rest) = unsigned.split_at(digits + unit);
    let duration = parse_duration(duration)?;
    Ok((if text.starts_with('-') { -duration } else { duration }, rest))
}
