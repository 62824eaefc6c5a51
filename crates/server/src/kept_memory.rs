//! Memory that is free, and that the allocator still keeps from the system.
//!
//! It keeps what is given back to it, since most of that is asked for again soon, and fresh pages cost time. It looks for
//! what it has kept for too long when a thread runs out of small pages, which requests with large values do not bring
//! about: they left 330 MiB kept beside 210 MiB in use. So where memory becomes scarce, it is told to let go.

/// From this share of `memory_max` on, what is kept is given back: below it, it makes things faster and nobody wants it.
const SCARCE_FROM: u64 = 2;

/// What is resident grows by this share of `memory_max` before it is looked for again, so that where so much is in use,
/// it is not looked for all the time and in vain.
const GROWTH: u64 = 16;

const _: () = assert!(SCARCE_FROM < GROWTH, "what is kept beside what is in use is little of what may be taken");

/// Says when the allocator is to let go.
#[derive(Debug)]
pub(crate) struct KeptMemory {
    scarce_from: u64,
    growth: u64,
    /// Resident bytes from which on it is to let go.
    next: u64,
}

impl KeptMemory {
    /// For a server that means to stay within so many bytes.
    pub(crate) fn new(memory_max: u64) -> Self {
        let scarce_from = memory_max / SCARCE_FROM;
        Self { scarce_from, growth: memory_max / GROWTH, next: scarce_from }
    }

    /// Whether the allocator is to let go, with so many bytes resident.
    pub(crate) fn is_due(&mut self, resident: u64) -> bool {
        // What has shrunk by itself may not grow as far again.
        self.next = self.next.min(self.after(resident));
        resident >= self.next
    }

    /// It has let go, and so many bytes are resident still.
    pub(crate) fn has_let_go(&mut self, resident: u64) {
        self.next = self.after(resident);
    }

    fn after(&self, resident: u64) -> u64 {
        self.scarce_from.max(resident.saturating_add(self.growth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_let_go_of_when_memory_is_scarce_and_again_when_it_has_grown() {
        let mut kept = KeptMemory::new(1_600);
        let mut check = |resident, expected| assert_eq!(kept.is_due(resident), expected, "{resident}");
        check(0, false);
        check(799, false);
        check(800, true);
        // Not yet done.
        check(850, true);
        kept.has_let_go(790);
        let mut check = |resident, expected| assert_eq!(kept.is_due(resident), expected, "{resident}");
        check(889, false);
        check(890, true);
        kept.has_let_go(1_200);
        let mut check = |resident, expected| assert_eq!(kept.is_due(resident), expected, "{resident}");
        check(1_299, false);
        check(1_000, false);
        check(1_100, true);
        check(0, false);
        check(800, true);
        kept.has_let_go(u64::MAX);
        assert!(kept.is_due(u64::MAX));
    }
}
