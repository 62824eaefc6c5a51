//! What one block has promoted, as its footer tells.
//!
//! The Parquet key-value metadata has one line per promoted column under [`PROMOTION_KEY`], in the order of the
//! columns; fields are separated by a tab:
//!
//! ```text
//! line := name TAB values TAB ("all" | "mixed") LF
//! ```
//!
//! `values` is the number of rows with a value in the column. `all`: the promoted columns of the key hold its first
//! value in every row that has one. `mixed`: in some rows only the set's own column has it.

use std::fmt::Write;

use super::{AttributeSet, PROMOTED_COLUMNS_MAX, PromotedColumn};

/// Key of the list in a block's metadata.
pub const PROMOTION_KEY: &str = "nunchi.promoted";

/// A list of promoted columns that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged metadata: {PROMOTION_KEY} is not a list of promoted columns")]
pub struct DamagedPromotion;

/// One promoted column of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotedUse {
    /// Which.
    pub column: PromotedColumn,
    /// Rows that have a value in it.
    pub values: u64,
    /// Whether rows without a value in any promoted column of the key may have one in the set's own column. The same
    /// for all columns of a key.
    pub is_mixed: bool,
}

/// The promoted columns of a block, in the order of its columns.
///
/// A set with any promoted column is stored as residuals, unless it [is kept whole](AttributeSet::is_kept_whole); a
/// set with none is stored as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promotion {
    uses: Vec<PromotedUse>,
}

impl Promotion {
    /// Of columns in the order in which the block has them; at most [`PROMOTED_COLUMNS_MAX`], each once.
    pub fn new(uses: Vec<PromotedUse>) -> Self {
        assert!(uses.len() <= PROMOTED_COLUMNS_MAX, "whoever chooses the columns holds the bound");
        Self { uses }
    }

    /// All promoted columns.
    pub fn uses(&self) -> &[PromotedUse] {
        &self.uses
    }

    /// The promoted columns of the set. A residual refers to them by their place in this order.
    pub fn of_set(&self, set: AttributeSet) -> impl Iterator<Item = &PromotedUse> {
        self.uses.iter().filter(move |of| of.column.set() == set)
    }

    /// The promoted columns of the key: at most one of each type, and in a row at most one has a value.
    pub fn of_key(&self, set: AttributeSet, key: &str) -> impl Iterator<Item = &PromotedUse> {
        self.of_set(set).filter(move |of| of.column.key() == key)
    }

    /// Whether any key of the set is promoted.
    pub fn has(&self, set: AttributeSet) -> bool {
        self.of_set(set).next().is_some()
    }

    /// Whether the set's column holds residuals in the place of sets.
    pub fn has_residuals(&self, set: AttributeSet) -> bool {
        !set.is_kept_whole() && self.has(set)
    }

    /// The list as a block's metadata has it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for PromotedUse { column, values, is_mixed } in &self.uses {
            let rest = if *is_mixed { "mixed" } else { "all" };
            writeln!(text, "{}\t{values}\t{rest}", column.name()).expect("a string takes everything");
        }
        text
    }

    /// The list from a block's metadata. Trusts nothing.
    pub fn from_text(text: &str) -> Result<Self, DamagedPromotion> {
        let mut uses: Vec<PromotedUse> = Vec::new();
        for line in text.lines() {
            let of = parse(line).ok_or(DamagedPromotion)?;
            if uses.len() == PROMOTED_COLUMNS_MAX || uses.iter().any(|other| other.column == of.column) {
                return Err(DamagedPromotion);
            }
            uses.push(of);
        }
        Ok(Self { uses })
    }
}

fn parse(line: &str) -> Option<PromotedUse> {
    let mut fields = line.split('\t');
    let (name, values, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let is_mixed = match rest {
        "mixed" => true,
        "all" => false,
        _ => return None,
    };
    let values = values.parse().ok()?;
    fields.next().is_none().then_some(PromotedUse { column: PromotedColumn::from_name(name)?, values, is_mixed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, values: u64, is_mixed: bool) -> PromotedUse {
        PromotedUse { column: PromotedColumn::from_name(name).unwrap(), values, is_mixed }
    }

    #[test]
    fn the_list_is_pinned_and_read_back() {
        let promotion = Promotion::new(vec![
            of("a.s.http.route", 12, true),
            of("a.i.http.route", 1, true),
            of("r.s.k8s.pod.name", 20, false),
        ]);
        let text = "a.s.http.route\t12\tmixed\na.i.http.route\t1\tmixed\nr.s.k8s.pod.name\t20\tall\n";
        assert_eq!(promotion.to_text(), text);
        assert_eq!(Promotion::from_text(text), Ok(promotion.clone()));
        assert_eq!(promotion.of_key(AttributeSet::Record, "http.route").count(), 2);
        assert_eq!(promotion.of_set(AttributeSet::Resource).count(), 1);
        assert_eq!(Promotion::from_text(""), Ok(Promotion::default()));
        assert!(!Promotion::default().has(AttributeSet::Record));
        assert!(promotion.has(AttributeSet::Resource) && !promotion.has_residuals(AttributeSet::Resource));
        assert!(promotion.has_residuals(AttributeSet::Record));
    }

    #[test]
    fn what_is_not_a_list_is_refused() {
        let many: String = (0..=PROMOTED_COLUMNS_MAX).map(|number| format!("a.s.k{number}\t1\tall\n")).collect();
        for text in [
            "a.s.k",
            "a.s.k\t1",
            "a.s.k\t1\tsome",
            "a.s.k\t-1\tall",
            "k\t1\tall",
            "a.s.k\t1\tall\tmore",
            "a.s.k\t1\tall\na.s.k\t1\tall",
            "\n",
            &many,
        ] {
            assert_eq!(Promotion::from_text(text), Err(DamagedPromotion), "{text:?}");
        }
    }
}
