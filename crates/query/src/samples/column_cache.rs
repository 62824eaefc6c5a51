//! Decoded columns of stretches that are kept, as long as there is room: those that were asked for last.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::place::PlaceId;

/// Where what is kept comes from: never anything else again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct StretchKey {
    pub(super) place: PlaceId,
    /// Of the stretches of that place.
    pub(super) number: u32,
}

/// What may be kept.
pub(super) trait Keep: Send + Sync + 'static {
    /// Bytes in memory, about.
    fn bytes(&self) -> usize;
}

/// Columns by stretch and type.
pub(super) struct ColumnCache {
    bytes_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: usize,
    /// Counts questions for a column.
    clock: u64,
    columns: HashMap<(StretchKey, TypeId), Entry>,
}

struct Entry {
    column: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    /// When it was last asked for.
    used: u64,
}

/// What an entry takes beside its column.
const ENTRY_BYTES: usize = 256;

impl fmt::Debug for ColumnCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnCache").field("bytes_max", &self.bytes_max).finish_non_exhaustive()
    }
}

impl ColumnCache {
    /// Empty, and never above so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, kept: Mutex::default() }
    }

    /// The column of the stretch: kept, or made now. Two that ask at once may both make it.
    pub(super) fn get_or<C: Keep, E>(
        &self,
        key: &StretchKey,
        make: impl FnOnce() -> Result<C, E>,
    ) -> Result<Arc<C>, E> {
        let key = (key.clone(), TypeId::of::<C>());
        if let Some(column) = self.get(&key) {
            return Ok(column);
        }
        let column = Arc::new(make()?);
        self.keep(key, &column);
        Ok(column)
    }

    fn get<C: Keep>(&self, key: &(StretchKey, TypeId)) -> Option<Arc<C>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let entry = kept.columns.get_mut(key)?;
        entry.used = now;
        Arc::clone(&entry.column).downcast().ok()
    }

    fn keep<C: Keep>(&self, key: (StretchKey, TypeId), column: &Arc<C>) {
        let bytes = column.bytes().saturating_add(ENTRY_BYTES);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > self.bytes_max || kept.columns.contains_key(&key) {
            return;
        }
        if kept.bytes + bytes > self.bytes_max {
            kept.shrink((self.bytes_max - bytes).min(self.bytes_max / 8 * 7));
        }
        let used = kept.clock;
        kept.bytes += bytes;
        kept.columns.insert(key, Entry { column: Arc::clone(column) as Arc<dyn Any + Send + Sync>, bytes, used });
    }
}

impl Kept {
    /// Lets go of what was not asked for the longest, until so many bytes are left: some more than are needed, as all are
    /// looked at.
    fn shrink(&mut self, bytes_max: usize) {
        let mut by_age: Vec<(u64, usize)> = self.columns.values().map(|entry| (entry.used, entry.bytes)).collect();
        by_age.sort_unstable();
        let mut left = self.bytes;
        let mut oldest_kept = 0;
        for (used, bytes) in by_age {
            if left <= bytes_max {
                break;
            }
            left -= bytes;
            oldest_kept = used + 1;
        }
        self.columns.retain(|_, entry| entry.used >= oldest_kept);
        self.bytes = self.columns.values().map(|entry| entry.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::Numbers;
    use super::*;

    fn key(number: u32) -> StretchKey {
        StretchKey { place: PlaceId::Live(1), number }
    }

    /// Asks for stretches one after the other; returns which were made.
    fn made(cache: &ColumnCache, asked: &[u32]) -> Vec<u32> {
        let mut made = Vec::new();
        for number in asked {
            let make = || {
                made.push(*number);
                Ok::<_, ()>(Numbers::from(vec![f64::from(*number); 100]))
            };
            assert_eq!(cache.get_or(&key(*number), make).unwrap().values()[0], f64::from(*number));
        }
        made
    }

    #[test]
    fn what_is_kept_is_not_made_again_and_what_was_not_asked_for_the_longest_goes() {
        let each = Numbers::from(vec![0.0; 100]).bytes() + ENTRY_BYTES;
        let cache = ColumnCache::new(each * 16);
        let all: Vec<u32> = (0..16).collect();
        assert_eq!(made(&cache, &all), all);
        assert_eq!(made(&cache, &all), [0; 0]);
        assert_eq!(made(&cache, &[0, 16, 0]), [16]);
        assert_eq!(made(&cache, &[15, 1]), [1]);
        assert!(cache.kept.lock().unwrap().bytes <= each * 16);
        let none = ColumnCache::new(0);
        assert_eq!(made(&none, &[1, 1]), [1, 1]);
    }
}
