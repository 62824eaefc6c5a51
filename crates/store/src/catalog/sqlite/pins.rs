//! The rows of `pins`.

use model::{TimeRange, UnixNanos};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::cells::{database, signed, tenant, time, unsigned};
use crate::catalog::{CatalogError, NewPin, Pin, PinId};

pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Vec<Pin>, CatalogError> {
    let rows = sqlx::query("SELECT * FROM pins ORDER BY id").fetch_all(connection).await.map_err(database)?;
    rows.iter().map(pin_of).collect()
}

pub(super) async fn add(connection: &mut SqliteConnection, pin: &Pin) -> Result<(), CatalogError> {
    let Pin { id, asked: NewPin { tenant, range, reason, expires }, created } = pin;
    let result = sqlx::query("INSERT INTO pins VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(signed(id.get()))
        .bind(tenant.as_str())
        .bind(range.from.get())
        .bind(range.to.get())
        .bind(reason)
        .bind(created.get())
        .bind(expires.map(UnixNanos::get))
        .execute(connection)
        .await
        .map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::Invalid(format!("pin {id} is there already"))) }
}

pub(super) async fn remove(connection: &mut SqliteConnection, id: PinId) -> Result<(), CatalogError> {
    let query = sqlx::query("DELETE FROM pins WHERE id = ?").bind(signed(id.get()));
    let result = query.execute(connection).await.map_err(database)?;
    if result.rows_affected() == 1 { Ok(()) } else { Err(CatalogError::Invalid(format!("there is no pin {id}"))) }
}

fn pin_of(row: &SqliteRow) -> Result<Pin, CatalogError> {
    let expires: Option<i64> = row.try_get("expires").map_err(database)?;
    Ok(Pin {
        id: PinId::new(unsigned(row, "id")?),
        asked: NewPin {
            tenant: tenant(row)?,
            range: TimeRange { from: time(row, "from_time")?, to: time(row, "to_time")? },
            reason: row.try_get("reason").map_err(database)?,
            expires: expires.map(UnixNanos::new),
        },
        created: time(row, "created")?,
    })
}
