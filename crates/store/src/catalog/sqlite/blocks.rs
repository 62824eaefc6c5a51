//! The rows of `blocks`.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::cells::{database, signed, tenant, time, unsigned};
use crate::block::{BlockId, BlockMeta};
use crate::catalog::CatalogError;

pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Vec<BlockMeta>, CatalogError> {
    let rows = sqlx::query("SELECT * FROM blocks ORDER BY id").fetch_all(connection).await.map_err(database)?;
    rows.iter().map(block_of).collect()
}

pub(super) async fn remove(connection: &mut SqliteConnection, id: &BlockId) -> Result<(), CatalogError> {
    let result =
        sqlx::query("DELETE FROM blocks WHERE id = ?").bind(id.as_str()).execute(connection).await.map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::Invalid(format!("block {id} is not live"))) }
}

pub(super) async fn add(connection: &mut SqliteConnection, block: &BlockMeta) -> Result<(), CatalogError> {
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
    Ok(BlockMeta {
        id: BlockId::from_stored(text("id")?),
        tenant: tenant(row)?,
        table: text("table_name")?.parse().map_err(|error| CatalogError::Invalid(format!("{error}")))?,
        hour: time(row, "hour")?,
        rows: unsigned(row, "rows")?,
        bytes: unsigned(row, "bytes")?,
        min_time: time(row, "min_time")?,
        max_time: time(row, "max_time")?,
        checksum: u32::try_from(unsigned(row, "checksum")?)
            .map_err(|_| CatalogError::Invalid("a checksum has more than 32 bits".to_owned()))?,
    })
}
