//! Rows whose attributes are promoted one way → the same rows, promoted another way.
//!
//! | from | to | where |
//! |---|---|---|
//! | nothing promoted | what the block chooses | flush |
//! | what an input has | what the block chooses | merge; a set that both promote alike is passed on as it is |
//! | what the block has | nothing promoted | reading: rows as the table's schema has them |

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use model::{AttributeSet, DamagedResidual, Promoted, PromotedColumn, Promoter, Promotion, Restorer, Table};

/// Why rows could not be reshaped: they are not what their block says.
#[derive(Debug, thiserror::Error)]
pub enum ReshapeError {
    /// A column of the table, or one that is said to be promoted, is not there.
    #[error("the block has no column {0:?}")]
    NoColumn(String),
    /// What is left of a set does not fit the promoted columns.
    #[error("the block's attributes do not fit together")]
    Residual(#[from] DamagedResidual),
    /// A column is of another type than it should be.
    #[error("the block's columns do not fit together")]
    Arrow(#[from] ArrowError),
}

/// Reshapes batch after batch.
#[derive(Debug)]
pub(crate) struct Reshaper {
    schema: SchemaRef,
    /// Of the table's columns, those that the rows have.
    columns: usize,
    sets: Vec<SetReshaper>,
}

#[derive(Debug)]
struct SetReshaper {
    set: AttributeSet,
    /// Where the set's column is among those of the rows.
    index: usize,
    from: Promotion,
    to: Vec<PromotedColumn>,
    how: How,
    /// Of the columns that it comes from, which nobody asks for; empty where all are.
    passed_over: Vec<bool>,
}

#[derive(Debug)]
enum How {
    AsIs,
    Anew { restorer: Option<Restorer>, promoter: Option<Promoter> },
}

/// The sets of the table whose keys are promoted. Points have none, and series and exemplars are few and read whole.
pub(super) fn promoted_sets(table: Table) -> &'static [AttributeSet] {
    match table {
        Table::Logs | Table::Spans => &AttributeSet::ALL,
        _ => &[],
    }
}

/// The columns of rows that have these columns of the table, and these promoted ones. Promoted ones come last.
fn reshaped_schema(table: Table, columns: &[&str], to: &[PromotedColumn]) -> Result<SchemaRef, ArrowError> {
    let schema = table.schema();
    let has_residuals = |set: AttributeSet| !set.is_kept_whole() && to.iter().any(|column| column.set() == set);
    let is_residual = |name: &str| AttributeSet::ALL.iter().any(|set| set.column() == name && has_residuals(*set));
    let field = |name: &&str| {
        let field = schema.field_with_name(name)?;
        // Bytes that are no set must not be shown as one.
        let residual = || Field::new(field.name(), DataType::BinaryView, field.is_nullable());
        Ok(if is_residual(name) { residual() } else { field.clone() })
    };
    let own = columns.iter().map(field).collect::<Result<Vec<_>, ArrowError>>()?;
    Ok(Arc::new(Schema::new(own.into_iter().chain(to.iter().map(PromotedColumn::field)).collect::<Vec<_>>())))
}

/// All columns of the table, and these promoted ones.
pub(super) fn schema_with(table: Table, to: &[PromotedColumn]) -> Result<SchemaRef, ArrowError> {
    reshaped_schema(table, &names(&table.schema()), to)
}

fn names(schema: &Schema) -> Vec<&str> {
    schema.fields().iter().map(|field| field.name().as_str()).collect()
}

impl Reshaper {
    /// For rows with these columns of the table, in this order.
    pub(super) fn new(
        table: Table,
        columns: &[&str],
        from: &Promotion,
        to: &[PromotedColumn],
    ) -> Result<Self, ArrowError> {
        let with_column = promoted_sets(table)
            .iter()
            .filter_map(|set| Some((*set, columns.iter().position(|name| *name == set.column())?)));
        let sets: Vec<_> = with_column.map(|(set, index)| SetReshaper::new(set, index, from, to)).collect();
        let to: Vec<PromotedColumn> = sets.iter().flat_map(|set| set.to.iter().cloned()).collect();
        Ok(Self { schema: reshaped_schema(table, columns, &to)?, columns: columns.len(), sets })
    }

