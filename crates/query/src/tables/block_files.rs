//! How the scan reads the bytes of a block: through the block, which checks them, and with the footer that it keeps.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{ParquetFileMetrics, ParquetFileReaderFactory};
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use store::{Block, BlockReadError, CheckedFile};

/// Opens the blocks that files carry as an extension.
#[derive(Debug)]
pub(super) struct BlockFiles;

impl ParquetFileReaderFactory for BlockFiles {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let block =
            file.extension::<Arc<Block>>().ok_or_else(|| internal_datafusion_err!("a file without its block"))?;
        let metrics = ParquetFileMetrics::new(partition, file.object_meta.location.as_ref(), metrics);
        let bytes = file.object_meta.size;
        Ok(Box::new(BlockFile { block: Arc::clone(block), bytes, file: None, metrics }))
    }
}

/// One block, read by one reader.
struct BlockFile {
    block: Arc<Block>,
    /// Of the whole file.
    bytes: u64,
    /// Open from the first read on.
    file: Option<CheckedFile>,
    metrics: ParquetFileMetrics,
}

impl BlockFile {
    /// Reads on a thread that may block: what is not in the page cache takes its time.
    async fn read(&mut self, ranges: Vec<Range<u64>>) -> ParquetResult<Vec<Bytes>> {
        let bytes: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        self.metrics.bytes_scanned.add(bytes as usize);
        let (block, file) = (Arc::clone(&self.block), self.file.take());
        let reading = tokio::task::spawn_blocking(move || {
            let file = file.map_or_else(|| block.file(), Ok)?;
            let read = file.read_ranges(&ranges)?;
            Ok::<_, BlockReadError>((file, read))
        });
        let (file, read) = reading.await.map_err(|error| ParquetError::External(Box::new(error)))??;
        self.file = Some(file);
        Ok(read)
    }
}

impl AsyncFileReader for BlockFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move { Ok(self.read(vec![range]).await?.pop().unwrap_or_default()) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        self.read(ranges).boxed()
    }

    /// With the page index, whatever the options say: it is kept with the rest.
    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        let block = Arc::clone(&self.block);
        async move {
            let footer = tokio::task::spawn_blocking(move || block.footer());
            let footer = footer.await.map_err(|error| ParquetError::External(Box::new(error)))??;
            Ok(Arc::clone(footer.metadata()))
        }
        .boxed()
    }
}

impl Drop for BlockFile {
    fn drop(&mut self) {
        let ratio = &self.metrics.scan_efficiency_ratio;
        ratio.add_part(self.metrics.bytes_scanned.value());
        // Several readers may read one block, whose size counts once.
        ratio.set_total(self.bytes as usize);
    }
}
