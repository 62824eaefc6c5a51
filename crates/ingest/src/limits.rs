//! What one request may make us hold. Each limit is enforced here and nowhere else configured.
//!
//! What is cut is kept with a mark ([`model::Mark`]); only what would break the process is refused.

use model::VALUE_DEPTH_MAX;

/// Longest text or bytes value that is kept, in bytes: bodies, attribute values, keys, names, messages.
///
/// What is longer is cut on a character boundary: marked `cut_body` where it is the record's own text (body, name,
/// message), `cut_attribute` where it belongs to attributes, resource, scope or metric. A stack trace or a dumped
/// request fits; a core dump does not.
pub(crate) const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Attributes kept per record, resource, scope, event, link, exemplar and metric. The rest is counted as dropped.
/// SDKs stop at 128; ten times that is a bug of the sender, and a set is scanned linearly when read.
pub(crate) const ATTRIBUTES_MAX: usize = 1_000;

/// Bytes of the attributes of a resource or a scope, on the wire, that are kept. The rest is counted as dropped.
///
/// They are read once and stand in each row: a mebibyte of them before a hundred thousand records of two bytes would have
/// blocks of a hundred gigabytes written. A resource has about one KiB; a command line with a class path ten.
pub(crate) const SHARED_SET_BYTES_MAX: usize = 64 * 1024;

/// Longest name, version, unit, description or schema URL, for the same reason. What is longer is cut and marked.
pub(crate) const SHARED_TEXT_BYTES_MAX: usize = 4 * 1024;

/// How deep lists and maps may nest on the wire before the request is refused.
/// Between [`VALUE_DEPTH_MAX`] and this a value is cut; beyond, reading it would endanger the stack.
pub(crate) const WIRE_DEPTH_MAX: usize = 100;

/// How deep groups (which OTLP never uses) may nest while they are skipped. What prost and Go allow, too.
pub(crate) const GROUP_DEPTH_MAX: usize = 100;

/// How deep objects and arrays may nest in JSON. serde_json stops at 128 with an error that has no kind of its own.
pub(crate) const JSON_DEPTH_MAX: usize = 120;

/// Rows that one request may become: records, and the events, links and exemplars that hang on them.
/// An empty record is two bytes on the wire but half a KiB of columns, so that a body alone bounds nothing.
/// SDKs send hundreds, collectors thousands.
pub(crate) const ROWS_MAX: usize = 250_000;

/// Memory that a row takes at most beside the bytes of its values, in bytes: two or three dozen columns of up to 16 bytes,
/// some of them doubled because a column that is full moves to twice the room.
pub(crate) const ROW_BYTES: usize = 512;

/// Longest body, in bytes, after decompression. Receivers stop far below (64 MiB); this one keeps every
/// offset of a list column inside its 32 bits, whoever calls.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Buckets of one side of an exponential histogram. SDKs use 160; more than this is a damaged or hostile point,
/// and every reader would have to expand it.
pub(crate) const EXP_BUCKETS_MAX: usize = 16_384;

const _: () = assert!(VALUE_DEPTH_MAX < WIRE_DEPTH_MAX, "values are cut before the request is refused");
const _: () = assert!(BODY_BYTES_MAX < i32::MAX as usize, "offsets of list columns are 32 bits, signed");
