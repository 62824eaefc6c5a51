//! Which time a question about the graph or a passport is about: a range, or the window before an instant.

use std::time::Duration;

use model::{TimeRange, UnixNanos, parse_duration};

use crate::answer::ApiError;

/// How long before an instant the graph is looked at where nothing is said: enough calls for a quantile, and recent enough
/// to be "now".
pub(super) const WINDOW_DEFAULT: Duration = Duration::from_secs(300);

/// The parameters that say it, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LookedAt<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) at: Option<&'a str>,
    pub(super) window: Option<&'a str>,
}

impl LookedAt<'_> {
    /// `from` to `to`, of which what is left out is `now`, or as long before as the window is; or the window before `at`.
    pub(super) fn range(&self, now: UnixNanos) -> Result<TimeRange, ApiError> {
        let from = time("from", self.from, now)?;
        let (to, at) = (time("to", self.to, now)?, time("at", self.at, now)?);
        let window = self.window(WINDOW_DEFAULT)?;
        if at.is_some() && (from.is_some() || to.is_some()) {
            let hint =
                "at=T asks about the window before T, as in at=now-1h&window=5m; for a range give from and to alone";
            return Err(ApiError::bad_request("at cannot be given together with from or to", hint));
        }
        if from.is_some() && self.window.is_some_and(|window| !window.is_empty()) {
            let hint = "from=T&to=T is a range; window=5m is how long before at or to it begins";
            return Err(ApiError::bad_request("window cannot be given together with from", hint));
        }
        let to = at.or(to).unwrap_or(now);
        ordered(TimeRange { from: from.unwrap_or_else(|| to.minus(window)), to })
    }

    /// How long the window is.
    pub(super) fn window(&self, otherwise: Duration) -> Result<Duration, ApiError> {
        duration("window", self.window).map(|window| window.unwrap_or(otherwise))
    }
}

/// A range that does not end before it begins.
pub(super) fn ordered(range: TimeRange) -> Result<TimeRange, ApiError> {
    if range.from > range.to {
        return Err(ApiError::bad_request("from is later than to", "swap them; without to, it is now"));
    }
    Ok(range)
}

/// A time; empty text is none.
pub(super) fn time(name: &str, text: Option<&str>, now: UnixNanos) -> Result<Option<UnixNanos>, ApiError> {
    let text = text.filter(|text| !text.is_empty());
    let parsed = text.map(|text| UnixNanos::parse(text, now)).transpose();
    parsed.map_err(|error| ApiError::bad_request(format!("{name}: {error}"), ""))
}

/// A duration with a unit, longer than nothing; empty text is none.
pub(super) fn duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err(ApiError::bad_request(format!("{name}: it must be longer than nothing"), "")),
        Ok(duration) => Ok(Some(duration)),
        Err(error) => Err(ApiError::bad_request(format!("{name}: {error}"), "")),
    }
}
