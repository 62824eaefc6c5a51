//! The index of series: labels → numbers of Prometheus series, and the same by when they were described.
//!
//! ```text
//! row of `series` ─► views of it ─► labels ─► pairs ─► ordinal           one per set of labels, dense from 0
//!                                               └────► posting           which ordinals have the pair
//! block or batch of `series` ─► per hour: which ordinals it describes
//!
//! question ─► (described in its hours) ∩ (postings of its matchers) ─► ordinals ─► labels, stored series
//! ```
//!
//! | file | what |
//! |---|---|
//! | `texts.rs` | names and values, each once |
//! | `posting.rs` | the ordinals that have one pair |
//! | `pairs.rs` | labels, their values, and which ordinals have them |
//! | `pair_lists.rs` | the pairs of each ordinal |
//! | `kept_labels.rs` | labels that were asked for before |
//! | `families.rs` | what is said of metrics |
//! | `series_index.rs` | all of it, fed by descriptions |
//! | `scope.rs` | the ordinals that a question's time allows |
//! | `matching.rs` | the ordinals that match |
//! | `values.rs` | names, values and metadata of what was found |
//! | `counting.rs` | how many of what was found have what |
//! | `place.rs` | what one block or batch describes |

mod counting;
mod families;
mod kept_labels;
mod matching;
mod pair_lists;
mod pairs;
mod place;
mod posting;
mod scope;
mod series_index;
#[cfg(test)]
mod tests;
mod texts;
mod values;

pub(super) use place::Place;
pub(super) use scope::Scope;
pub(super) use series_index::{SeriesIndex, Source, ViewKind};
