//! What must come out of a question.

use promql::Labels;
use regex::Regex;

use crate::notation::Item;

/// All that a case says about the answer.
#[derive(Debug, Default)]
pub(crate) struct Expectation {
    pub(crate) value: Expected,
    /// The error, if there must be one.
    pub(crate) fails: Option<Text>,
    pub(crate) warnings: Told,
    pub(crate) infos: Told,
    /// Whether series must come in the order in which they are written.
    pub(crate) is_ordered: bool,
}

/// The value.
#[derive(Debug)]
pub(crate) enum Expected {
    /// A number.
    Scalar(f64),
    /// A text.
    Text(String),
    /// Series, each once.
    Series(Vec<(Labels, Vec<Item>)>),
}

impl Default for Expected {
    fn default() -> Self {
        Self::Series(Vec::new())
    }
}

/// What a message must be.
#[derive(Debug)]
pub(crate) enum Text {
    Any,
    Exactly(String),
    Matching(Regex),
}

impl Text {
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(text) => text == message,
            Self::Matching(regex) => regex.is_match(message),
        }
    }
}

/// What is expected of messages of one kind.
#[derive(Debug, Default)]
pub(crate) enum Told {
    /// Nothing is said about them.
    #[default]
    Whatever,
    /// None.
    Nothing,
    /// Each of these, and no others.
    Each(Vec<Text>),
}

impl Told {
    /// What is wrong with the messages.
    pub(crate) fn check<'m>(
        &self,
        kind: &str,
        messages: impl Iterator<Item = &'m String> + Clone,
    ) -> Result<(), String> {
        let shown = || messages.clone().collect::<Vec<_>>();
        let texts = match self {
            Self::Whatever => return Ok(()),
            Self::Nothing if shown().is_empty() => return Ok(()),
            Self::Nothing => return Err(format!("expected no {kind}, got {:?}", shown())),
            Self::Each(texts) => texts,
        };
        if let Some(missing) = texts.iter().find(|text| !messages.clone().any(|message| text.matches(message))) {
            return Err(format!("expected {kind} {missing:?}, got {:?}", shown()));
        }
        match messages.clone().find(|message| !texts.iter().any(|text| text.matches(message))) {
            Some(surplus) => Err(format!("expected {kind} {texts:?} only, got {surplus:?}")),
            None => Ok(()),
        }
    }

    /// One more that must be there.
    pub(crate) fn and(&mut self, text: Text) -> Result<(), String> {
        match self {
            Self::Whatever => *self = Self::Each(vec![text]),
            Self::Each(texts) => texts.push(text),
            Self::Nothing => return Err("it is expected to be there and not to be there".to_owned()),
        }
        Ok(())
    }

    /// None may be there.
    pub(crate) fn and_none(&mut self) -> Result<(), String> {
        if let Self::Each(_) = self {
            return Err("it is expected to be there and not to be there".to_owned());
        }
        *self = Self::Nothing;
        Ok(())
    }
}
