//! The indexes of all tenants: brought up to what a question needs, by one at a time, and within a bound of memory.
//!
//! A question names its hours. The blocks and batches of `series` that have any of them are its *places*; those that were
//! read for an earlier question cost a lookup, the others are read now. A row of a series that is known costs a lookup too.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, Weak};

use arrow::array::RecordBatch;
use model::{HOUR_NANOS, Table, TenantId, TimeRange, UnixNanos};
use roaring::{MultiOps, RoaringBitmap};
use store::{AttributeKeys, Block, BlockReadError};

use super::description::{Description, DescriptionHeads};
use super::index::{Place, Scope, SeriesIndex};
use crate::config::Config;
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// The indexes of all tenants that asked.
#[derive(Debug)]
pub(crate) struct SeriesIndexes {
    config: Arc<Config>,
    tenants: Mutex<HashMap<TenantId, Arc<TenantIndex>>>,
    /// Questions so far, which tells who asked last.
    questions: AtomicU64,
}

/// The index of one tenant.
#[derive(Debug, Default)]
struct TenantIndex {
    /// Held by whoever brings it up to something. Nobody else changes what is held.
    turn: Mutex<()>,
    held: RwLock<Held>,
    bytes: AtomicUsize,
    last_question: AtomicU64,
    /// Places that were found not to fit together; whoever wants all of them again is refused without reading.
    overfull: Mutex<Vec<(PlaceKey, WeakSource)>>,
}

#[derive(Debug, Default)]
struct Held {
    index: SeriesIndex,
    places: HashMap<PlaceKey, HeldPlace>,
    /// Of what places note.
    place_bytes: usize,
}

/// Where a block or batch is in memory: nothing else is there as long as anyone knows it.
type PlaceKey = usize;

#[derive(Debug)]
struct HeldPlace {
    source: WeakSource,
    place: Place,
}

/// Known as long as the index holds it, and gone when no snapshot has it.
#[derive(Debug)]
enum WeakSource {
    Block(Weak<Block>),
    Batch(Weak<RecordBatch>),
}

/// A block or batch of descriptions.
#[derive(Clone, Debug)]
enum PlaceSource {
    Block(Arc<Block>),
    Batch(Arc<RecordBatch>),
}

/// What a question sees of the index.
pub(super) struct Described<'a> {
    pub(super) index: &'a SeriesIndex,
    /// What its time allows.
    pub(super) scope: Scope<'a>,
    /// The earliest and latest description of its places; `None` without any.
    pub(super) times: Option<(UnixNanos, UnixNanos)>,
    /// What could not be read.
    pub(super) warnings: Vec<String>,
}

impl SeriesIndexes {
    /// Without a series. Nothing is read before somebody asks.
    pub(crate) fn new(config: &Arc<Config>) -> Self {
        Self { config: Arc::clone(config), tenants: Mutex::default(), questions: AtomicU64::new(0) }
    }

