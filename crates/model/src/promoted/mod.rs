//! Promoted attributes: the hot keys of a block as typed columns of their own, and what is left of each set.
//!
//! | file | what |
//! |---|---|
//! | `column.rs` | which key of which set, as which type; the name it has in a block |
//! | `promotion.rs` | what one block has promoted, as its footer tells |
//! | `residual.rs` | the codec of what is left of a set |
//! | `promoter.rs` | sets → residuals and promoted columns |
//! | `cells.rs` | the values of one promoted column, while they are gathered and when they are put back |
//! | `restorer.rs` | residuals and promoted columns → sets |
//!
//! ```text
//! attributes   http.route="/cart" user.id=7 tags=[…]
//!   promote  → attributes = @0 @1 tags=[…]   a.s.http.route = "/cart"   a.i.user.id = 7
//!   restore  → http.route="/cart" user.id=7 tags=[…]      byte for byte
//! ```
//!
//! Sets of resources are kept whole beside their promoted columns, see [`AttributeSet::is_kept_whole`]. Of the others a
//! promoted value is not in the residual any more. Only the first entry of a key in a row is ever promoted, so
//! that the promoted columns of a key, where one has a value, hold what [`Attributes::get`](crate::Attributes::get)
//! would have found. A value that no column of its key can hold (another type, a list, bytes) stays in the
//! residual, and the key is then called *mixed*.

mod column;
mod promotion;
mod residual;
mod promoter;
mod cells;
mod restorer;

pub use cells::PromotedCells;
pub use column::{AttributeSet, PROMOTED_COLUMNS_MAX, PROMOTED_KEY_BYTES_MAX, PromotedColumn, PromotedKind};
pub use promoter::{Promoted, Promoter};
pub use promotion::{DamagedPromotion, PROMOTION_KEY, PromotedUse, Promotion};
pub use residual::{DamagedResidual, RESIDUAL_CODEC, Residual, ResidualItem};
pub use restorer::Restorer;

#[cfg(test)]
mod tests;
