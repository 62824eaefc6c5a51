//! Attributes in SQL: `attr(attributes, 'http.route')`, or `attributes['http.route']`.
//!
//! | call | gives |
//! |---|---|
//! | `attr(attributes, 'k')` | the value as text, whatever its type; null where absent |
//! | `attr_i64(attributes, 'k')` | an integer, or text or a float that is one |
//! | `attr_f64(attributes, 'k')` | a number, or text that is one |
//! | `attr_bool(attributes, 'k')` | a truth value |
//! | `attributes['k']` | `attr`, or beside numbers or truth values (`=` to `>=`, `IN`, `BETWEEN`) the form that compares as one |
//! | `hex(trace_id)` | an id in hex |
//!
//! | file | what |
//! |---|---|
//! | `adapter.rs` | the same in terms of one block, where keys may be promoted |
//! | `exact.rs` | comparisons of promoted integers |
//! | `promoted.rs` | `attr` from promoted columns |
//! | `entries.rs` | the entries of a few keys, as sets |
//! | `restore.rs` | whole sets from promoted columns |
//! | `access.rs` | `attributes['k']`: which form is meant |
//! | `form.rs` | the forms in which an attribute is asked for |
//! | `function.rs` | `attr` and its typed siblings, over whole sets |
//! | `hex.rs` | `hex(bytes)` |

mod access;
mod form;
mod function;
mod adapter;
mod exact;
mod promoted;
mod entries;
mod restore;
mod hex;

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::planner::ExprPlanner;

pub(crate) use adapter::{AskedAs, AttrAdapterFactory, asked_attribute_of};
pub(crate) use entries::entries_of;
pub(crate) use function::attribute_of;

/// Plans `attributes['k']`. Must come before DataFusion's own planners, which take the index for a map's.
pub(crate) fn expr_planner() -> Arc<dyn ExprPlanner> {
    Arc::new(access::AttrPlanner)
}

/// Makes the functions known to a session.
pub(crate) fn register(registry: &mut dyn FunctionRegistry) -> Result<()> {
    for form in form::Form::ALL {
        registry.register_udf(function::Attr::udf(form))?;
    }
    registry.register_udf(hex::Hex::udf())?;
    registry.register_function_rewrite(Arc::new(access::AttrRewrite))
}

#[cfg(test)]
mod tests;
