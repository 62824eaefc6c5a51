//! What a span, a log record and a metric point *are* in Nunchi. No I/O, no serde, no clock.

mod ids;
mod time;
mod value;

pub use ids::{IdError, SpanId, TraceId, hex};
pub use time::{DurationError, HOUR_NANOS, TimeError, TimeRange, UnixNanos, parse_duration};
pub use value::Value;
