//! The embedded catalog: one SQLite file beside the data.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | opening, loading, committing |
//! | `blocks.rs` `pins.rs` `leases.rs` | the rows of each table |
//! | `cells.rs` | cells of rows, checked |

mod blocks;
mod cells;
mod leases;
mod pins;

use std::path::Path;

use async_trait::async_trait;
use model::UnixNanos;
use sqlx::SqliteConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use wal::Lsn;

use self::cells::{database, signed, unsigned};
use super::{Catalog, CatalogError, CatalogSeq, CatalogState, Edit, Lease, LeaseHolder, LeaseTerm, Partition};

/// A catalog in one SQLite file.
#[derive(Debug)]
pub(crate) struct SqliteCatalog {
    pool: SqlitePool,
}

impl SqliteCatalog {
    /// Opens the file, creating it and bringing its schema up to date as needed.
    pub(crate) async fn open(path: &Path) -> Result<Self, CatalogError> {
        // `synchronous = FULL` syncs at each commit: the WAL is cut on the strength of it.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // One connection: commits are serial anyway, and SQLite has one writer.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(database)?;
        sqlx::migrate!().run(&pool).await.map_err(|error| CatalogError::Database(error.into()))?;
        Ok(Self { pool })
    }

    /// Reads a catalog that nobody has open, and whether the file is consistent in itself. Changes nothing in it.
    pub(crate) async fn read(path: &Path) -> Result<CatalogState, CatalogError> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(database)?;
        let catalog = Self { pool };
        let problems: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(10)").fetch_all(&catalog.pool).await.map_err(database)?;
        if problems != ["ok"] {
            return Err(CatalogError::Invalid(problems.join("; ")));
        }
        let state = catalog.load().await;
        catalog.pool.close().await;
        state
    }
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn load(&self) -> Result<CatalogState, CatalogError> {
        let mut transaction = self.pool.begin().await.map_err(database)?;
        let (seq, wal_floor) = head(&mut transaction).await?;
        let blocks = blocks::load(&mut transaction).await?;
        let pins = pins::load(&mut transaction).await?;
        Ok(CatalogState { seq, wal_floor, blocks, pins })
    }

    async fn commit(&self, edit: &Edit, expected: CatalogSeq) -> Result<CatalogSeq, CatalogError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
        let (found, floor) = head(&mut transaction).await?;
        if found != expected {
            return Err(CatalogError::Conflict { expected: expected.get(), found: found.get() });
        }
        let next_floor = edit.wal_floor.unwrap_or(floor);
        if next_floor < floor {
            return Err(CatalogError::Invalid(format!(
                "the floor would fall from {} to {}",
                floor.get(),
                next_floor.get()
            )));
        }
        if let Some(lease) = &edit.lease {
            leases::check(&mut transaction, lease).await?;
        }
        for id in &edit.remove {
            blocks::remove(&mut transaction, id).await?;
        }
        for block in &edit.add {
            blocks::add(&mut transaction, block).await?;
        }
        for id in &edit.unpin {
            pins::remove(&mut transaction, *id).await?;
        }
        if let Some(pin) = &edit.pin {
            pins::add(&mut transaction, pin).await?;
        }
        let next = CatalogSeq::new(expected.get() + 1);
        sqlx::query("UPDATE head SET seq = ?, wal_floor = ?")
            .bind(signed(next.get()))
            .bind(signed(next_floor.get()))
            .execute(&mut *transaction)
            .await
            .map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(next)
    }

    async fn acquire_lease(
        &self,
        partition: &Partition,
        holder: LeaseHolder,
        term: LeaseTerm,
    ) -> Result<Option<Lease>, CatalogError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
        let lease = leases::acquire(&mut transaction, partition, holder, term).await?;
        transaction.commit().await.map_err(database)?;
        Ok(lease)
    }

    async fn renew_lease(&self, lease: &Lease, expires: UnixNanos) -> Result<(), CatalogError> {
        leases::renew(&mut *self.pool.acquire().await.map_err(database)?, lease, expires).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), CatalogError> {
        leases::release(&mut *self.pool.acquire().await.map_err(database)?, lease).await
    }
}

async fn head(connection: &mut SqliteConnection) -> Result<(CatalogSeq, Lsn), CatalogError> {
    let row = sqlx::query("SELECT seq, wal_floor FROM head").fetch_one(connection).await.map_err(database)?;
    Ok((CatalogSeq::new(unsigned(&row, "seq")?), Lsn::new(unsigned(&row, "wal_floor")?)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::conformance;

    #[tokio::test]
    async fn the_embedded_catalog_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.sqlite");
        conformance::check(|| async {
            let catalog: Arc<dyn Catalog> = Arc::new(SqliteCatalog::open(&path).await.unwrap());
            catalog
        })
        .await;
    }
}
