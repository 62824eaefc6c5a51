//! Whether a scan reads the other columns only of rows that pass its filters.
//!
//! Parquet can evaluate filters while it reads, and then decode the other columns of the passing rows alone. Measured
//! over 5 M rows, that halves the time of a needle with wide rows, and makes filters that pass more than a few rows
//! in a hundred, aggregations and the newest so many slower by half: rows are picked one by one where whole pages
//! were decoded. So each scan decides: its filters must be selective, and there must be something large to leave out.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use model::{AttributeSet, PromotedKind, Promotion};
use store::Block;

use crate::attr::attribute_of;

/// Blocks whose footers are looked at: others of the table are alike.
const SAMPLE_BLOCKS: usize = 4;

/// A key that at most one row in so many has is selective, whatever its value.
const ROWS_PER_VALUE_MIN: u64 = 50;

/// Members of a list that together are still selective.
const MEMBERS_MAX: usize = 20;

/// Columns that say one row, or a few.
const IDS: [&str; 3] = ["trace_id", "span_id", "parent_span_id"];

/// What a scan of a table is about.
pub(super) struct ScanShape<'a> {
    pub(super) schema: &'a Schema,
    pub(super) projection: Option<&'a Vec<usize>>,
    /// All must pass.
    pub(super) filters: &'a [Expr],
    pub(super) blocks: &'a [Arc<Block>],
}

impl ScanShape<'_> {
    /// Whether to evaluate the filters while reading.
    pub(super) fn reads_late(&self) -> bool {
        if !self.leaves_out_large_columns() {
            return false;
        }
        let sample = self.blocks.iter().rev().take(SAMPLE_BLOCKS);
        // A block whose footer cannot be read fails when it is scanned.
        let sample: Vec<_> = sample
            .filter_map(|block| Some((block.promotion().ok()?, block.footer().ok()?, block.meta().rows)))
            .collect();
        self.filters.iter().any(|filter| is_selective(filter, &sample))
    }

    fn leaves_out_large_columns(&self) -> bool {
        let filtered: Vec<&str> =
            self.filters.iter().flat_map(Expr::column_refs).map(|column| column.name.as_str()).collect();
        let all = 0..self.schema.fields().len();
        let projected = self.projection.map_or_else(|| all.collect(), Clone::clone);
        let mut others = projected.into_iter().map(|column| self.schema.field(column));
        others.any(|field| is_large(field.data_type()) && !filtered.contains(&field.name().as_str()))
    }
}

fn is_large(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8View | DataType::BinaryView | DataType::List(_))
}

type Footer<'a> = (&'a Promotion, ArrowReaderMetadata, u64);

/// Whether few rows pass.
fn is_selective(filter: &Expr, sample: &[Footer<'_>]) -> bool {
    let selects = |side: &Expr| match attribute_of(side) {
        Some((set, key)) => !sample.is_empty() && sample.iter().all(|footer| selects_few(footer, set, key)),
        None => matches!(bare(side), Expr::Column(column) if IDS.contains(&column.name.as_str())),
    };
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (is_literal(left), is_literal(right)) {
            (false, true) => selects(left),
            (true, false) => selects(right),
            _ => false,
        },
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            is_selective(left, sample) || is_selective(right, sample)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            is_selective(left, sample) && is_selective(right, sample)
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            list.len() <= MEMBERS_MAX && list.iter().all(is_literal) && selects(expr)
        }
        _ => false,
    }
}

/// Whether one value of the key is in few rows of the block.
fn selects_few((promotion, footer, rows): &Footer<'_>, set: AttributeSet, key: &str) -> bool {
    let uses: Vec<_> = promotion.of_key(set, key).collect();
    // What is in more than one row of a hundred is promoted.
    let values: u64 = uses.iter().map(|of| of.values).sum();
    if values.saturating_mul(ROWS_PER_VALUE_MIN) <= *rows {
        return true;
    }
    // The writer gives blooms to texts with many values.
    let mut texts = uses.iter().filter(|of| of.column.kind() == PromotedKind::Text);
    texts.any(|of| has_bloom(footer, &of.column.name()))
}

fn has_bloom(footer: &ArrowReaderMetadata, name: &str) -> bool {
    let Some(leaf) = footer.parquet_schema().columns().iter().position(|leaf| leaf.path().parts() == [name]) else {
        return false;
    };
    let mut groups = footer.metadata().row_groups().iter();
    groups.any(|group| group.column(leaf).bloom_filter_offset().is_some())
}

fn is_literal(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Literal(..))
}

/// Without casts.
fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Cast(cast) = expr {
        expr = &cast.expr;
    }
    expr
}
