//! Where series come from.

use crate::{Matcher, Series, SourceError};

/// What is asked of a source.
#[derive(Clone, Debug)]
pub struct Selection {
    /// All must hold. Names are unique only if the expression's are; a metric's name is a matcher of `__name__`.
    pub matchers: Vec<Matcher>,
    /// Samples after this instant are wanted, unix milliseconds, exclusive.
    pub after: i64,
    /// Samples up to this instant are wanted, unix milliseconds, inclusive.
    pub until: i64,
    /// Whether [`Points::starts`](crate::Points) are of use. A source may give them anyway.
    pub wants_starts: bool,
}

/// Series one after the other, each once, in any order. Series without a sample in the range are left out.
pub type SeriesStream<'a> = Box<dyn Iterator<Item = Result<Series, SourceError>> + Send + 'a>;

/// Gives series. What it gives in one question is of one instant: a series that is selected twice has the same samples.
pub trait SeriesSource: Sync {
    /// The series that match, spread over a few streams that may be read by as many threads at once. At least one stream.
    fn select<'a>(&'a self, selection: &Selection) -> Result<Vec<SeriesStream<'a>>, SourceError>;
}
