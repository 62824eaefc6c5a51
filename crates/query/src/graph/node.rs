//! A node of the graph.

use crate::cells::Cells;

/// Who calls and is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphNode {
    /// `service`, `database`, `queue` or `peer`: something that was called and of which nothing arrives.
    pub kind: String,
    /// Of a database or queue, of what kind, such as `postgresql`; empty where not said.
    pub system: String,
    /// Its name.
    pub name: String,
}

impl GraphNode {
    /// The service of this name.
    pub fn service(name: &str) -> Self {
        Self { kind: "service".to_owned(), system: String::new(), name: name.to_owned() }
    }

    /// Whether it is a service.
    pub fn is_service(&self) -> bool {
        self.kind == "service"
    }

    /// The caller of a row of `calls`; `None` where nobody is known to have called.
    pub(crate) fn caller(cells: &Cells<'_>, row: usize) -> Option<Self> {
        Self::read(cells, row, ["caller_kind", "caller_system", "caller"])
    }

    /// The callee of a row of `calls`.
    pub(crate) fn callee(cells: &Cells<'_>, row: usize) -> Option<Self> {
        Self::read(cells, row, ["callee_kind", "callee_system", "callee"])
    }

    fn read(cells: &Cells<'_>, row: usize, [kind, system, name]: [&str; 3]) -> Option<Self> {
        let text = |column| cells.text(column, row).map(str::to_owned);
        Some(Self { kind: text(kind)?, system: text(system).unwrap_or_default(), name: text(name)? })
    }
}
