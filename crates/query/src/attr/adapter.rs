//! Expressions over a table → expressions over one block, where attributes may be columns of their own.
//!
//! | in the question | in a block that has promoted keys of the set |
//! |---|---|
//! | `attr(attributes, 'k')`, `k` promoted as the type asked for | the promoted column |
//! | the same, `k` promoted as other or several types, or mixed | `promoted_attr` of those columns, and of what is left if mixed |
//! | the same, `k` not promoted | `promoted_attr` of what is left |
//! | `attr_f64(attributes, 'k') >= 500`, `k` promoted as integers | the promoted column compared with an integer |
//! | `attr_entries(attributes)` of some keys | `promoted_entries` of what is left and the promoted columns of the keys |
//! | `attributes` | `restore` of what is left and all promoted columns: byte for byte what was sent |
//!
//! Sets of resources are kept whole beside their promoted columns: there a call becomes the promoted column where that
//! has all values of the key, and everything else stays as it is.
//!
//! The scan evaluates filters and projection in these terms, and prunes row groups and pages by the statistics and
//! blooms of the promoted columns. Only expressions that a row filter can evaluate are made here: those that it
//! cannot, it would pass over in silence.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};
use datafusion::scalar::ScalarValue;
use model::{AttributeSet, PROMOTION_KEY, PromotedKind, PromotedUse, Promotion};

use super::entries::{Entries, NumberedColumn, PromotedEntries};
use super::exact;
use super::form::Form;
use super::function::Attr;
use super::promoted::PromotedAttr;
use super::restore::Restore;

type Expr = Arc<dyn PhysicalExpr>;

/// Makes an adapter per block.
#[derive(Debug)]
pub(crate) struct AttrAdapterFactory;

impl PhysicalExprAdapterFactory for AttrAdapterFactory {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let inner = DefaultPhysicalExprAdapterFactory.create(Arc::clone(&logical), Arc::clone(&physical))?;
        // The Parquet reader hands a file's key-value metadata on as that of its schema.
        let Some(promoted) = physical.metadata().get(PROMOTION_KEY) else { return Ok(inner) };
        let promotion = Promotion::from_text(promoted).map_err(|error| DataFusionError::External(Box::new(error)))?;
        if promotion.uses().is_empty() {
            return Ok(inner);
        }
        Ok(Arc::new(AttrAdapter { logical, block: BlockColumns { promotion, physical }, inner }))
    }
}

#[derive(Debug)]
struct AttrAdapter {
    logical: SchemaRef,
    block: BlockColumns,
    /// For everything that is not an attribute.
    inner: Arc<dyn PhysicalExprAdapter>,
}

impl PhysicalExprAdapter for AttrAdapter {
    fn rewrite(&self, expr: Expr) -> Result<Expr> {
        // From the top, and what was made is jumped over: it is in terms of the block already.
        let rewritten = expr.transform_down(|expr| {
            Ok(match self.rewrite_node(&expr)? {
                Some(made) => Transformed::new(made, true, TreeNodeRecursion::Jump),
                None => Transformed::no(expr),
            })
        });
        self.inner.rewrite(rewritten.data()?)
    }
}

impl AttrAdapter {
    /// `None` where it stays as it is, but for its children.
    fn rewrite_node(&self, expr: &Expr) -> Result<Option<Expr>> {
        if let Some(access) = Access::of(expr) {
            // A set that is kept whole has everything that one promoted column has not.
            let is_read_from_columns = if access.set.is_kept_whole() {
                self.block.only(&access)?.is_some()
            } else {
                self.block.promotion.has(access.set)
            };
            return if is_read_from_columns { self.block.attr(&access).map(Some) } else { Ok(None) };
        }
        if let Some(set) = set_of(expr) {
            return if self.block.promotion.has_residuals(set) { self.restore(set).map(Some) } else { Ok(None) };
        }
        if let Some(call) = ScalarFunctionExpr::try_downcast_func::<Entries>(expr.as_ref())
            && let [argument] = call.args()
            && let Some(set) = set_of(argument)
            && self.block.promotion.has_residuals(set)
            && let Some(Entries { keys, .. }) = call.fun().inner().downcast_ref()
        {
            return self.block.entries(set, keys).map(Some);
        }
        exact::compared(expr, &self.block)
    }

    fn restore(&self, set: AttributeSet) -> Result<Expr> {
        let columns: Vec<_> = self.block.promotion.of_set(set).map(|of| of.column.clone()).collect();
        let mut arguments = vec![self.block.column(set.column())?];
        for column in &columns {
            arguments.push(self.block.column(&column.name())?);
        }
        let field = Arc::new(self.logical.field_with_name(set.column())?.clone());
        self.block.call(Restore::udf(columns, field), arguments)
    }
}

