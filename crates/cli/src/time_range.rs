//! `--since`, `--from` and `--to`: which time a question is about.

use clap::Args;
use model::{UnixNanos, parse_duration};

/// Which time a question is about. Words such as `now-1h` are sent as they are: the server's clock decides.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Time")]
pub struct TimeRangeArguments {
    /// Only this far back, such as 15m, 1h30m or 2d [default: 1h, for sql everything]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "from")]
    since: Option<String>,

    /// Only at or after this time: RFC 3339, unix seconds, or now-1h
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    from: Option<String>,

    /// Only before this time, same forms
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    to: Option<String>,
}

/// How far back a question goes when no option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultRange {
    /// One hour back.
    LastHour,
    /// All of time.
    Unbounded,
}

/// The bounds as they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Inclusive; absent for no bound.
    pub(crate) from: Option<String>,
    /// Exclusive; absent for no bound.
    pub(crate) to: Option<String>,
}

impl TimeRangeArguments {
    /// The bounds to send. The default holds only when no option is given: `--to` alone asks for everything
    /// before it.
    pub(crate) fn bounds(&self, default: DefaultRange) -> Bounds {
        let from = match (&self.since, &self.from, &self.to) {
            (Some(since), _, _) => Some(format!("now-{since}")),
            (None, Some(from), _) => Some(from.clone()),
            (None, None, None) if default == DefaultRange::LastHour => Some("now-1h".to_owned()),
            (None, None, _) => None,
        };
        Bounds { from, to: self.to.clone() }
    }
}

impl TimeRangeArguments {
    /// The bounds as times, for a server that takes no words such as `now-1h`. Both are inclusive there.
    pub(crate) fn times(&self, default: DefaultRange, now: UnixNanos) -> (Option<UnixNanos>, Option<UnixNanos>) {
        // The forms were checked when the command line was read.
        let time = |text: Option<String>| text.and_then(|text| UnixNanos::parse(&text, now).ok());
        let Bounds { from, to } = self.bounds(default);
        (time(from), time(to))
    }
}

/// Checks that `text` is a duration with units, and gives it back trimmed.
pub(crate) fn duration(text: &str) -> Result<String, String> {
    parse_duration(text).map(|_| text.trim().to_owned()).map_err(|error| error.to_string())
}

/// Checks that `text` is a time in one of the forms, and gives it back trimmed.
pub(crate) fn time(text: &str) -> Result<String, String> {
    // Only the form is checked, so it does not matter what `now` is.
    UnixNanos::parse(text, UnixNanos::new(0)).map(|_| text.trim().to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Probe {
        #[command(flatten)]
        range: TimeRangeArguments,
    }

    #[track_caller]
    fn check(arguments: &[&str], default: DefaultRange, from: Option<&str>, to: Option<&str>) {
        let probe = Probe::try_parse_from(["probe"].iter().chain(arguments)).unwrap();
        let expected = Bounds { from: from.map(str::to_owned), to: to.map(str::to_owned) };
        assert_eq!(probe.range.bounds(default), expected, "{arguments:?}");
    }

    #[test]
    fn the_default_holds_only_when_nothing_is_said() {
        check(&[], DefaultRange::LastHour, Some("now-1h"), None);
        check(&[], DefaultRange::Unbounded, None, None);
        check(&["--to", "now-2d"], DefaultRange::LastHour, None, Some("now-2d"));
    }

    #[test]
    fn every_form_is_sent_as_it_was_written() {
        check(&["--since", "1h30m"], DefaultRange::Unbounded, Some("now-1h30m"), None);
        check(&["--since", "2h", "--to", "now-1h"], DefaultRange::LastHour, Some("now-2h"), Some("now-1h"));
        check(
            &["--from", "2026-11-24T06:00:00Z", "--to", "1795500000.5"],
            DefaultRange::LastHour,
            Some("2026-11-24T06:00:00Z"),
            Some("1795500000.5"),
        );
    }

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        for arguments in [["--since", "yesterday"], ["--since", "10"], ["--from", "noon"], ["--to", "now*2"]] {
            let error = Probe::try_parse_from(["probe"].iter().chain(&arguments)).map(|_| ()).unwrap_err();
            assert!(error.to_string().contains(arguments[0]), "{error}");
        }
        assert!(Probe::try_parse_from(["probe", "--since", "1h", "--from", "0"]).is_err());
    }
}
