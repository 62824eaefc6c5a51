//! Rows → the files of one block, on disk for good.
//!
//! The rows are one plain Parquet file: the columns of the table, then the promoted ones, each named by
//! [`PromotedColumn::name`]. In the order of [`Table::sort_columns`]. Key-value metadata:
//!
//! | key | value |
//! |---|---|
//! | `nunchi.format` | [`FORMAT`] |
//! | `nunchi.table` | name of the table |
//! | `nunchi.attributes` | codec of sets of attributes, [`CODEC`] |
//! | `nunchi.residual` | codec of what is left of them, [`RESIDUAL_CODEC`]; only where any are promoted |
//! | `nunchi.promoted` | the promoted columns, as [`Promotion::to_text`] lists them; only where there are any |

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{SchemaRef, TimestampNanosecondType};
use arrow::error::ArrowError;
use model::{CODEC, PROMOTION_KEY, PromotedColumn, Promotion, RESIDUAL_CODEC, Signal, Table, TenantId, UnixNanos};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;
use wal::{crash_point, fail_point};

use super::checksums::{Checksums, Summed};
use super::gather::gathers;
use super::indexes::IndexesWriter;
use super::promotion::Choice;
use super::reshaper::{ReshapeError, Reshaper, schema_with};
use super::trace_index::TraceIndexWriter;
use super::{BlockId, BlockMeta, PlacedRow};

/// The layout of block files. A reader refuses a number it does not know. 2: attributes may be promoted.
pub(super) const FORMAT: &str = "2";

/// Metadata that names [`FORMAT`].
pub(super) const FORMAT_KEY: &str = "nunchi.format";

/// Metadata that names the codec of residuals, where attributes are promoted.
pub(super) const RESIDUAL_KEY: &str = "nunchi.residual";

/// Rows of a row group: what a dictionary holds for, so larger ones are smaller. What is skipped are pages.
pub(super) const ROW_GROUP_ROWS: usize = 512 * 1024;

/// Bytes of a row group, encoded, from which on it ends early: it is in memory until it is whole.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// Rows of a page: what a lookup by row number has to decode to get one row.
pub(super) const PAGE_ROWS: usize = 4_096;

/// Bytes of a page before compression, about: where rows are large, a lookup would decompress megabytes for one.
const PAGE_BYTES: usize = 256 * 1024;

/// Bytes of a dictionary of trace ids, after which the rest of the row group is written without: half of its rows may be
/// of different traces.
const TRACE_IDS_BYTES: usize = 4 << 20;

/// What names a block about to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewBlock {
    pub(crate) id: BlockId,
    pub(crate) tenant: TenantId,
    pub(crate) table: Table,
    /// Start of the hour whose folder it goes into.
    pub(crate) hour: UnixNanos,
}

