//! Cells of SQLite's rows, checked.

use model::{TenantId, UnixNanos};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::catalog::CatalogError;

/// SQLite's integers are signed; ours stay far below 2^63.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("counts, sizes and sequence numbers stay below 2^63")
}

pub(super) fn unsigned(row: &SqliteRow, column: &str) -> Result<u64, CatalogError> {
    let number: i64 = row.try_get(column).map_err(database)?;
    u64::try_from(number).map_err(|_| CatalogError::Invalid(format!("{column} is negative")))
}

pub(super) fn time(row: &SqliteRow, column: &str) -> Result<UnixNanos, CatalogError> {
    row.try_get(column).map(UnixNanos::new).map_err(database)
}

pub(super) fn tenant(row: &SqliteRow) -> Result<TenantId, CatalogError> {
    let name: String = row.try_get("tenant").map_err(database)?;
    name.parse().map_err(|error| CatalogError::Invalid(format!("{error}")))
}

pub(super) fn database(error: sqlx::Error) -> CatalogError {
    CatalogError::Database(error.into())
}