    /// Answers from the index of the view's tenant, after it has been brought up to the range. Blocks the calling thread.
    ///
    /// Kind `LimitExceeded` where the range has more series than fit.
    pub(super) fn ask<T>(
        &self,
        view: &View,
        range: TimeRange,
        answer: impl FnOnce(Described<'_>) -> T,
    ) -> Result<T, QueryError> {
        let tenant = self.tenant(&view.tenant);
        let places = places_of(view, range);
        let held = tenant.read();
        if places.iter().all(|place| held.places.contains_key(&place.key())) {
            return Ok(answer(held.described(&places, range, Vec::new())));
        }
        drop(held);
        let turn = lock(&tenant.turn);
        let update = Update { view, tenant: &tenant, config: &self.config, wanted: &places };
        let warnings = update.run()?;
        let held = tenant.read();
        drop(turn);
        self.make_room(&view.tenant);
        Ok(answer(held.described(&places, range, warnings)))
    }

    fn tenant(&self, tenant: &TenantId) -> Arc<TenantIndex> {
        let mut tenants = lock(&self.tenants);
        let index = tenants.entry(tenant.clone()).or_insert_with(|| {
            let held = Held { index: SeriesIndex::new(self.config.prometheus.clone()), ..Held::default() };
            Arc::new(TenantIndex { held: RwLock::new(held), ..TenantIndex::default() })
        });
        index.last_question.store(self.questions.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Arc::clone(index)
    }

    /// Forgets the indexes of those who have not asked for longest, until all that are left fit together.
    fn make_room(&self, asking: &TenantId) {
        let mut tenants = lock(&self.tenants);
        let bytes = |index: &Arc<TenantIndex>| index.bytes.load(Ordering::Relaxed);
        while tenants.values().map(bytes).sum::<usize>() > self.config.series_index_bytes_max {
            let others = tenants.iter().filter(|(tenant, _)| *tenant != asking);
            let longest_ago = others.min_by_key(|(_, index)| index.last_question.load(Ordering::Relaxed));
            let Some(tenant) = longest_ago.map(|(tenant, _)| tenant.clone()) else { return };
            tenants.remove(&tenant);
        }
    }
}

impl TenantIndex {
    fn read(&self) -> RwLockReadGuard<'_, Held> {
        if self.held.is_poisoned() {
            self.change(|_| ());
        }
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the places that did not fit are still there and all wanted.
    fn is_known_not_to_fit(&self, wanted: &[PlaceSource]) -> bool {
        let overfull = lock(&self.overfull);
        let wanted: HashSet<PlaceKey> = wanted.iter().map(PlaceSource::key).collect();
        !overfull.is_empty() && overfull.iter().all(|(key, source)| wanted.contains(key) && source.is_there())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        let mut held = self.held.write().unwrap_or_else(|poisoned| {
            // Whoever panicked may have left half a series behind.
            let mut held = poisoned.into_inner();
            held.clear();
            self.held.clear_poison();
            held
        });
        change(&mut held)
    }
}

impl Held {
    fn described(&self, places: &[PlaceSource], range: TimeRange, warnings: Vec<String>) -> Described<'_> {
        let places: Vec<&Place> =
            places.iter().filter_map(|place| self.places.get(&place.key())).map(|held| &held.place).collect();
        let first = places.iter().filter_map(|place| place.times()).map(|(first, _)| first).min();
        let last = places.iter().filter_map(|place| place.times()).map(|(_, last)| last).max();
        let scope = Scope::new(places.iter().flat_map(|place| place.described(range)));
        Described { index: &self.index, scope, times: first.zip(last), warnings }
    }

    /// Forgets places that are gone, and everything where most of it was only theirs.
    fn forget_gone(&mut self) {
        let before = self.places.len();
        self.places.retain(|_, held| held.source.is_there());
        if self.places.len() < before {
            self.place_bytes = self.places.values().map(|held| held.place.bytes()).sum();
            let live: RoaringBitmap = self.places.values().flat_map(|held| held.place.all()).union();
            if live.len() < u64::from(self.index.len()) / 2 {
                self.clear();
            }
        }
    }

    fn clear(&mut self) {
        *self = Self { index: self.index.anew(), ..Self::default() };
    }

    fn bytes(&self) -> usize {
        self.index.bytes() + self.place_bytes
    }

    /// Notes the rows of a batch that are known, and puts off those that are not; the first row has this number.
    fn note_known(&self, batch: &RecordBatch, first: u32, place: &mut Place, unknown: &mut Unknown) {
        let Some(heads) = DescriptionHeads::of(batch) else { return };
        let mut previous = None;
        for (row, head) in (first..).zip(heads.iter()) {
            place.see(head.time);
            let (key, hour) = (head.key, head.time.hour());
            // Rows of one series stand together, one for each flush that a block was merged of.
            if previous == Some((key, hour)) {
                continue;
            }
            match self.index.known(key) {
                Some(known) => place.note(hour, known.iter()),
                None => {
                    if previous.is_none_or(|(known, _)| known != key) {
                        unknown.rows.push(row);
                    }
                    unknown.hours.push((key, hour));
                }
            }
            previous = Some((key, hour));
        }
    }
}

/// Descriptions of a place that are not known yet.
#[derive(Debug, Default)]
struct Unknown {
    /// Of each a row.
    rows: Vec<u32>,
    /// The hours that they are of, by their keys.
    hours: Vec<(u64, UnixNanos)>,
}

/// Brings a tenant's index up to some places, while nobody else does.
struct Update<'a> {
    view: &'a View,
    tenant: &'a TenantIndex,
    config: &'a Config,
    wanted: &'a [PlaceSource],
}

