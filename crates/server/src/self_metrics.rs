//! What the server counts about itself, for `/metrics` and for coverage.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use model::{Signal, UnixNanos};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::phase::Phase;
use crate::receive::{SeriesGate, SeriesUse};

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Transport {
    Grpc,
    Http,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    signal: &'static str,
    transport: Transport,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TableLabels {
    table: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TenantLabels {
    tenant: String,
}

/// Counters since start. Labels never come from outside: a sender must not be able to grow them.
#[derive(Debug)]
pub(crate) struct SelfMetrics {
    requests: Family<RequestLabels, Counter>,
    signals: [SignalCounters; 3],
    started: UnixNanos,
}

/// What has come in of one signal since start.
#[derive(Debug)]
pub(crate) struct SignalCounters {
    pub(crate) requests: AtomicU64,
    pub(crate) records: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) marked: AtomicU64,
    newest: AtomicI64,
}

/// What became of the records of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordsTaken {
    pub(crate) records: u64,
    pub(crate) rejected: u64,
    pub(crate) marked: u64,
    pub(crate) newest: Option<UnixNanos>,
}

impl SignalCounters {
    fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self { requests: zero(), records: zero(), rejected: zero(), marked: zero(), newest: AtomicI64::new(i64::MIN) }
    }

    /// Time of the newest record; `None` before the first.
    pub(crate) fn newest(&self) -> Option<UnixNanos> {
        Some(UnixNanos::new(self.newest.load(Ordering::Relaxed))).filter(|newest| *newest != UnixNanos::MIN)
    }
}

impl SelfMetrics {
    pub(crate) fn new(started: UnixNanos) -> Self {
        Self { requests: Family::default(), signals: std::array::from_fn(|_| SignalCounters::new()), started }
    }

    /// When the server started.
    pub(crate) fn started(&self) -> UnixNanos {
        self.started
    }

    /// Counts a request by how it ended.
    pub(crate) fn request(&self, signal: Signal, transport: Transport, outcome: &'static str) {
        self.requests.get_or_create(&RequestLabels { signal: signal.name(), transport, outcome }).inc();
    }

    /// Counts the records of an acknowledged request.
    pub(crate) fn records(&self, signal: Signal, taken: RecordsTaken) {
        let RecordsTaken { records, rejected, marked, newest } = taken;
        let counters = self.of(signal);
        counters.requests.fetch_add(1, Ordering::Relaxed);
        counters.records.fetch_add(records, Ordering::Relaxed);
        counters.rejected.fetch_add(rejected, Ordering::Relaxed);
        counters.marked.fetch_add(marked, Ordering::Relaxed);
        if let Some(newest) = newest {
            counters.newest.fetch_max(newest.get(), Ordering::Relaxed);
        }
    }

    /// The counters of a signal.
    pub(crate) fn of(&self, signal: Signal) -> &SignalCounters {
        let index = Signal::ALL.iter().position(|other| *other == signal).expect("ALL has every signal");
        &self.signals[index]
    }

    /// Everything in Prometheus' text format.
    pub(crate) fn render(&self, phase: &Phase, series: &SeriesGate) -> String {
        let mut registry = Registry::with_prefix("nunchi");
        registry.register("requests", "OTLP requests by how they ended", self.requests.clone());
        for signal in Signal::ALL {
            self.register_signal(&mut registry, signal);
        }
        if let Some(store) = phase.store() {
            register_store(&mut registry, &store.status());
        }
        register_series(&mut registry, series.uses());
        let memory: Gauge = Gauge::default();
        memory.set(i64::try_from(resident_bytes()).unwrap_or(i64::MAX));
        registry.register_with_unit("memory_resident", "Resident memory of the process", Unit::Bytes, memory);
        let mut text = String::new();
        // Writing to a string cannot fail; an encoder that refuses a metric leaves what is written so far.
        let _ = encode(&mut text, &registry);
        text
    }

    fn register_signal(&self, registry: &mut Registry, signal: Signal) {
        let counters = self.of(signal);
        let labels = [("signal".into(), signal.name().into())].into_iter();
        let registry = registry.sub_registry_with_labels(labels);
        let mut register = |name: &str, help: &str, value: &AtomicU64| {
            let counter: Counter = Counter::default();
            counter.inc_by(value.load(Ordering::Relaxed));
            registry.register(name, help, counter);
        };
        register("records", "Records acknowledged", &counters.records);
        register("records_rejected", "Records refused for good", &counters.rejected);
        register("records_marked", "Records kept with a mark", &counters.marked);
    }
}

fn register_series(registry: &mut Registry, uses: Vec<SeriesUse>) {
    let (live, refused): (Family<TenantLabels, Gauge>, Family<TenantLabels, Counter>) = Default::default();
    for usage in uses {
        let labels = TenantLabels { tenant: usage.tenant.to_string() };
        live.get_or_create(&labels).set(i64::try_from(usage.live).unwrap_or(i64::MAX));
        refused.get_or_create(&labels).inc_by(usage.points_refused);
    }
    registry.register("series_live", "Series with points in this hour or the one before", live);
    registry.register("series_points_refused", "Points of series beyond receive.series_max", refused);
}

fn register_store(registry: &mut Registry, status: &store::Status) {
    let mut gauge = |name: &str, help: &str, value: u64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    gauge("wal_files", "Files of the write-ahead log", status.wal.files as u64);
    gauge("wal_bytes", "Bytes of the write-ahead log", status.wal.bytes);
    gauge("wal_durable_lsn", "Newest durable frame", status.wal.durable_lsn.get());
    gauge("wal_floor_lsn", "Every frame up to this one is in blocks", status.wal.floor_lsn.get());
    gauge(
        "wal_poisoned",
        "1 after a write or sync error: ingest answers 503 until a restart",
        u64::from(status.wal.poisoned),
    );
    gauge("wal_damaged_frames", "Damaged frames found at start", status.damaged_frames);
    gauge("disk_free_bytes", "Free bytes of the volume that everything is kept on", status.disk.free_bytes);
    gauge("disk_reserve_bytes", "Bytes of it that are kept free", status.disk.reserve_bytes);
    let refusing = u64::from(status.disk.full || status.disk.read_only);
    gauge("disk_full", "1 while ingest answers 503 for want of room, or because the volume is read-only", refusing);
    gauge("memtable_rows", "Rows that are not in a block yet", status.memtable.rows);
    gauge("memtable_bytes", "Memory of rows that are not in a block yet", status.memtable.bytes);
    gauge("catalog_seq", "Commits of the catalog", status.seq.get());
    let (blocks, bytes): (Family<TableLabels, Gauge>, Family<TableLabels, Gauge>) = Default::default();
    for usage in &status.tables {
        let labels = TableLabels { table: usage.table.name() };
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        blocks.get_or_create(&labels).set(signed(usage.blocks));
        bytes.get_or_create(&labels).set(signed(usage.block_bytes));
    }
    registry.register("blocks", "Live blocks", blocks);
    registry.register("block_bytes", "Bytes of live blocks", bytes);
}

/// Resident memory of the process in bytes; 0 where the system does not say.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}
