//! Spans in, story out: puts the spans of one trace in their places, and keeps a ledger of every change it made.
//!
//! The spans of a trace come from many processes, in any order, by any clock; some are missing, some came twice.
//! [`stitch`] makes one [`Story`] of them: the rows of a waterfall from top to bottom and one [`Repair`] for each
//! change, with its evidence and confidence; a [`Remark`] says what looks wrong and was left, as the evidence was not
//! enough. [`arrange`] shows what arrived instead, untouched.
//!
//! Log records that name the trace ([`Trace`]) and what is known from outside of it ([`Surroundings`]) make the story
//! better ([`stitch_within`]): how far the clocks
//! of hosts are apart ([`Offsets`]), which service had an address ([`AddressBook`]), who usually calls an operation
//! ([`UsualCallers`]). The last and the first are learnt from traces.
//!
//! What a story waited for is its critical path ([`critical_paths`]); where the time of many traces of one operation
//! goes, and in what the slow or failing ones differ, say [`profile_time`] and [`compare_attributes`].
//!
//! What of a trace goes into the graph of services are its [`calls`]: who asked whom, how it went, where errors began.
//! Where work goes on in another trace, through a queue or along a link, is a [`Hop`] of a journey ([`hops`]).
//!
//! # How
//!
//! ```text
//! spans ─► arrivals ─────► nodes ─────────────► order ─► rows
//!          which copies    parent links          depth-first
//!          are shown       │
//!          │               ├ cycles              cut above the earliest span
//!          │               ├ late_root           shown from its earliest child's start
//!          │               ├ clock_skew          all spans of a host moved together
//!          ├ duplicates    ├ missing_parent      a phantom for each absent parent
//!          └ shared_ids    ├ negative_duration   no length, at the start
//! log records ─────────────► └ log_only_service    a row for each                 ─► repairs, remarks
//! ```
//!
//! 1. *Copies.* Copies are grouped by span id. The newest is shown. A client and a server copy of different services
//!    are the two sides of one call (Zipkin gives them one id), so both are shown, the server's below the client's.
//! 2. *Links.* Each shown span is linked to the span it names. Where an id is shared, a child that began in the
//!    client's process hangs on the client side, every other on the server side.
//! 3. *Cycles.* Parents are followed from every span; a walk that meets itself has found a ring.
//! 4. *Late roots.* A root is not later than what is directly below it and by the same clock.
//! 5. *Clocks.* The story is told by the clock of the root's host. Other hosts are moved by their offsets: what calls of
//!    many traces agree on or, where these say nothing, what this trace's calls do.
//! 6. *Missing parents.* Spans that name one absent id share one phantom, which is the top of its own tree: where it
//!    hung is known to nobody. Its service is the one in whose process a child began, or that had the address from
//!    which a child was called, or that usually calls what a child is.
//! 7. *Services that only logged.* Each has one row, from its first log record to its last: below the span that these
//!    name or, if they name none that is shown, below the top in whose time they lie.
//! 8. *Order.* Depth-first, siblings by start and then span id.
//!
//! # Invariants
//!
//! - No I/O, no clock, no recursion, and no panic: 100 000 spans in one chain, one id 1 000 times, cycles, and times at
//!   the ends of `i64` are ordinary input. Time is O(n log n), memory O(n); text in the ledger is bounded per repair.
//! - In the raw view every copy has exactly one row. In the stitched view every span id that arrived has exactly one
//!   row, a shared id two, and every absent parent one; every service that only logged has one, too.
//! - A parent's row comes before its children's, and a row's depth is its parent's plus one.
//! - Nothing is changed without a repair, and a clean trace has none. Several roots are not a fault.
//! - Spans of one host are not moved against each other (only a late root's bar begins earlier), and a span that nobody
//!   waits for is not moved into its parent.
//! - Confidence is measured: `tests/simulator` damages traces of which it knows the truth, and `tests/score.rs` holds
//!   repairs against that.
//! - A critical path covers each instant of its top's time once.
//! - The story and the calls depend on what arrived and when, not on the order in which the copies are given.

mod peer;
mod sampling;
mod span;
mod trace;

mod marks;
mod repair;
mod remark;
mod clock_shift;
mod story;

mod address_book;
mod clock;
mod usual_callers;
mod surroundings;

mod arrivals;
mod forest;

mod clock_skew;
mod cycles;
mod duplicates;
mod missing_parent;
mod phantom_service;
mod negative_duration;
mod shared_ids;
mod late_root;
mod log_only_service;

mod confidence;
mod evidence;
mod order;

mod raw;
mod plain;
mod stitched;

mod critical_path;

mod comparison;

mod calls;
mod journey;

pub use address_book::{ADDRESSES_MAX, AddressBook, HOLDERS_MAX, Holder};
pub use calls::{Call, Node, NodeKind, Sides, calls};
pub use clock::{
    Bounds, Exchange, HOST_BYTES_MAX, OFFSET_WINDOW_NANOS, OFFSET_WINDOWS_MAX, Offset, OffsetWindow, Offsets,
};
pub use clock_shift::{ClockShift, ShiftSource};
pub use comparison::{
    AttributeDifference, Comparison, Contrast, DurationBand, OperationProfile, TimeProfile, TraceSample,
    compare_attributes, profile_time,
};
pub use critical_path::{CriticalPath, OperationTime, PathSpan, Section, critical_path, critical_paths};
pub use journey::{
    Hop, HopEnd, HopKind, Link, MessageKey, Messaging, Queue, Role, SpanRef, Stop, connected, depths, hops,
};
pub use marks::{Mark, Marks};
pub use peer::{
    DATABASE_KEYS, DATABASE_SYSTEM_KEYS, PEER_ADDRESS_KEYS, PEER_KEYS, PEER_SERVICE_KEYS, Peer, QUEUE_KEYS,
    QUEUE_OPERATION_KEYS, QUEUE_SYSTEM_KEYS,
};
pub use plain::is_plain;
pub use raw::arrange;
pub use remark::{Remark, RemarkReason};
pub use repair::{Repair, RepairKind};
pub use sampling::sampling_weight;
pub use span::{HOST_KEYS, SpanInput, SpanKind};
pub use stitched::{stitch, stitch_within};
pub use story::{Row, Source, Story};
pub use surroundings::{ONE_TRACE_SKEW_NS_MAX, ONE_TRACE_SKEW_NS_MIN, Surroundings};
pub use trace::{LogMention, Trace};
pub use usual_callers::{CALLERS_MAX, OPERATIONS_MAX, UsualCaller, UsualCallers};
