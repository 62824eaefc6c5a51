//! How sure each repair is. Estimates with their reasons, in one place, so that measuring them replaces numbers and
//! not code. The scale: at 0.9 and above, an operator may act on the repair without opening the raw view.

/// All copies agree: a sender or a proxy delivered one batch twice. Only attributes, which stitching does not see,
/// could still differ.
pub(crate) const DUPLICATE_AGREES: f64 = 0.99;

/// Copies differ in duration, status or name only: the span was sent while it ran, and again when it had ended.
pub(crate) const DUPLICATE_CONTINUES: f64 = 0.9;

/// Copies differ in what a span cannot change (parent, start, kind, service). They may be two spans whose ids
/// collided, in which case the older one is hidden wrongly.
pub(crate) const DUPLICATE_CONFLICTS: f64 = 0.5;

/// A client and a server span of two services under one id, with one parent or none on the server's side: exactly
/// what Zipkin's shared spans look like, and a collision of random ids in one trace is next to impossible.
pub(crate) const SHARED_SAME_PARENT: f64 = 0.97;

/// The same, but the two sides name different parents, which Zipkin's propagation does not do.
pub(crate) const SHARED_OTHER_PARENT: f64 = 0.7;

/// That a parent existed and these are its children is what the children say themselves. What remains is a
/// sender that invents parent ids.
pub(crate) const MISSING_PARENT: f64 = 0.98;

/// A span that is not the receiving side of a call starts in its parent's process, so its service is the parent's.
/// Wrong where a service takes over a remote context by hand without a server span.
pub(crate) const MISSING_PARENT_WITH_SERVICE: f64 = 0.9;

/// A span that names itself as its parent: senders that do so mean "no parent".
pub(crate) const CYCLE_OF_ONE: f64 = 0.9;

/// One link of the ring is false, and the earliest span is the likeliest to have had no parent in it; but its start
/// is read from a clock that may be off, and its true parent stays unknown.
pub(crate) const CYCLE_OF_MANY: f64 = 0.6;

/// The clock was set back while the span ran. Its start is kept, its true length is lost: zero is merely the
/// shortest that fits.
pub(crate) const NEGATIVE_DURATION: f64 = 0.5;
