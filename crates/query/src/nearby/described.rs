//! What `series` says of series: their unit, who measures, their labels.

use std::collections::{BTreeSet, HashMap};

use datafusion::logical_expr::{col, lit};
use model::{Table, TimeRange, Value};

use crate::cells::Cells;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::logs::attributes;
use crate::session::View;

/// One series.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) unit: String,
    pub(super) service: String,
    pub(super) labels: Vec<(String, Value)>,
}

/// What is known of these series, by their ids.
pub(super) async fn described(
    engine: &Engine,
    view: &View,
    series: &BTreeSet<u64>,
) -> Result<HashMap<u64, Described>, QueryError> {
    if series.is_empty() {
        return Ok(HashMap::new());
    }
    let view = View { range: TimeRange::ALL, ..view.clone() };
    let ids = series.iter().map(|id| lit(*id)).collect();
    let batches = engine
        .sessions
        .open(&view)?
        .table(Table::Series.name())
        .await?
        .filter(col("series_id").in_list(ids, false))?
        .select_columns(&["series_id", "unit", "service_name", "attributes"])?
        .collect()
        .await?;
    let mut known = HashMap::new();
    for batch in &batches {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let text = |column| cells.text(column, row).unwrap_or_default().to_owned();
            let described = Described {
                unit: text("unit"),
                service: text("service_name"),
                labels: attributes(&cells, "attributes", row),
            };
            known.extend(cells.uint("series_id", row).map(|id| (id, described)));
        }
    }
    Ok(known)
}
