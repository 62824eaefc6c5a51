//! Where a record comes from: its resource and scope, and the columns that tell them.

use arrow::array::ArrayRef;
use model::Marks;

use crate::resource::{Resource, ResourceColumns};
use crate::scope::{Scope, ScopeColumns};

/// The resource and scope that records are being read of.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) resource: Resource,
    pub(crate) scope: Scope,
}

impl Source {
    /// What was changed about the resource and the scope.
    #[inline]
    pub(crate) fn marks(&self) -> Marks {
        let mut marks = self.resource.marks;
        marks.add_all(self.scope.marks);
        marks
    }
}

/// The resource and scope columns of one table.
///
/// Rows are only counted while they come and filled when their scope and their resource end. So each is stored
/// once for all of its rows, and a large resource with a thousand tiny scopes stays one large resource.
#[derive(Debug)]
pub(crate) struct SourceColumns {
    resource: ResourceColumns,
    scope: ScopeColumns,
    rows_of_resource: usize,
    rows_of_scope: usize,
}

impl SourceColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            resource: ResourceColumns::new(block_bytes),
            scope: ScopeColumns::new(block_bytes),
            rows_of_resource: 0,
            rows_of_scope: 0,
        }
    }

    /// Counts a row of the current resource and scope.
    #[inline]
    pub(crate) fn push_row(&mut self) {
        self.rows_of_resource += 1;
        self.rows_of_scope += 1;
    }

    /// Fills the scope columns of the rows since the last scope ended.
    pub(crate) fn end_scope(&mut self, scope: &Scope) {
        let rows = std::mem::take(&mut self.rows_of_scope);
        if rows > 0 {
            self.scope.repeat(scope, rows);
        }
    }

    /// Fills the resource columns of the rows since the last resource ended.
    pub(crate) fn end_resource(&mut self, resource: &Resource) {
        let rows = std::mem::take(&mut self.rows_of_resource);
        if rows > 0 {
            self.resource.repeat(resource, rows);
        }
    }

    /// The columns in the order of the schema.
    pub(crate) fn finish(self) -> impl Iterator<Item = ArrayRef> {
        self.resource.finish().into_iter().chain(self.scope.finish())
    }
}
