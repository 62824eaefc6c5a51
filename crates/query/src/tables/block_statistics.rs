//! Which blocks cannot match, by what their footers say of their columns.
//!
//! The scan would find out as well, but only once it opens the block. Found out here, the block counts as ruled out
//! in the coverage, is not dealt out to a reader, and its absence shows in EXPLAIN.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use datafusion::physical_expr::{PhysicalExpr, PhysicalExprSimplifier};
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use crate::attr::AttrAdapterFactory;

/// The filters of a scan before the footers of its blocks.
pub(super) struct StatisticsFilter {
    filter: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
}

impl StatisticsFilter {
    /// `None` where there is no filter.
    pub(super) fn new(state: &dyn Session, schema: SchemaRef, filters: &[Expr]) -> Result<Option<Self>> {
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(None) };
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&schema))?)?;
        Ok(Some(Self { filter, schema }))
    }

    /// Whether a row of any row group may pass.
    pub(super) fn may_match(&self, footer: &ArrowReaderMetadata) -> Result<bool> {
        // In terms of the block, where attributes may be columns with statistics of their own.
        let stored = footer.schema();
        let adapter = AttrAdapterFactory.create(Arc::clone(&self.schema), Arc::clone(stored))?;
        let filter = adapter.rewrite(Arc::clone(&self.filter))?;
        let filter = PhysicalExprSimplifier::new(stored).simplify(filter)?;
        let predicate = PruningPredicateBuilder::new().with_file_schema(Arc::clone(stored)).build(filter);
        Ok(match predicate {
            Some(predicate) => predicate.prune(&RowGroups { footer })?.contains(&true),
            None => true,
        })
    }
}

/// The statistics of a block's row groups.
struct RowGroups<'a> {
    footer: &'a ArrowReaderMetadata,
}

impl RowGroups<'_> {
    /// What the converter of the column gives; `None` where the block has no such column.
    fn of<T>(
        &self,
        column: &Column,
        statistics: impl FnOnce(StatisticsConverter<'_>) -> datafusion::parquet::errors::Result<T>,
    ) -> Option<T> {
        let converter = StatisticsConverter::try_new(&column.name, self.footer.schema(), self.footer.parquet_schema());
        // Not the default: where a writer left the count out, nothing is known.
        statistics(converter.ok()?.with_missing_null_counts_as_zero(false)).ok()
    }
}

impl PruningStatistics for RowGroups<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |converter| converter.row_group_mins(self.footer.metadata().row_groups()))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |converter| converter.row_group_maxes(self.footer.metadata().row_groups()))
    }

    fn num_containers(&self) -> usize {
        self.footer.metadata().num_row_groups()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let counts =
            self.of(column, |converter| converter.row_group_null_counts(self.footer.metadata().row_groups()))?;
        Some(Arc::new(counts))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = self.footer.metadata().row_groups().iter().map(|group| Some(group.num_rows().unsigned_abs()));
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
