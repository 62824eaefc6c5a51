//! What a search has yet to look through, the most promising first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::Arc;

use model::{Table, UnixNanos};
use store::{Block, BlockReadError, Candidates};

use super::filter::Filter;
use super::search::LogOrder;
use super::source::{Source, Stretch, overlaps, stretch_of_batch, stretches_of_pages};
use super::threads::blocking;
use crate::error::QueryError;
use crate::session::View;

/// Blocks and stretches by the time that their first record may have. A block becomes stretches only when it is next.
#[derive(Debug)]
pub(super) struct Ahead {
    view: View,
    filter: Arc<Filter>,
    order: LogOrder,
    sources: Arc<[Source]>,
    stretches: Vec<Stretch>,
    next: BinaryHeap<Reverse<(i64, Next)>>,
}

/// What is to be looked at, by its place in a list of [`Ahead`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Stretch(usize),
    Block(u32),
}

impl Ahead {
    /// Everything of the view that the range allows.
    pub(super) fn new(view: &View, filter: Arc<Filter>, order: LogOrder) -> Self {
        let (tenant, snapshot) = (&view.tenant, &view.snapshot);
        let memory = snapshot.live(tenant, Table::Logs).cloned().map(Source::Memory);
        let blocks = snapshot.blocks(tenant, Table::Logs).iter().cloned().map(Source::Block);
        let sources: Arc<[Source]> = memory.chain(blocks).collect();
        let rows_live = snapshot.live(tenant, Table::Logs).map(|batch| batch.num_rows() as u64).sum();
        view.tally.scan(Table::Logs, rows_live, snapshot.blocks(tenant, Table::Logs).len(), std::iter::empty());
        let (stretches, next) = (Vec::new(), BinaryHeap::new());
        let mut ahead = Self { view: view.clone(), filter, order, sources, stretches, next };
        for (index, source) in Arc::clone(&ahead.sources).iter().enumerate() {
            let index = u32::try_from(index).expect("sources are bounded far below 2^32");
            match source {
                Source::Memory(batch) => ahead.push(stretch_of_batch(index, batch, ahead.filter.range)),
                Source::Block(block) => ahead.push_block(index, block),
            }
        }
        ahead
    }

    /// Where rows lie, as stretches and places number them.
    pub(super) fn sources(&self) -> Arc<[Source]> {
        Arc::clone(&self.sources)
    }

    /// The next stretches, at most so many, that may hold a row that does not come after the bound; none when there
    /// are no more.
    pub(super) async fn take(&mut self, most: usize, bound: Option<UnixNanos>) -> Result<Vec<Stretch>, QueryError> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(Reverse((first, next))) = self.next.pop() else { break };
            if bound.is_some_and(|bound| first > self.order.key(bound)) {
                // Nor can anything behind it.
                self.next.clear();
                break;
            }
            match next {
                Next::Stretch(index) => taken.push(self.stretches[index].clone()),
                Next::Block(index) => self.open(index).await?,
            }
        }
        Ok(taken)
    }

    fn push(&mut self, stretches: impl IntoIterator<Item = Stretch>) {
        for stretch in stretches {
            let first = self.order.first(stretch.earliest, stretch.latest);
            self.next.push(Reverse((self.order.key(first), Next::Stretch(self.stretches.len()))));
            self.stretches.push(stretch);
        }
    }

    fn push_block(&mut self, index: u32, block: &Block) {
        let meta = block.meta();
        if overlaps(self.filter.range, meta.min_time, meta.max_time) {
            let first = self.order.first(meta.min_time, meta.max_time);
            self.next.push(Reverse((self.order.key(first), Next::Block(index))));
        }
    }

    /// Cuts a block into the stretches that may match. One that cannot be read is told in the coverage.
    async fn open(&mut self, index: u32) -> Result<(), QueryError> {
        let Source::Block(block) = &self.sources[index as usize] else { return Ok(()) };
        let (block, filter) = (Arc::clone(block), Arc::clone(&self.filter));
        self.view.tally.scan_more(Table::Logs, &block.meta().id);
        let id = block.meta().id.clone();
        match blocking(move || Ok(open_block(index, &block, &filter))).await? {
            Ok(opened) => {
                for (index, rows) in opened.ruled_out {
                    self.view.tally.used(index, rows);
                }
                for (index, error) in opened.unreadable {
                    self.view.tally.index_failed(&id, index, &error);
                }
                self.push(opened.stretches);
            }
            Err(error) => self.view.tally.failed(Table::Logs, &id, &error),
        }
        Ok(())
    }
}

/// What is to be read of a block, and which indexes said so.
struct Opened {
    stretches: Vec<Stretch>,
    ruled_out: Vec<(&'static str, u64)>,
    unreadable: Vec<(&'static str, io::Error)>,
}

fn open_block(index: u32, block: &Block, filter: &Filter) -> Result<Opened, BlockReadError> {
    let Candidates { rows, ruled_out, unreadable } = block.rows_that_may_match(&filter.necessary());
    let mut pages = if rows.is_empty() { Vec::new() } else { block.pages()? };
    pages.retain(|page| overlaps(filter.range, page.earliest, page.latest));
    let stretches = stretches_of_pages(index, filter.promising(block, pages)?, &rows);
    Ok(Opened { stretches, ruled_out, unreadable })
}
