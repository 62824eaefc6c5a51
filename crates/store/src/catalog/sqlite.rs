//! The embedded catalog: one SQLite file beside the data.

use std::path::Path;

use async_trait::async_trait;
use model::UnixNanos;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqliteConnection};
use wal::Lsn;

use super::{Catalog, CatalogError, CatalogSeq, CatalogState, Edit};
use crate::block::{BlockId, BlockMeta};

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
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn load(&self) -> Result<CatalogState, CatalogError> {
        let mut transaction = self.pool.begin().await.map_err(database)?;
        let (seq, wal_floor) = head(&mut transaction).await?;
        let rows =
            sqlx::query("SELECT * FROM blocks ORDER BY id").fetch_all(&mut *transaction).await.map_err(database)?;
        let blocks = rows.iter().map(block_of).collect::<Result<_, _>>()?;
        Ok(CatalogState { seq, wal_floor, blocks })
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
        for id in &edit.remove {
            remove(&mut transaction, id).await?;
        }
        for block in &edit.add {
            add(&mut transaction, block).await?;
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
}

async fn head(connection: &mut SqliteConnection) -> Result<(CatalogSeq, Lsn), CatalogError> {
    let row = sqlx::query("SELECT seq, wal_floor FROM head").fetch_one(connection).await.map_err(database)?;
    Ok((CatalogSeq::new(unsigned(&row, "seq")?), Lsn::new(unsigned(&row, "wal_floor")?)))
}

async fn remove(connection: &mut SqliteConnection, id: &BlockId) -> Result<(), CatalogError> {
    let result =
        sqlx::query("DELETE FROM blocks WHERE id = ?").bind(id.as_str()).execute(connection).await.map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::Invalid(format!("block {id} is not live"))) }
}

async fn add(connection: &mut SqliteConnection, block: &BlockMeta) -> Result<(), CatalogError> {
    let BlockMeta { id, tenant, table, hour, rows, bytes, min_time, max_time, checksum } = block;
    let result = sqlx::query("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(id.as_str())
        .bind(tenant.as_str())
        .bind(table.name())
        .bind(hour.get())
        .bind(signed(*rows))
        .bind(signed(*bytes))
        .bind(min_time.get())
        .bind(max_time.get())
        .bind(i64::from(*checksum))
        .execute(connection)
        .await
        .map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::Invalid(format!("block {id} is live already"))) }
}

fn block_of(row: &SqliteRow) -> Result<BlockMeta, CatalogError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(database);
    let time = |column: &str| row.try_get::<i64, _>(column).map(UnixNanos::new).map_err(database);
    Ok(BlockMeta {
        id: BlockId::from_stored(text("id")?),
        tenant: text("tenant")?.parse().map_err(|error| CatalogError::Invalid(format!("{error}")))?,
        table: text("table_name")?.parse().map_err(|error| CatalogError::Invalid(format!("{error}")))?,
        hour: time("hour")?,
        rows: unsigned(row, "rows")?,
        bytes: unsigned(row, "bytes")?,
        min_time: time("min_time")?,
        max_time: time("max_time")?,
        checksum: u32::try_from(unsigned(row, "checksum")?)
            .map_err(|_| CatalogError::Invalid("a checksum has more than 32 bits".to_owned()))?,
    })
}

/// SQLite's integers are signed; ours stay far below 2^63.
fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("counts, sizes and sequence numbers stay below 2^63")
}

fn unsigned(row: &SqliteRow, column: &str) -> Result<u64, CatalogError> {
    let number: i64 = row.try_get(column).map_err(database)?;
    u64::try_from(number).map_err(|_| CatalogError::Invalid(format!("{column} is negative")))
}

fn database(error: sqlx::Error) -> CatalogError {
    CatalogError::Database(error.into())
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
