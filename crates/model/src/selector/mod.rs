//! Choosing who sent a record, by its labels.
//!
//! | file | what it holds |
//! |---|---|
//! | `selector.rs` | [`Selector`]: requirements that all hold; [`Selectors`]: alternatives of which one holds |
//! | `requirement.rs` | [`Requirement`]: one key, one [`Operator`], its values, and what makes them valid |
//! | `label_syntax.rs` | which text is a Kubernetes label key or label value |
//! | `lexer.rs` | text → tokens, in one of two dialects |
//! | `parser.rs` | tokens → selectors |
//! | `error.rs` | [`SelectorError`]: where the text went wrong and what belongs there |
//! | `labels.rs` | [`Labels`]: what a selector is held against |
//! | `resource_labels.rs` | the lookup order that finds a label among a resource's attributes |
//!
//! ```text
//!   selectors    = selector { "||" selector }                      only Nunchi's dialect has "||"
//!   selector     = [ requirement { "," requirement } ]             nothing selects everything
//!   requirement  = key | "!" key
//!                | key ( "=" | "==" | "!=" | ">" | "<" ) value
//!                | key ( "in" | "notin" ) "(" value { "," value } ")"
//!   value        = a label value, may be empty | '"' any text '"'  only Nunchi's dialect has quotes
//! ```
//!
//! The **Kubernetes dialect** ([`Selector::parse`]) is `labels.Parse` of Kubernetes' apimachinery, to the letter, but
//! for two refusals: a text above [`SELECTOR_BYTES_MAX`] and a NUL character, at which Kubernetes stops reading and so
//! selects more than was written. **Nunchi's dialect** ([`Selectors::parse`]) reads every such text alike and adds
//! `||` and quoted values; neither `|` nor a quote can occur in a Kubernetes selector, so the two cannot disagree.

mod error;
mod label_syntax;
mod labels;
mod lexer;
mod parser;
mod requirement;
mod resource_labels;
#[expect(clippy::module_inception, reason = "the folder is named after its main noun, and so is the file")]
mod selector;

pub use error::{SelectorError, SelectorProblem};
pub use label_syntax::{LABEL_NAME_BYTES_MAX, LABEL_PREFIX_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LabelSyntaxError};
pub use labels::Labels;
pub use requirement::{Operator, Requirement, RequirementError};
pub use resource_labels::{ResourceLabels, resource_attribute_keys, resource_label, resource_text};
pub use selector::{SELECTOR_ALTERNATIVES_MAX, SELECTOR_BYTES_MAX, SELECTOR_REQUIREMENTS_MAX, Selector, Selectors};
