//! The rows of `leases`.

use model::UnixNanos;
use sqlx::SqliteConnection;

use super::cells::{database, signed, unsigned};
use crate::catalog::{CatalogError, Lease, LeaseHolder, LeaseTerm, Partition};

/// Within a transaction that writes.
pub(super) async fn acquire(
    connection: &mut SqliteConnection,
    partition: &Partition,
    holder: LeaseHolder,
    term: LeaseTerm,
) -> Result<Option<Lease>, CatalogError> {
    let Partition { tenant, table, hour } = partition;
    sqlx::query("DELETE FROM leases WHERE tenant = ? AND table_name = ? AND hour = ? AND (holder = ? OR expires <= ?)")
        .bind(tenant.as_str())
        .bind(table.name())
        .bind(hour.get())
        .bind(holder.as_str())
        .bind(term.now.get())
        .execute(&mut *connection)
        .await
        .map_err(database)?;
    let given = sqlx::query(
        "INSERT INTO leases (tenant, table_name, hour, holder, expires) VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT DO NOTHING RETURNING token",
    )
    .bind(tenant.as_str())
    .bind(table.name())
    .bind(hour.get())
    .bind(holder.as_str())
    .bind(term.expires.get())
    .fetch_optional(connection)
    .await
    .map_err(database)?;
    given.map(|row| Ok(Lease { partition: partition.clone(), token: unsigned(&row, "token")? })).transpose()
}

pub(super) async fn renew(
    connection: &mut SqliteConnection,
    lease: &Lease,
    expires: UnixNanos,
) -> Result<(), CatalogError> {
    let query = sqlx::query("UPDATE leases SET expires = ? WHERE token = ?");
    let query = query.bind(expires.get()).bind(signed(lease.token));
    let result = query.execute(connection).await.map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::LeaseLost) }
}

pub(super) async fn release(connection: &mut SqliteConnection, lease: &Lease) -> Result<(), CatalogError> {
    let query = sqlx::query("DELETE FROM leases WHERE token = ?").bind(signed(lease.token));
    query.execute(connection).await.map_err(database)?;
    Ok(())
}

/// Refuses a lease that is not held any more.
pub(super) async fn check(connection: &mut SqliteConnection, lease: &Lease) -> Result<(), CatalogError> {
    let query = sqlx::query("SELECT token FROM leases WHERE token = ?").bind(signed(lease.token));
    let held = query.fetch_optional(connection).await.map_err(database)?;
    if held.is_some() { Ok(()) } else { Err(CatalogError::LeaseLost) }
}