impl Update<'_> {
    /// Says what could not be read.
    fn run(&self) -> Result<Vec<String>, QueryError> {
        // What is held for others is not given up for what cannot be had.
        if self.tenant.is_known_not_to_fit(self.wanted) {
            return Err(self.too_many());
        }
        self.tenant.change(Held::forget_gone);
        let mut warnings = Vec::new();
        if self.read_missing(&mut warnings).is_err() {
            // What earlier questions were about may go.
            self.tenant.change(Held::clear);
            warnings.clear();
            if let Err(Overfull { places }) = self.read_missing(&mut warnings) {
                *lock(&self.tenant.overfull) = places.iter().map(|place| (place.key(), place.downgrade())).collect();
                self.tenant.change(Held::clear);
                self.tenant.bytes.store(0, Ordering::Relaxed);
                return Err(self.too_many());
            }
        }
        let bytes = self.tenant.read().bytes();
        self.tenant.bytes.store(bytes, Ordering::Relaxed);
        Ok(warnings)
    }

    fn read_missing(&self, warnings: &mut Vec<String>) -> Result<(), Overfull<'_>> {
        for (number, source) in self.wanted.iter().enumerate() {
            let overfull = |Full| Overfull { places: &self.wanted[..=number] };
            let key = source.key();
            if self.tenant.read().places.contains_key(&key) {
                continue;
            }
            let mut place = Place::default();
            match source {
                PlaceSource::Batch(batch) => self.read_batch(batch, &mut place).map_err(overfull)?,
                PlaceSource::Block(block) => {
                    if let Err(error) = self.read_block(block, &mut place).map_err(overfull)? {
                        let id = &block.meta().id;
                        self.view.tally.failed(Table::Series, id, &error);
                        warnings.push(format!("block {id} of series cannot be read: {error}"));
                        continue;
                    }
                }
            }
            let bytes = self.tenant.change(|held| {
                held.place_bytes += place.bytes();
                held.places.insert(key, HeldPlace { source: source.downgrade(), place });
                held.bytes()
            });
            // What places note of series that are known takes memory too.
            if bytes > self.config.series_index_bytes_max {
                return Err(overfull(Full));
            }
        }
        Ok(())
    }

    fn read_batch(&self, batch: &RecordBatch, place: &mut Place) -> Result<(), Full> {
        let mut unknown = Unknown::default();
        self.tenant.read().note_known(batch, 0, place, &mut unknown);
        if !unknown.rows.is_empty() {
            self.describe(batch)?;
            self.note(&unknown, place);
        }
        Ok(())
    }

    /// Reads what tells whether a row is known of all rows, and the rest of those that are not.
    fn read_block(&self, block: &Block, place: &mut Place) -> Result<Result<(), BlockReadError>, Full> {
        let unknown = match self.read_heads(block, place) {
            Ok(unknown) => unknown,
            Err(error) => return Ok(Err(error)),
        };
        let ranges: Vec<_> =
            unknown.rows.chunk_by(|a, b| a + 1 == *b).map(|rows| rows[0]..rows[rows.len() - 1] + 1).collect();
        if ranges.is_empty() {
            return Ok(Ok(()));
        }
        let batches = match block.read(&ranges, &Description::COLUMNS, AttributeKeys::All) {
            Ok(batches) => batches,
            Err(error) => return Ok(Err(error)),
        };
        for batch in batches {
            match batch {
                Ok(batch) => self.describe(&batch)?,
                Err(error) => return Ok(Err(error)),
            }
        }
        self.note(&unknown, place);
        Ok(Ok(()))
    }

    fn read_heads(&self, block: &Block, place: &mut Place) -> Result<Unknown, BlockReadError> {
        let rows = 0..u32::try_from(block.meta().rows).unwrap_or(u32::MAX);
        let (mut unknown, mut first) = (Unknown::default(), 0);
        for batch in block.read(&[rows], &DescriptionHeads::COLUMNS, AttributeKeys::All)? {
            let batch = batch?;
            self.tenant.read().note_known(&batch, first, place, &mut unknown);
            first += u32::try_from(batch.num_rows()).unwrap_or_default();
        }
        Ok(unknown)
    }

    /// Takes rows of which most are not known.
    fn describe(&self, batch: &RecordBatch) -> Result<(), Full> {
        self.tenant.change(|held| {
            for description in Description::all_of(batch) {
                if held.index.known(description.head.key).is_none() {
                    held.index.describe(&description);
                    if held.index.bytes() > self.config.series_index_bytes_max {
                        return Err(Full);
                    }
                }
            }
            // Others may ask between two batches.
            held.index.settle();
            Ok(())
        })
    }

    /// Notes what was not known and is now.
    fn note(&self, unknown: &Unknown, place: &mut Place) {
        let held = self.tenant.read();
        for (key, hour) in &unknown.hours {
            if let Some(known) = held.index.known(*key) {
                place.note(*hour, known.iter());
            }
        }
    }

    fn too_many(&self) -> QueryError {
        let max = self.config.series_index_bytes_max >> 20;
        QueryError::new(
            QueryErrorKind::LimitExceeded,
            format!("the time range has more series than fit into the {max} MiB of the series index"),
            "ask for a shorter time range, or raise query.series_index_bytes_max",
        )
    }
}

