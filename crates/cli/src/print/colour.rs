//! When colour is used, and which. Colour only repeats what words and signs already say.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::builder::styling::{AnsiColor, Style};

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColourChoice {
    /// Colour on a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise.
    #[default]
    Auto,
    /// Colour also into a pipe.
    Always,
    /// No colour.
    Never,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct ColourArguments {
    /// When to use colour; auto honours NO_COLOR, CLICOLOR_FORCE and TERM=dumb
    #[arg(long = "color", value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) colour: ColourChoice,
}

/// What the environment says about colour.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColourEnvironment {
    pub(crate) no_color: Option<OsString>,
    pub(crate) clicolor_force: Option<OsString>,
    pub(crate) term: Option<OsString>,
}

impl ColourEnvironment {
    /// Of this process.
    pub(crate) fn of_process() -> Self {
        Self {
            no_color: std::env::var_os("NO_COLOR"),
            clicolor_force: std::env::var_os("CLICOLOR_FORCE"),
            term: std::env::var_os("TERM"),
        }
    }

    /// Whether the terminal cannot move its cursor.
    pub(crate) fn is_dumb(&self) -> bool {
        self.term.as_ref().is_some_and(|term| term == "dumb")
    }
}

/// What a stream ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sink {
    Terminal,
    Pipe,
}

/// Whether styles are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    On,
    Off,
}

impl Paint {
    /// The flag decides before the environment, `NO_COLOR` before `CLICOLOR_FORCE`, both before the terminal.
    pub(crate) fn decide(choice: ColourChoice, environment: &ColourEnvironment, sink: Sink) -> Self {
        let set = |value: &Option<OsString>| value.as_ref().is_some_and(|value| !value.is_empty());
        let on = match choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto if set(&environment.no_color) => false,
            ColourChoice::Auto if environment.clicolor_force.as_ref().is_some_and(|v| !v.is_empty() && v != "0") => {
                true
            }
            ColourChoice::Auto => sink == Sink::Terminal && !environment.is_dumb(),
        };
        if on { Self::On } else { Self::Off }
    }

    /// Writes `text`, which must be free of hostile characters, in `tone`.
    pub(crate) fn write(self, out: &mut dyn Write, tone: Tone, text: &str) -> io::Result<()> {
        match (self, tone) {
            (Self::Off, _) | (_, Tone::Plain) => out.write_all(text.as_bytes()),
            (Self::On, tone) => {
                let style = tone.style();
                write!(out, "{style}{text}{style:#}")
            }
        }
    }
}

/// The few ways a piece of text can stand out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    /// Less important than its surroundings.
    Faint,
    /// A heading.
    Strong,
    /// An error.
    Bad,
    /// A warning.
    Warn,
    /// One of [`HUES`], to tell names apart.
    Hue(usize),
}

/// Colours that tell services apart. Red and plain yellow are left out: they mean errors and warnings.
const HUES: [AnsiColor; 9] = [
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::BrightGreen,
    AnsiColor::BrightYellow,
    AnsiColor::BrightBlue,
    AnsiColor::BrightMagenta,
    AnsiColor::BrightCyan,
];

impl Tone {
    /// The same colour for the same service in every run and on every machine.
    pub(crate) fn of_service(service: &str) -> Self {
        // FNV-1a, because the standard hasher promises no stable values.
        let hash = service
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self::Hue((hash % HUES.len() as u64) as usize)
    }

    /// Of a log record's severity word.
    pub(crate) fn of_severity(severity: &str) -> Self {
        match severity {
            "ERROR" | "FATAL" => Self::Bad,
            "WARN" => Self::Warn,
            "TRACE" | "DEBUG" | "UNSET" => Self::Faint,
            _ => Self::Plain,
        }
    }

    /// As the escape sequences to write before and after.
    pub(crate) fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Bad => colour(AnsiColor::Red).bold(),
            Self::Warn => colour(AnsiColor::Yellow),
            Self::Hue(hue) => colour(HUES[hue % HUES.len()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(choice: ColourChoice, set: &[(&str, &str)], sink: Sink, expected: Paint) {
        let value = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value));
        let environment = ColourEnvironment {
            no_color: value("NO_COLOR"),
            clicolor_force: value("CLICOLOR_FORCE"),
            term: value("TERM"),
        };
        assert_eq!(Paint::decide(choice, &environment, sink), expected, "{choice:?} {set:?} {sink:?}");
    }

    #[test]
    fn a_terminal_gets_colour_and_a_pipe_does_not() {
        check(ColourChoice::Auto, &[], Sink::Terminal, Paint::On);
        check(ColourChoice::Auto, &[], Sink::Pipe, Paint::Off);
        check(ColourChoice::Auto, &[("TERM", "dumb")], Sink::Terminal, Paint::Off);
    }

    #[test]
    fn the_environment_overrides_the_terminal_and_the_flag_overrides_both() {
        check(ColourChoice::Auto, &[("NO_COLOR", "1")], Sink::Terminal, Paint::Off);
        check(ColourChoice::Auto, &[("NO_COLOR", "")], Sink::Terminal, Paint::On);
        check(ColourChoice::Auto, &[("CLICOLOR_FORCE", "1")], Sink::Pipe, Paint::On);
        check(ColourChoice::Auto, &[("CLICOLOR_FORCE", "0")], Sink::Pipe, Paint::Off);
        check(ColourChoice::Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Sink::Pipe, Paint::Off);
        check(ColourChoice::Always, &[("NO_COLOR", "1"), ("TERM", "dumb")], Sink::Pipe, Paint::On);
        check(ColourChoice::Never, &[("CLICOLOR_FORCE", "1")], Sink::Terminal, Paint::Off);
    }

    #[test]
    fn a_service_keeps_its_colour_for_ever() {
        assert_eq!(Tone::of_service("checkout"), Tone::of_service("checkout"));
        let hues: std::collections::BTreeSet<_> = ["web", "checkout", "payment", "inventory", "shipping"]
            .map(|service| format!("{:?}", Tone::of_service(service)))
            .into();
        assert!(hues.len() >= 3, "{hues:?}");
    }
}