/// Why a block could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlockWriteError {
    #[error("cannot write the block's files")]
    Io(#[from] io::Error),
    #[error("cannot encode the rows as parquet")]
    Parquet(#[from] ParquetError),
    #[error("cannot gather the rows")]
    Arrow(#[from] ArrowError),
    #[error("cannot promote the rows' attributes")]
    Reshape(#[from] ReshapeError),
}

/// Writes the rows of the batches, in the order in which they are placed, as one block. There must be at least one.
pub(crate) fn write_placed(
    root: &Path,
    block: NewBlock,
    batches: &[Arc<RecordBatch>],
    rows: &[PlacedRow],
) -> Result<BlockMeta, BlockWriteError> {
    let choice = Choice::of_rows(block.table, batches, rows);
    let mut reshaper = Reshaper::of_whole_rows(block.table, &Promotion::default(), &choice.columns())?;
    let mut writer = BlockWriter::create(root, block, choice)?;
    let sources: Vec<&RecordBatch> = batches.iter().map(AsRef::as_ref).collect();
    for gathered in gathers(batches, rows) {
        let indices: Vec<(usize, usize)> = gathered.iter().map(|row| (row.batch as usize, row.row as usize)).collect();
        writer.write(&reshaper.reshape(&interleave_record_batch(&sources, &indices)?)?)?;
    }
    writer.finish(|column| reshaper.is_mixed(column))
}

/// Writes one block, batch by batch in its order. Without [`Self::finish`] it is a leftover that the next start sweeps.
pub(crate) struct BlockWriter {
    root: PathBuf,
    meta: BlockMeta,
    parquet: ArrowWriter<Summed<BufWriter<File>>>,
    /// Of the rows so far.
    traces: TraceIndexWriter,
    choice: Choice,
    /// Rows with a value in each promoted column so far.
    values: Vec<u64>,
    indexes: Option<IndexesWriter>,
}

impl BlockWriter {
    /// Creates the files under `root`, the folder of all blocks, for rows with the chosen attributes promoted.
    pub(crate) fn create(root: &Path, block: NewBlock, choice: Choice) -> Result<Self, BlockWriteError> {
        let NewBlock { id, tenant, table, hour } = block;
        let (min_time, max_time) = (UnixNanos::MAX, UnixNanos::MIN);
        let meta = BlockMeta { id, tenant, table, hour, rows: 0, bytes: 0, min_time, max_time, checksum: 0 };
        fail_point("block::create")?;
        create_folder(root, &root.join(meta.folder()))?;
        let file = BufWriter::with_capacity(1 << 20, File::create(root.join(meta.parquet_path()))?);
        let schema = schema_with(table, &choice.columns())?;
        let properties = properties(table, &schema, &choice)?;
        let parquet = ArrowWriter::try_new(Summed::new(file), schema, Some(properties))?;
        let (values, traces) = (vec![0; choice.columns.len()], TraceIndexWriter::default());
        let indexes = IndexesWriter::create(root, &meta, choice.columns())?;
        Ok(Self { root: root.to_owned(), meta, parquet, traces, choice, values, indexes })
    }

    /// Also makes a text index, if a block that will have so many rows is worth one. Before any row is written.
    pub(super) fn index_text(&mut self, rows: u64) -> Result<(), BlockWriteError> {
        match &mut self.indexes {
            Some(indexes) => Ok(indexes.index_text(&self.root, &self.meta, rows)?),
            None => Ok(()),
        }
    }

    /// Adds rows, which come after all rows before them.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), BlockWriteError> {
        let times = rows.column_by_name(self.meta.table.time_column()).expect("a batch has its table's columns");
        for time in times.as_primitive::<TimestampNanosecondType>().values() {
            self.meta.min_time = self.meta.min_time.min(UnixNanos::new(*time));
            self.meta.max_time = self.meta.max_time.max(UnixNanos::new(*time));
        }
        if let Some(ids) = rows.column_by_name("trace_id") {
            self.traces.add(ids.as_fixed_size_binary());
        }
        fail_point("block::write")?;
        self.meta.rows += rows.num_rows() as u64;
        let promoted = &rows.columns()[rows.num_columns() - self.values.len()..];
        for (values, column) in self.values.iter_mut().zip(promoted) {
            *values += (column.len() - column.null_count()) as u64;
        }
        if let Some(indexes) = &mut self.indexes {
            indexes.add(rows)?;
        }
        self.parquet.write(rows)?;
        if self.parquet.in_progress_size() >= ROW_GROUP_BYTES {
            self.parquet.flush()?;
        }
        Ok(())
    }

    /// Makes the block durable: files, then the folder. Only now may a catalog list it.
    pub(crate) fn finish(self, is_mixed: impl Fn(&PromotedColumn) -> bool) -> Result<BlockMeta, BlockWriteError> {
        let Self { root, mut meta, mut parquet, traces, choice, values, indexes } = self;
        fail_point("block::sync")?;
        let promotion = choice.promotion(&values, is_mixed);
        if !promotion.uses().is_empty() {
            parquet.append_key_value_metadata(KeyValue::new(PROMOTION_KEY.to_owned(), promotion.to_text()));
            parquet.append_key_value_metadata(KeyValue::new(RESIDUAL_KEY.to_owned(), RESIDUAL_CODEC.to_owned()));
        }
        let (file, checksums) = parquet.into_inner()?.finish();
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        meta.bytes = checksums.bytes();
        let table = checksums.encode();
        meta.checksum = Checksums::seal(&table);
        meta.bytes += write_durable(&root.join(meta.checksums_path()), &table)?;
        fail_point("block::sync_index")?;
        if meta.table.has_trace_id() {
            meta.bytes += write_durable(&root.join(meta.trace_index_path()), &traces.encode())?;
        }
        fail_point("block::sync_words")?;
        if let Some(indexes) = indexes {
            meta.bytes += indexes.finish()?;
        }
        fail_point("block::sync_folder")?;
        File::open(root.join(meta.folder()))?.sync_all()?;
        crash_point("block::synced");
        Ok(meta)
    }
}

/// Makes a file of the bytes and makes it durable; returns how many they are. The folder is still to be synced.
pub(super) fn write_durable(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(bytes.len() as u64)
}

/// Creates the folder and makes it, and all folders above it, durable. Also where it is there already: a
/// flush that a crash cut short may have left it unsynced.
fn create_folder(root: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for parent in folder.ancestors().skip(1) {
        File::open(parent)?.sync_all()?;
        if parent == root {
            break;
        }
    }
    Ok(())
}

fn properties(table: Table, schema: &SchemaRef, choice: &Choice) -> Result<WriterProperties, ParquetError> {
    let builder = WriterProperties::builder()
        .set_created_by(concat!("nunchi ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).expect("1 is a zstd level")))
        .set_writer_version(version_for(table))
        // What the second version would choose is smaller and slower to read.
        .set_encoding(Encoding::PLAIN)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_sorting_columns(Some(sorting_columns(table, schema)?))
        .set_key_value_metadata(Some(vec![
            KeyValue::new(FORMAT_KEY.to_owned(), FORMAT.to_owned()),
            KeyValue::new("nunchi.table".to_owned(), table.name().to_owned()),
            KeyValue::new("nunchi.attributes".to_owned(), CODEC.to_owned()),
        ]));
    let builder = table.schema().fields().iter().fold(builder, |builder, field| tune(builder, table, field.name()));
    let builder = choice.columns.iter().fold(builder, |builder, chosen| chosen.tune(builder, ROW_GROUP_ROWS));
    let in_lists = |builder: WriterPropertiesBuilder, (list, field): &(&str, &str)| {
        let path = [list, "list", "item", field].map(str::to_owned);
        builder.set_column_dictionary_enabled(ColumnPath::new(path.to_vec()), false)
    };
    Ok(UNIQUE_IN_LISTS.iter().fold(builder, in_lists).build())
}

/// The second version has dictionaries of values of fixed length, which trace ids of logs are. Elsewhere the first has smaller
/// pages, since it compresses what says which values are null.
fn version_for(table: Table) -> WriterVersion {
    if table == Table::Logs { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 }
}

/// The sort columns as Parquet numbers them: by leaf, so a list of structs before them counts once per field.
fn sorting_columns(table: Table, schema: &SchemaRef) -> Result<Vec<SortingColumn>, ParquetError> {
    let leaves = ArrowSchemaConverter::new().convert(schema)?;
    let leaf_of = |name: &str| leaves.columns().iter().position(|leaf| leaf.path().parts() == [name]);
    let leaves = table.sort_columns().iter().map(|name| leaf_of(name).expect("a sort column is not nested"));
    Ok(leaves.map(|leaf| SortingColumn { column_idx: leaf as i32, descending: false, nulls_first: true }).collect())
}

/// Fields in lists, as list and field, whose values are mostly unique.
const UNIQUE_IN_LISTS: [(&str, &str); 5] = [
    ("events", "time"),
    ("events", "attributes"),
    ("links", "trace_id"),
    ("links", "span_id"),
    ("links", "attributes"),
];

/// How each column is best encoded. What is not named keeps Parquet's dictionary with fallback.
fn tune(builder: WriterPropertiesBuilder, table: Table, column: &str) -> WriterPropertiesBuilder {
    let path = ColumnPath::new(vec![column.to_owned()]);
    match column {
        // Points measured together have one time, and stand near each other: what repeats is whole values, not steps.
        "time" if table.signal() == Signal::Metrics => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
        // Nearly sorted within a group: differences are small.
        "time" | "start_time" | "observed_time" | "point_time" => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        // Some lines of each trace, from all over the row group.
        "trace_id" if table == Table::Logs => builder
            .set_column_dictionary_page_size_limit(path.clone(), TRACE_IDS_BYTES)
            .set_column_statistics_enabled(path, EnabledStatistics::None),
        // Random bytes: neither a dictionary nor statistics help.
        "trace_id" | "span_id" | "parent_span_id" | "from_trace_id" | "from_span_id" => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None),
        // Long and mostly unique: a dictionary would be built only to be thrown away.
        "body" | "attributes" | "body_value" => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None),
        // Nearly as many values as rows: a lookup would decode the dictionary of a row group for one of them.
        "duration_ns" => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        "status_message" | "exception_message" => builder.set_column_dictionary_enabled(path, false),
        "resource_attributes" | "scope_attributes" | "metadata" => {
            builder.set_column_statistics_enabled(path, EnabledStatistics::None)
        }
        // Values of one series are alike in their high bytes.
        "value" | "int_value" => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
        _ => builder,
    }
}
