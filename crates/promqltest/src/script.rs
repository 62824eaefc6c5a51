//! A script: commands, each from a line on.

use std::fmt;

use crate::{Ask, Load};

/// Commands in the order in which they are carried out.
#[derive(Debug)]
pub struct Script {
    /// All of them.
    pub commands: Vec<Command>,
}

/// One thing to do.
#[derive(Debug)]
pub enum Command {
    /// `clear`: forget all series.
    Clear,
    /// `load`: add series to what is there.
    Load(Load),
    /// `eval`: ask, and compare.
    Ask(Ask),
}

/// A script that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ScriptError {}

/// A line that says something, without the space around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'t> {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) text: &'t str,
}

impl Line<'_> {
    /// Blames this line.
    pub(crate) fn error(&self, message: impl Into<String>) -> ScriptError {
        ScriptError { line: self.number, message: message.into() }
    }
}

impl Script {
    /// Reads a script. Errors: the first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let lines: Vec<Line<'_>> =
            text.lines().zip(1..).map(|(text, number)| Line { number, text: text.trim() }).collect();
        // An empty line ends a command, and so does a comment.
        let blocks = lines.split(|line| line.text.is_empty() || line.text.starts_with('#'));
        let mut commands = Vec::new();
        for mut block in blocks {
            while let [head, rest @ ..] = block {
                let command = head.text.split_whitespace().next().unwrap_or_default().to_lowercase();
                let (command, taken) = match command.as_str() {
                    "clear" => (Command::Clear, 0),
                    "load" | "load_with_nhcb" => (Command::Load(Load::parse(*head, rest)?), rest.len()),
                    _ if command.starts_with("eval") => {
                        let (ask, taken) = Ask::parse(*head, rest)?;
                        (Command::Ask(ask), taken)
                    }
                    _ => return Err(head.error(format!("{:?} is no command", head.text))),
                };
                commands.push(command);
                block = &rest[taken..];
            }
        }
        Ok(Self { commands })
    }

    /// What is asked, in order.
    pub fn asks(&self) -> impl Iterator<Item = &Ask> {
        self.commands.iter().filter_map(|command| if let Command::Ask(ask) = command { Some(ask) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<usize, &str>) {
        let found = Script::parse(text).map(|script| script.commands.len()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn commands_end_with_an_empty_line_or_their_last() {
        check("", Ok(0));
        check("# nothing\n\nclear\nclear", Ok(2));
        check("load 1m\n  a 1\n  a@st 0s\n  a 1\n\neval instant at 0 a\n a 1\n", Ok(2));
        check("eval instant at 0 1\n  1\neval instant at 0 2\n  2", Ok(2));
        check("eval range from 0 to 1m step 1m a to b\n  expect no_warn", Ok(1));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        check("clear\n\nshow", Err("line 3: \"show\" is no command"));
        check("load 1m\n a@st 0s", Err("line 2: no samples follow these starts"));
        check("load 1m\n a@st 0s 0s\n a 1", Err("line 2: these starts are not those of the samples that follow"));
        check("load\n a 1", Err("line 1: load takes a step"));
        check("eval instant 1m a", Err("line 1: expected \"at\", got \"1m\""));
        check("eval instant at 1m a\n expect luck", Err("line 2: \"luck\" cannot be expected"));
        check(
            "eval instant at 1m a\n expect warn\n expect no_warn",
            Err("line 3: it is expected to be there and not to be there"),
        );
    }
}