/// A call of `attr` or a sibling: one key of one set.
pub(super) struct Access<'a> {
    pub(super) set: AttributeSet,
    pub(super) key: &'a str,
    pub(super) form: Form,
}

impl<'a> Access<'a> {
    pub(super) fn of(expr: &'a Expr) -> Option<Self> {
        let call = ScalarFunctionExpr::try_downcast_func::<Attr>(expr.as_ref())?;
        let form = Form::ALL.into_iter().find(|form| form.function_name() == call.name())?;
        let [set, key] = call.args() else { return None };
        let set = set_of(set)?;
        let key = key.downcast_ref::<Literal>()?.value().try_as_str()??;
        Some(Self { set, key, form })
    }
}

/// What form of an attribute is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedAs {
    /// Its value as text.
    Text,
    /// A number or truth value.
    Typed,
}

/// The key that the expression asks for, and as what, if it is a call of `attr` or a sibling.
pub(crate) fn asked_attribute_of(expr: &Expr) -> Option<(&str, AskedAs)> {
    let access = Access::of(expr)?;
    Some((access.key, if access.form == Form::Text { AskedAs::Text } else { AskedAs::Typed }))
}

/// The set whose column the expression is.
fn set_of(expr: &Expr) -> Option<AttributeSet> {
    let name = expr.downcast_ref::<Column>()?.name();
    AttributeSet::ALL.into_iter().find(|set| set.column() == name)
}

/// The columns of one block.
#[derive(Debug)]
pub(super) struct BlockColumns {
    promotion: Promotion,
    physical: SchemaRef,
}

impl BlockColumns {
    /// The column that holds all values of the key, if they are all of one type.
    pub(super) fn only(&self, access: &Access<'_>) -> Result<Option<(PromotedKind, Expr)>> {
        let mut uses = self.promotion.of_key(access.set, access.key);
        match (uses.next(), uses.next()) {
            (Some(of), None) if !of.is_mixed => Ok(Some((of.column.kind(), self.column(&of.column.name())?))),
            _ => Ok(None),
        }
    }

    /// What the call gives, from the columns of the block.
    fn attr(&self, access: &Access<'_>) -> Result<Expr> {
        match self.only(access)? {
            Some((PromotedKind::Text, column)) if access.form == Form::Text => return Ok(column),
            Some((PromotedKind::Int, column)) if access.form == Form::Int => return Ok(column),
            Some((PromotedKind::Float, column)) if access.form == Form::Float => return Ok(column),
            Some((PromotedKind::Bool, column)) if access.form == Form::Bool => return Ok(column),
            Some((kind, _)) if !access.form.may_be_read_from(kind) => {
                return Ok(Arc::new(Literal::new(ScalarValue::try_from(&access.form.data_type())?)));
            }
            _ => {}
        }
        let uses: Vec<_> = self.promotion.of_key(access.set, access.key).collect();
        let from_residual = uses.iter().any(|of| of.is_mixed) || uses.is_empty();
        let mut arguments = Vec::new();
        if from_residual {
            arguments.push(self.column(access.set.column())?);
        }
        for of in &uses {
            arguments.push(self.column(&of.column.name())?);
        }
        let kinds = uses.iter().map(|of| of.column.kind()).collect();
        self.call(PromotedAttr::udf(access.form, access.key, kinds, from_residual), arguments)
    }

    /// The entries of the keys, from what is left and the promoted columns of the keys. Also where a column has the
    /// first value of a key, what is left may have more.
    fn entries(&self, set: AttributeSet, keys: &[String]) -> Result<Expr> {
        let mut arguments = vec![self.column(set.column())?];
        let mut columns = Vec::new();
        for (number, PromotedUse { column, .. }) in self.promotion.of_set(set).enumerate() {
            if keys.iter().any(|key| key == column.key()) {
                arguments.push(self.column(&column.name())?);
                columns.push(NumberedColumn { number, kind: column.kind(), key: column.key().to_owned() });
            }
        }
        self.call(PromotedEntries::udf(keys.to_vec(), columns), arguments)
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.physical
    }

    fn column(&self, name: &str) -> Result<Expr> {
        Ok(Arc::new(Column::new_with_schema(name, &self.physical)?))
    }

    fn call(&self, function: Arc<ScalarUDF>, arguments: Vec<Expr>) -> Result<Expr> {
        let options = Arc::new(ConfigOptions::default());
        Ok(Arc::new(ScalarFunctionExpr::try_new(function, arguments, &self.physical, options)?))
    }
}
