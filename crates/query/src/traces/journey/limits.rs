//! How far a journey is followed. What lies beyond is named in the answer.

use model::TEXT_QUERY_TERMS_MAX;

use crate::config::TRACE_SPANS_MAX;

/// Traces that are told. An order goes through a handful; a batch of hundreds is one hop each.
pub const JOURNEY_TRACES_MAX: usize = 64;

/// Spans of all its traces that are read: as many as of one trace.
pub const JOURNEY_SPANS_MAX: usize = TRACE_SPANS_MAX;

/// Links of one trace that are followed, each way, and spans of it that hops may begin or end at.
pub const JOURNEY_LINKS_PER_TRACE_MAX: usize = 1_000;

/// Hops from the trace asked for to the farthest that is read.
pub const JOURNEY_DEPTH_MAX: u32 = 16;

/// Hops that are told.
pub const JOURNEY_HOPS_MAX: usize = 10_000;

/// Traces that are looked for, also where nothing of them is stored: links may lead to nowhere.
pub(super) const TRACES_SOUGHT_MAX: usize = 1_000;

/// Traces that are named without being told: missing ones as well as those not followed.
pub(super) const TRACES_NAMED_MAX: usize = 1_000;

/// Searches for messages of which no link tells. Each goes over the spans of all time, as far as indexes do not rule
/// them out.
pub(super) const MESSAGE_SEARCHES_MAX: usize = 8;

/// Messages that one search is about.
pub(super) const MESSAGES_PER_SEARCH_MAX: usize = 32;

/// Texts of stops that are longer tell nothing: ids and names of queues are not.
pub(super) const STOP_TEXT_BYTES_MAX: usize = 256;

const _: () = assert!(MESSAGES_PER_SEARCH_MAX * super::messages::FIELDS <= TEXT_QUERY_TERMS_MAX);
