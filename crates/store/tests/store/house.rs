//! A store in a folder of its own, and what its snapshots hold.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{AttributeSet, Table, TenantId, UnixNanos};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use store::{AttributeKeys, Block, Config, Snapshot, Store, StoreError, Telemetry};
use tempfile::TempDir;

use crate::rows::{RECEIVED, Row, decode, ids, incoming};

/// A folder for stores that come and go.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) config: Config,
}

/// Row ids by tenant and table, ascending.
pub(crate) type Ids = BTreeMap<(TenantId, Table), Vec<u32>>;

impl House {
    /// In memory where the machine has a file system there.
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self { folder: folder.unwrap(), config: Config::default() }
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub(crate) async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(self.folder.path(), self.config.clone(), Telemetry::decoding(Arc::new(decode))).await
    }

    /// The files under the folder of all blocks, relative to it, sorted.
    pub(crate) fn block_files(&self) -> Vec<PathBuf> {
        let root = self.folder.path().join("blocks");
        let (mut folders, mut files) = (vec![root.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    files.push(path.strip_prefix(&root).unwrap().to_owned())
                }
            }
        }
        files.sort();
        files
    }

    /// The files of the write-ahead log.
    pub(crate) fn log_files(&self) -> usize {
        fs::read_dir(self.folder.path().join("wal"))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().is_file())
            .count()
    }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::default_tenant()
}

/// Rows of every table, `count` each, a second apart, with ids from `first` on.
pub(crate) fn rows_of_every_table(first: u32, count: u32) -> Vec<Row> {
    let tables = Table::ALL.into_iter().zip(0..);
    let row = |table, nth, n| Row {
        table,
        id: first + nth * count + n,
        time: UnixNanos::new(RECEIVED.get() - i64::from(n) * 1_000_000_000),
    };
    tables.flat_map(|(table, nth)| (0..count).map(move |n| row(table, nth, n))).collect()
}

pub(crate) async fn append(store: &Store, rows: &[Row]) {
    store.append(incoming(&tenant(), RECEIVED, rows)).await.unwrap();
}

/// Everything the snapshot holds, memory and blocks.
pub(crate) fn all_ids(snapshot: &Snapshot, root: &Path, tenants: &[TenantId]) -> Ids {
    let mut found = Ids::new();
    for tenant in tenants {
        for table in Table::ALL {
            let live = snapshot.live(tenant, table).flat_map(|batch| ids(table, batch));
            let stored = snapshot.blocks(tenant, table).iter().flat_map(|block| ids(table, &read(block, root)));
            let mut all: Vec<u32> = live.chain(stored).collect();
            all.sort_unstable();
            if !all.is_empty() {
                found.insert((tenant.clone(), table), all);
            }
        }
    }
    found
}

/// What a list of rows should read as.
pub(crate) fn ids_of<'a>(rows: impl IntoIterator<Item = &'a (TenantId, Row)>) -> Ids {
    let mut ids = Ids::new();
    for (tenant, row) in rows {
        ids.entry((tenant.clone(), row.table)).or_default().push(row.id);
    }
    ids.values_mut().for_each(|ids| ids.sort_unstable());
    ids
}

/// All rows of a block, with the columns of its table.
pub(crate) fn read(block: &Block, root: &Path) -> RecordBatch {
    let stored = read_stored(block, root);
    assert_eq!(stored.num_rows() as u64, block.meta().rows);
    let schema = block.meta().table.schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let all = 0..u32::try_from(block.meta().rows).unwrap();
    let batches: Vec<_> = block.read(&[all], &columns, AttributeKeys::All).unwrap().map(Result::unwrap).collect();
    let rows = arrow::compute::concat_batches(&schema, &batches).unwrap();
    // What no residuals took the place of is in the file as it is in the table.
    for field in schema.fields().iter().filter(|field| !is_residual(block, field.name())) {
        assert_eq!(stored.column_by_name(field.name()), rows.column_by_name(field.name()), "{}", field.name());
    }
    rows
}

fn is_residual(block: &Block, column: &str) -> bool {
    let set = AttributeSet::ALL.into_iter().find(|set| set.column() == column);
    set.is_some_and(|set| block.promotion().unwrap().has_residuals(set))
}

/// All rows of a block as any Parquet reader finds them, with promoted columns.
pub(crate) fn read_stored(block: &Block, root: &Path) -> RecordBatch {
    let file = File::open(root.join(block.meta().parquet_path())).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = Arc::clone(builder.schema());
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}
