//! Operators: what is done with columns once they are there.
//!
//! | file | what it has |
//! |---|---|
//! | `aggregate` | many series into few: a column per group |
//! | `binary` | two sides: columns that belong together by labels |
//! | `function` | the functions on labels, order and presence, by their names |
//! | `label` | `label_replace`, `label_join` |
//! | `order` | `sort`, `sort_by_label` and their kin |
//! | `presence` | `absent`, and the labels of what is absent; `scalar` |
//! | `info` | labels of info metrics joined in |
//! | `grouping` | which series belong together |
//! | `distinct` | that no two series have the same labels |

mod aggregate;
mod binary;
mod distinct;
mod function;
mod grouping;
mod info;
mod label;
mod order;
mod presence;
#[cfg(test)]
mod tests;

pub(crate) use aggregate::{aggregate, quantile};
pub(crate) use binary::binary;
pub(crate) use distinct::{distinct, is_metadata, without_metadata};
pub(crate) use function::{function, is_operator_function};
pub(crate) use order::is_ordered;
pub(crate) use presence::absent_labels;
