//! What all searches are asked for: words, order, and how much.

use std::sync::atomic::{AtomicBool, Ordering};

use promql::Matcher;
use query::SeriesQuestion;

use super::fields::Fields;
use super::likeness::{Algorithm, Case, Likeness};
use super::parameter::{optional_time, range_of, selectors, whole_number};
use crate::answer::PromError;

/// Words of one search; each is compared with every name.
const WORDS_MAX: usize = 32;

/// Results where nothing is said, and results of one line.
const LIMIT_DEFAULT: usize = 100;

/// Results that can be asked for.
const LIMIT_MAX: usize = 10_000;

/// Results of one line that can be asked for.
const BATCH_MAX: usize = 1_000;

/// A search without times is about the last hour, milliseconds.
const LOOK_BACK: i64 = 3_600_000;

/// What a search is asked for.
#[derive(Clone, Debug)]
pub(super) struct SearchQuestion {
    matchers: Vec<Vec<Matcher>>,
    range: model::TimeRange,
    likeness: Likeness,
    order: Order,
    /// Whether scores are told.
    pub(super) scores: Scores,
    limit: usize,
    /// Results of one line.
    pub(super) batch: usize,
}

/// Whether scores are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scores {
    Told,
    Untold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
    Best,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    /// Texts with their scores, in the order asked for.
    pub(super) texts: Vec<(&'a str, f64)>,
    /// Whether the limit left any out.
    pub(super) has_more: bool,
}

impl SearchQuestion {
    /// Reads the form. `now` in milliseconds.
    pub(super) fn read(fields: &Fields, endpoint: &str, now: i64) -> Result<Self, PromError> {
        let (range, matchers) = (read_range(fields, now)?, selectors(fields).map_err(PromError::bad_data)?);
        let words: Vec<&str> = fields.all("search[]").collect();
        if words.len() > WORDS_MAX {
            let problem = format!("too many search[] terms: got {}, maximum is {WORDS_MAX}", words.len());
            return Err(PromError::bad_data(problem));
        }
        let percent = match fields.first("fuzz_threshold") {
            "" => 0,
            text => whole_number(text)
                .ok()
                .and_then(|percent| u8::try_from(percent).ok())
                .filter(|p| *p <= 100)
                .ok_or_else(|| PromError::bad_data(format!("invalid fuzz_threshold {text:?}: must be 0-100")))?,
        };
        let algorithm = match fields.first("fuzz_alg") {
            "" | "subsequence" => Algorithm::Subsequence,
            "jarowinkler" => Algorithm::JaroWinkler,
            text => {
                let problem = format!("unsupported fuzz_alg {text:?}: must be one of [subsequence jarowinkler]");
                return Err(PromError::bad_data(problem));
            }
        };
        let case = if flag(fields, "case_sensitive")?.unwrap_or(true) { Case::Sensitive } else { Case::Folded };
        let scores = if flag(fields, "include_score")?.unwrap_or(false) { Scores::Told } else { Scores::Untold };
        let order = read_order(fields, endpoint, &words)?;
        let (limit, batch) = read_sizes(fields)?;
        let likeness = Likeness::new(&words, algorithm, percent, case);
        Ok(Self { matchers, range, likeness, order, scores, limit, batch })
    }

    /// The question to ask for all texts.
    pub(super) fn series_question(&self) -> SeriesQuestion {
        SeriesQuestion { matchers: self.matchers.clone(), range: self.range, limit: None }
    }

    /// Those texts that fit. They are given sorted, each once. Once `gone` is set, nobody wants the rest.
    pub(super) fn find<'a>(&self, texts: impl DoubleEndedIterator<Item = &'a str>, gone: &AtomicBool) -> Found<'a> {
        let scored = |text: &'a str| {
            let is_wanted = !gone.load(Ordering::Relaxed);
            is_wanted.then(|| self.likeness.score(text)).flatten().map(|score| (text, score))
        };
        // One more than wanted tells whether there are more.
        let enough = self.limit + 1;
        let mut found: Vec<(&str, f64)> = match self.order {
            Order::Ascending => texts.filter_map(scored).take(enough).collect(),
            Order::Descending => texts.rev().filter_map(scored).take(enough).collect(),
            Order::Best => {
                let mut found: Vec<(&str, f64)> = texts.filter_map(scored).collect();
                // Stable, so that equal ones stay sorted.
                found.sort_by(|(_, one), (_, other)| other.total_cmp(one));
                found
            }
        };
        let has_more = found.len() > self.limit;
        found.truncate(self.limit);
        Found { texts: found, has_more }
    }
}

fn read_range(fields: &Fields, now: i64) -> Result<model::TimeRange, PromError> {
    let start = optional_time(fields, "start")?.unwrap_or(now - LOOK_BACK);
    let end = optional_time(fields, "end")?.unwrap_or(now);
    if end < start {
        return Err(PromError::bad_data("end timestamp must not be before start timestamp"));
    }
    Ok(range_of(start, end))
}

fn read_order(fields: &Fields, endpoint: &str, words: &[&str]) -> Result<Order, PromError> {
    let (by, direction) = (fields.first("sort_by"), fields.first("sort_dir"));
    let problem = match (by, direction) {
        ("", "") | ("alpha", "" | "asc") => return Ok(Order::Ascending),
        ("alpha", "dsc") => return Ok(Order::Descending),
        ("score", "") if !words.is_empty() => return Ok(Order::Best),
        ("", _) => "sort_dir is only valid when sort_by is set".to_owned(),
        ("score", "") => "sort_by=score requires search[] to be set".to_owned(),
        ("score", _) => "sort_dir is not supported for sort_by=score".to_owned(),
        ("alpha", _) => format!("invalid sort_dir {direction:?}: must be \"asc\" or \"dsc\""),
        _ => format!("invalid sort_by {by:?} for {endpoint}: must be \"alpha\" or \"score\""),
    };
    Err(PromError::bad_data(problem))
}

/// Results in all, and of one line.
fn read_sizes(fields: &Fields) -> Result<(usize, usize), PromError> {
    let positive = |name: &str, default: usize| match fields.first(name) {
        "" => Ok(default),
        text => whole_number(text)
            .ok()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| *size > 0)
            .ok_or_else(|| PromError::bad_data(format!("invalid {name} {text:?}: must be a positive integer"))),
    };
    let limit = positive("limit", LIMIT_DEFAULT)?;
    if limit > LIMIT_MAX {
        let problem = format!("limit {limit} exceeds the configured maximum ({LIMIT_MAX}, see --web.search.max-limit)");
        return Err(PromError::bad_data(problem));
    }
    Ok((limit, positive("batch_size", LIMIT_DEFAULT)?.min(limit).min(BATCH_MAX)))
}

/// A yes or no; `None` where nothing is said.
pub(super) fn flag(fields: &Fields, name: &str) -> Result<Option<bool>, PromError> {
    match fields.first(name) {
        "" => Ok(None),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Some(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Some(false)),
        text => Err(PromError::bad_data(format!("invalid {name} {text:?}: must be boolean"))),
    }
}
