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
        let lines: Vec<Line<'_>> = text.lines().zip(1..).map(|(text, number)| Line { number, text: text.trim() }).collect();
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
