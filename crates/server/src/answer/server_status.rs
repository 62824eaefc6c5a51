//! The body of `GET /api/v1/status`.

use std::sync::atomic::Ordering;

use model::Signal;
use protocol::{DiskStatus, MemtableStatus, SeriesStatus, SignalStatus, StatusAnswer, TableStatus, WalStatus};
use store::{Store, TableUse};

use crate::receive::SeriesUse;
use crate::routes::Api;
use crate::self_metrics::{SelfMetrics, resident_bytes};

/// What is stored and how the server is doing.
pub(crate) fn status_answer(store: &Store, api: &Api) -> StatusAnswer {
    let Api { phase, metrics, .. } = api;
    let status = store.status();
    StatusAnswer {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: metrics.started().to_string(),
        state: phase.word().to_owned(),
        data_dir: store.data_dir().display().to_string(),
        durability: store.config().durability.to_string(),
        catalog_seq: status.seq.get(),
        wal: WalStatus {
            files: status.wal.files as u64,
            bytes: status.wal.bytes,
            durable_lsn: status.wal.durable_lsn.get(),
            floor_lsn: status.wal.floor_lsn.get(),
            damaged_frames: status.damaged_frames,
            poisoned: status.wal.poisoned,
        },
        disk: DiskStatus {
            total_bytes: status.disk.total_bytes,
            free_bytes: status.disk.free_bytes,
            reserve_bytes: status.disk.reserve_bytes,
            full: status.disk.full,
            read_only: status.disk.read_only,
        },
        memtable: MemtableStatus { rows: status.memtable.rows, bytes: status.memtable.bytes },
        tables: status.tables.iter().map(table).collect(),
        signals: Signal::ALL.into_iter().map(|of| signal(of, metrics)).collect(),
        series: api.series.uses().into_iter().map(series).collect(),
        memory_rss_bytes: resident_bytes(),
    }
}

fn table(usage: &TableUse) -> TableStatus {
    TableStatus {
        table: usage.table.name().to_owned(),
        blocks: usage.blocks,
        block_rows: usage.block_rows,
        block_bytes: usage.block_bytes,
        live_rows: usage.live_rows,
        oldest: usage.block_times.map(|(oldest, _)| oldest.to_string()),
        newest: usage.block_times.map(|(_, newest)| newest.to_string()),
    }
}

fn series(usage: SeriesUse) -> SeriesStatus {
    let SeriesUse { tenant, live, series_max, points_refused } = usage;
    SeriesStatus { tenant: tenant.to_string(), live, series_max, points_refused }
}

fn signal(signal: Signal, metrics: &SelfMetrics) -> SignalStatus {
    let counters = metrics.of(signal);
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    SignalStatus {
        signal: signal.name().to_owned(),
        requests: read(&counters.requests),
        records: read(&counters.records),
        rejected: read(&counters.rejected),
        marked: read(&counters.marked),
        newest_record: counters.newest().map(|newest| newest.to_string()),
    }
}