    /// For rows with these columns of the table, with nothing promoted. Of the promoted keys only these are looked at.
    pub(super) fn of_keys(table: Table, columns: &[&str], from: &Promotion, keys: &[&str]) -> Result<Self, ArrowError> {
        let mut reshaper = Self::new(table, columns, from, &[])?;
        for set in &mut reshaper.sets {
            set.passed_over.extend(set.from.uses().iter().map(|of| !keys.contains(&of.column.key())));
        }
        Ok(reshaper)
    }

    /// For rows with all columns of the table.
    pub(super) fn of_whole_rows(table: Table, from: &Promotion, to: &[PromotedColumn]) -> Result<Self, ArrowError> {
        Self::new(table, &names(&table.schema()), from, to)
    }

    /// The columns of reshaped rows.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The names of the columns that rows must have to be reshaped.
    pub(super) fn sources(&self) -> Vec<String> {
        let own = self.schema.fields()[..self.columns].iter().map(|field| field.name().clone());
        own.chain(self.sets.iter().flat_map(SetReshaper::sources)).collect()
    }

    /// Reshapes rows that have the [`Self::sources`], in any order.
    pub(super) fn reshape(&mut self, rows: &RecordBatch) -> Result<RecordBatch, ReshapeError> {
        let column = |name: &str| {
            let column = rows.column_by_name(name).map(Arc::clone);
            column.ok_or_else(|| ReshapeError::NoColumn(name.to_owned()))
        };
        let own = self.schema.fields()[..self.columns].iter().map(|field| column(field.name()));
        let mut columns: Vec<ArrayRef> = own.collect::<Result<_, _>>()?;
        for set in &mut self.sets {
            let promoted = set.from.uses().iter().enumerate().map(|(number, of)| {
                if set.passes_over(number) { Ok(None) } else { column(&of.column.name()).map(Some) }
            });
            let promoted = promoted.collect::<Result<Vec<_>, _>>()?;
            match &mut set.how {
                How::AsIs => columns.extend(promoted.into_iter().flatten()),
                How::Anew { restorer, promoter } => {
                    let mut sets = columns[set.index].as_binary_view_opt().ok_or(DamagedResidual)?.clone();
                    if let Some(restorer) = restorer {
                        sets = restorer.restore_some(&sets, &promoted)?;
                    }
                    if let Some(promoter) = promoter {
                        let Promoted { residual, columns: new } = promoter.promote(&sets);
                        columns.extend(new);
                        if !set.set.is_kept_whole() {
                            sets = residual;
                        }
                    }
                    columns[set.index] = Arc::new(sets);
                }
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    /// Whether values under the key of this promoted column have stayed in the residuals of the rows so far.
    pub(super) fn is_mixed(&self, column: &PromotedColumn) -> bool {
        let of_set = self.sets.iter().filter(|set| set.set == column.set());
        of_set.into_iter().any(|set| match &set.how {
            How::AsIs => set.from.of_key(set.set, column.key()).any(|of| of.is_mixed),
            How::Anew { promoter, .. } => promoter.as_ref().is_some_and(|promoter| promoter.is_mixed(column)),
        })
    }
}

impl SetReshaper {
    fn new(set: AttributeSet, index: usize, from: &Promotion, to: &[PromotedColumn]) -> Self {
        let mut from = Promotion::new(from.of_set(set).cloned().collect());
        let to: Vec<PromotedColumn> = to.iter().filter(|column| column.set() == set).cloned().collect();
        let is_same = from.uses().iter().map(|of| &of.column).eq(&to);
        if set.is_kept_whole() && !is_same {
            // Its own column has everything, so the promoted ones need not be read.
            from = Promotion::default();
        }
        let anew = || How::Anew {
            restorer: from.has(set).then(|| Restorer::new(from.uses().iter().map(|of| &of.column))),
            promoter: (!to.is_empty()).then(|| Promoter::new(&to)),
        };
        let how = if is_same { How::AsIs } else { anew() };
        Self { set, index, from, to, how, passed_over: Vec::new() }
    }

    fn passes_over(&self, number: usize) -> bool {
        self.passed_over.get(number).is_some_and(|passed_over| *passed_over)
    }

    /// The names of the promoted columns that are looked at.
    fn sources(&self) -> impl Iterator<Item = String> {
        let uses = self.from.uses().iter().enumerate();
        uses.filter(|(number, _)| !self.passes_over(*number)).map(|(_, of)| of.column.name())
    }
}