/// The index has no room.
struct Full;

/// The index has no room for the first of the wanted places, of which these are.
struct Overfull<'a> {
    places: &'a [PlaceSource],
}

impl PlaceSource {
    fn key(&self) -> PlaceKey {
        match self {
            Self::Block(block) => Arc::as_ptr(block) as PlaceKey,
            Self::Batch(batch) => Arc::as_ptr(batch) as PlaceKey,
        }
    }

    fn downgrade(&self) -> WeakSource {
        match self {
            Self::Block(block) => WeakSource::Block(Arc::downgrade(block)),
            Self::Batch(batch) => WeakSource::Batch(Arc::downgrade(batch)),
        }
    }
}

impl WeakSource {
    fn is_there(&self) -> bool {
        match self {
            Self::Block(block) => block.strong_count() > 0,
            Self::Batch(batch) => batch.strong_count() > 0,
        }
    }
}

/// The blocks and batches that describe points of the range's hours.
fn places_of(view: &View, range: TimeRange) -> Vec<PlaceSource> {
    let end_of_hour = |time: UnixNanos| UnixNanos::new(time.hour().get().saturating_add(HOUR_NANOS - 1));
    let (snapshot, tenant) = (&view.snapshot, &view.tenant);
    let blocks: Vec<&Arc<Block>> = snapshot
        .blocks(tenant, Table::Series)
        .iter()
        .filter(|block| range.overlaps(block.meta().min_time.hour(), end_of_hour(block.meta().max_time)))
        .collect();
    let is_of_range = |batch: &&Arc<RecordBatch>| {
        let times = DescriptionHeads::of(batch).and_then(DescriptionHeads::times);
        times.is_some_and(|(first, last)| range.overlaps(first.hour(), end_of_hour(last)))
    };
    let live: Vec<&Arc<RecordBatch>> = snapshot.live(tenant, Table::Series).filter(is_of_range).collect();
    let rows_live = live.iter().map(|batch| batch.num_rows() as u64).sum();
    let read = blocks.iter().map(|block| &block.meta().id);
    view.tally.scan(Table::Series, rows_live, snapshot.blocks(tenant, Table::Series).len(), read);
    let blocks = blocks.into_iter().map(|block| PlaceSource::Block(Arc::clone(block)));
    blocks.chain(live.into_iter().map(|batch| PlaceSource::Batch(Arc::clone(batch)))).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
