//! One request, whatever the transport: decompress, decode, append.

use std::sync::Arc;

use bytes::Bytes;
use ingest::{Decoded, Encoding};
use model::{Signal, Table, TenantId, UnixNanos};
use store::{Incoming, StoreError, StoreErrorKind};
use tokio::task::spawn_blocking;
use tracing::warn;

use super::budget::{Budget, Share, TenantRates};
use super::decoding::Decoding;
use super::encoding::Compression;
use super::frame::FrameBody;
use super::outcome::{Accepted, Refusal};
use super::series_gate::SeriesGate;
use crate::phase::Phase;
use crate::self_metrics::{RecordsTaken, SelfMetrics, Transport};

/// Takes requests of all transports.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) phase: Arc<Phase>,
    pub(crate) budget: Budget,
    pub(crate) rates: TenantRates,
    pub(crate) series: Arc<SeriesGate>,
    pub(crate) metrics: Arc<SelfMetrics>,
    pub(crate) now: fn() -> UnixNanos,
}

/// One request on its way in.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) tenant: TenantId,
    pub(crate) signal: Signal,
    pub(crate) transport: Transport,
    pub(crate) encoding: Encoding,
    pub(crate) compression: Compression,
    pub(crate) body: Bytes,
    /// What the body takes of the budget.
    pub(crate) share: Share,
}

impl Receiver {
    /// Takes the request. When this returns `Ok`, what was not rejected is durable and can be queried.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Result<Accepted, Refusal> {
        let (signal, transport) = (delivery.signal, delivery.transport);
        let outcome = self.take(delivery).await;
        let word = outcome.as_ref().map_or_else(Refusal::word, |_| "accepted");
        self.metrics.request(signal, transport, word);
        outcome
    }

    async fn take(&self, delivery: Delivery) -> Result<Accepted, Refusal> {
        let store = self.phase.store_for_ingest()?;
        let Delivery { tenant, signal, encoding, compression, body, share, .. } = delivery;
        self.rates.check(&tenant, body.len())?;
        store.check_room().map_err(|error| refusal_of(&error))?;
        let received = (self.now)();
        let series = self.series.of(&tenant);
        let decoding = Decoding {
            signal,
            encoding,
            compression,
            body: body.clone(),
            received,
            budget: self.budget.clone(),
            share,
            series: Arc::clone(&series),
        };
        // What it takes of the budget is given back once its rows are in the memtable, which has a limit of its own.
        let (decoded, _share) = spawn_blocking(move || decoding.run()).await.map_err(interrupted)??;
        let Decoded { batches, records, rejected, rejections, marked, newest, series_refused, points_refused } =
            decoded;
        let rows_of = |tables: &[Table]| {
            let of_tables = batches.iter().filter(|batch| tables.contains(&batch.table));
            of_tables.map(|batch| batch.rows.num_rows() as u64).sum()
        };
        let mut accepted = Accepted {
            rejected,
            message: rejections.unwrap_or_default(),
            numbers: rows_of(&[Table::MetricNumbers, Table::MetricSummaries]),
            histograms: rows_of(&[Table::MetricHistograms, Table::MetricExpHistograms]),
            exemplars: rows_of(&[Table::Exemplars]),
        };
        if !batches.is_empty() {
            let FrameBody { codec, payload: body } = FrameBody::new(compression, encoding, body, &series_refused);
            let incoming = Incoming { tenant, signal, codec, received, body, batches };
            store.append(incoming).await.map_err(|error| refusal_of(&error))?;
        }
        self.metrics.records(signal, RecordsTaken { records, rejected, marked, newest });
        series.refused(points_refused);
        if marked > 0 {
            let separator = if accepted.message.is_empty() { "" } else { "; " };
            let marked =
                format!("{separator}{marked} {} were kept with marks: see their marks column", signal.records());
            accepted.message.push_str(&marked);
        }
        Ok(accepted)
    }
}

fn interrupted(error: tokio::task::JoinError) -> Refusal {
    warn!(%error, "decoding was interrupted");
    Refusal::Undecodable("decoding failed".to_owned())
}

fn refusal_of(error: &StoreError) -> Refusal {
    match error.kind() {
        StoreErrorKind::Busy | StoreErrorKind::DiskFull => Refusal::not_now(error.to_string()),
        StoreErrorKind::TooLarge => Refusal::TooLarge(error.to_string()),
        StoreErrorKind::Closed => Refusal::not_now("the server is stopping"),
        // The log said so once, when it happened.
        StoreErrorKind::Poisoned => {
            Refusal::not_soon("the disk cannot be trusted with more data; the server's log says why")
        }
        _ => {
            warn!(%error, "an append failed");
            Refusal::not_soon("the disk cannot be trusted with more data; the server's log says why")
        }
    }
}
