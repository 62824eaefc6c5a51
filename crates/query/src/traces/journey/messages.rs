//! Traces that name the same messages.

use datafusion::functions_aggregate::expr_fn::min;
use datafusion::logical_expr::col;
use model::{Table, TextQuery, TraceId};
use stitch::MessageKey;

use super::limits::JOURNEY_TRACES_MAX;
use crate::cells::Cells;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::matching::matched;
use crate::session::View;

/// Attributes that tell a message from all others.
pub(super) const FIELDS: usize = 3;

/// A message that is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SoughtMessage {
    system: String,
    destination: String,
    message_id: String,
}

impl From<MessageKey<'_>> for SoughtMessage {
    fn from(MessageKey { system, destination, message_id }: MessageKey<'_>) -> Self {
        Self { system: system.to_owned(), destination: destination.to_owned(), message_id: message_id.to_owned() }
    }
}

impl SoughtMessage {
    /// By the names that the attributes have today: a search for the older ones would be one more.
    fn fields(&self) -> [(&str, &str); FIELDS] {
        [
            ("messaging.message.id", &self.message_id),
            ("messaging.destination.name", &self.destination),
            ("messaging.system", &self.system),
        ]
    }
}

/// The traces of which a span names one of the messages, the earliest first, at most one more than a journey has.
///
/// The same conditions as of a trace search, so that what rules out blocks and rows there does so here.
pub(super) async fn traces_with(
    engine: &Engine,
    view: &View,
    messages: &[SoughtMessage],
) -> Result<Vec<TraceId>, QueryError> {
    let Some(query) = TextQuery::any_of(messages.iter().map(SoughtMessage::fields)) else { return Ok(Vec::new()) };
    let session = engine.sessions.open(view)?;
    let batches = session
        .table(Table::Spans.name())
        .await?
        .filter(matched(Table::Spans, query))?
        .aggregate(vec![col("trace_id")], vec![min(col("start_time")).alias("earliest")])?
        .sort(vec![col("earliest").sort(true, false), col("trace_id").sort(true, false)])?
        .limit(0, Some(JOURNEY_TRACES_MAX + 1))?
        .collect()
        .await?;
    let ids = batches.iter().flat_map(|batch| {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).filter_map(move |row| TraceId::from_bytes(cells.bytes("trace_id", row)?).ok())
    });
    Ok(ids.collect())
}
