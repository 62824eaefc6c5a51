//! An engine over requests: in memory, in blocks, or some here and some there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use ingest::{Encoding, Request, decode};
use model::{TenantId, TimeRange, UnixNanos};
use query::{Config, Engine, QueryError, SqlQuestion, SqlRows};
use store::{Incoming, Store, Telemetry};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::telemetry::{RECEIVED, Sent};

/// Where the rows lie when a question is asked. The answer must not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// All in memory.
    Live,
    /// All in one flush.
    Blocks,
    /// Every other request in blocks of its own, the rest in memory.
    Split,
    /// Every request in blocks of its own, which were merged.
    Merged,
}

pub(crate) const LAYOUTS: [Layout; 3] = [Layout::Live, Layout::Blocks, Layout::Split];

/// The same, and after blocks were merged, which only some tables tell apart.
pub(crate) const LAYOUTS_AND_MERGED: [Layout; 4] = [Layout::Live, Layout::Blocks, Layout::Split, Layout::Merged];

/// Whether what is flushed is digested, which tests of other tables do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digests {
    None,
    All,
}

/// A store with an engine over it.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) engine: Engine,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new(layout: Layout, requests: &[Sent]) -> Self {
        Self::limited(layout, requests, Config::default()).await
    }

    pub(crate) async fn limited(layout: Layout, requests: &[Sent], config: Config) -> Self {
        Self::laid_out(layout, requests, Self::open(folder(), config, Digests::None).await).await
    }

    /// With digests, as a server has them.
    pub(crate) async fn digesting(layout: Layout, requests: &[Sent]) -> Self {
        Self::laid_out(layout, requests, Self::open(folder(), Config::default(), Digests::All).await).await
    }

    /// With digests, after a flush of each group of requests, and others in memory.
    pub(crate) async fn flushed_in(groups: &[Vec<Sent>], live: &[Sent]) -> Self {
        let world = Self::open(folder(), Config::default(), Digests::All).await;
        for group in groups {
            world.send(group).await;
            world.store.flush().await.unwrap();
        }
        world.send(live).await;
        world
    }

    async fn laid_out(layout: Layout, requests: &[Sent], world: Self) -> Self {
        let (flushed, live) = match layout {
            Layout::Live => (Vec::new(), requests.iter().collect()),
            Layout::Blocks => (vec![requests.iter().collect()], Vec::new()),
            Layout::Merged => (requests.iter().map(|sent| vec![sent]).collect(), Vec::new()),
            Layout::Split => {
                let (even, odd): (Vec<_>, Vec<_>) = requests.iter().enumerate().partition(|(nth, _)| nth % 2 == 0);
                (
                    even.into_iter().map(|(_, sent)| vec![sent]).collect(),
                    odd.into_iter().map(|(_, sent)| sent).collect(),
                )
            }
        };
        for group in flushed {
            world.send(group).await;
            world.store.flush().await.unwrap();
        }
        world.send(live).await;
        if layout == Layout::Merged {
            // As soon as every hour is over.
            while world.store.compact(RECEIVED.plus(Duration::from_secs(86_400))).await.unwrap().is_some() {}
        }
        world
    }

    async fn open(folder: TempDir, config: Config, digests: Digests) -> Self {
        let decode = Arc::new(|_: &wal::Frame| Err("what is in memory is not kept".to_owned()));
        let telemetry = match digests {
            Digests::None => Telemetry::decoding(decode),
            Digests::All => Telemetry { decode, digest: Arc::new(query::digest) },
        };
        let store = Store::open(folder.path(), store::Config::default(), telemetry).await.unwrap();
        let store = Arc::new(store);
        let engine = Engine::new(Arc::clone(&store), config, Handle::current()).unwrap();
        Self { store, engine, folder }
    }

    /// The same blocks, as after a restart. There must be nothing in memory.
    pub(crate) async fn reopen(self) -> Self {
        let Self { store, engine, folder } = self;
        drop((store, engine));
        Self::open(folder, Config::default(), Digests::None).await
    }

    /// Takes requests as a server does.
    pub(crate) async fn send<'a>(&self, requests: impl IntoIterator<Item = &'a Sent>) {
        for Sent { signal, received, body } in requests {
            let (signal, received) = (*signal, *received);
            let decoded = decode(&Request { signal, encoding: Encoding::Protobuf, body, received }).unwrap();
            assert_eq!(decoded.rejections, None);
            let (tenant, body, batches) = (tenant(), Bytes::copy_from_slice(body), decoded.batches);
            self.store.append(Incoming { tenant, signal, codec: 0, received, body, batches }).await.unwrap();
        }
    }

    pub(crate) async fn sql(&self, statement: &str) -> Result<SqlRows, QueryError> {
        self.sql_within(statement, TimeRange::ALL).await
    }

    pub(crate) async fn sql_within(&self, statement: &str, range: TimeRange) -> Result<SqlRows, QueryError> {
        self.engine.sql(&tenant(), SqlQuestion { statement: statement.to_owned(), range }).await
    }

    /// The answer as lines of cells.
    pub(crate) async fn lines(&self, statement: &str) -> Vec<String> {
        match self.sql(statement).await {
            Ok(rows) => lines(&rows.batches),
            Err(error) => panic!("{statement}\n{error}"),
        }
    }

    /// All files of all blocks.
    pub(crate) fn block_files(&self) -> Vec<PathBuf> {
        let snapshot = self.store.snapshot();
        let paths = snapshot.all_blocks().flat_map(|block| block.meta().paths());
        let paths = paths.map(|path| self.folder.path().join("blocks").join(path));
        paths.filter(|path| path.is_file()).collect()
    }

    /// The Parquet files of all blocks.
    pub(crate) fn parquet_files(&self) -> Vec<PathBuf> {
        let snapshot = self.store.snapshot();
        snapshot.all_blocks().map(|block| self.folder.path().join("blocks").join(block.meta().parquet_path())).collect()
    }
}

fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::default_tenant()
}

/// From one instant to before the other.
pub(crate) fn range(from: UnixNanos, to: UnixNanos) -> TimeRange {
    TimeRange { from, to }
}

/// Rows as lines, cells joined by a comma, null as `-`. Times are not printed: ask for them as integers.
pub(crate) fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let of = |batch: &RecordBatch| {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        let line = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(",");
        (0..batch.num_rows()).map(line).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of).collect()
}
