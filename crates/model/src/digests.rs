//! The columns of the digest tables: what is worked out of other rows when these are flushed, and kept beside them.
//!
//! Nobody sends these rows. They are as plain as all others: SQL reads them, blocks hold them. Their numbers add up: a span
//! that comes late makes rows that take back what was counted without it. So `sum` them, and do not count rows.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};

use crate::columns::{attributes, list, required_text, text, time, time_type, trace_id};

/// One row is what one caller asked of one operation of a callee in one minute.
///
/// - `time`: start of the minute in which the calls began, by the clock of who saw them.
/// - `caller_kind`, `caller_system`, `caller`: `service`, `database`, `queue` or `peer`; of a database or queue of what kind,
///   such as `postgresql`; its name. Null where nobody is known to have called: requests from outside, and work that a
///   service began by itself.
/// - `callee_kind`, `callee_system`, `callee`, `operation`: the same of who was called, and what it was asked for.
/// - `deployment_environment`: of the callee, or of the caller where only that was heard.
/// - `seen_by`: `both` sides, the `client` alone, or the `server` alone.
/// - `group_id`: xxh3-64 of all of these but the time.
/// - `seen`: calls of which spans arrived. `calls`, `errors`: how many these stand for, where senders sample and say so.
/// - `errors_begun`: errors that began in what was asked for, and not at something that it called. Some may have been dealt
///   with, so that the call did not fail.
/// - `duration_sum_ns`, `durations`: of the calls, weighted in the same way; see [`duration_bucket`].
pub(crate) fn calls_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            time("time"),
            text("deployment_environment"),
            text("caller_kind"),
            text("caller_system"),
            text("caller"),
            required_text("callee_kind"),
            text("callee_system"),
            required_text("callee"),
            required_text("operation"),
            required_text("seen_by"),
            Field::new("group_id", DataType::UInt64, false),
            Field::new("seen", DataType::Int64, false),
            Field::new("calls", DataType::Float64, false),
            Field::new("errors", DataType::Float64, false),
            Field::new("errors_begun", DataType::Float64, false),
            Field::new("duration_sum_ns", DataType::Float64, false),
            list("durations", DataType::Struct(duration_fields())),
        ]))
    });
    Arc::clone(&SCHEMA)
}

/// The fields of one of the `durations` of `calls`: a bucket, and how many calls are in it.
pub fn duration_fields() -> Fields {
    vec![Field::new("bucket", DataType::Int32, false), Field::new("calls", DataType::Float64, false)].into()
}

/// Buckets to each doubling of a duration: OpenTelemetry's exponential histogram of scale 4.
const BUCKETS_PER_DOUBLING: f64 = 16.0;

/// The bucket of a duration in nanoseconds: `i` for durations in (2^(i/16), 2^((i+1)/16)], as OpenTelemetry's exponential
/// histograms of scale 4 have it ("Exponential Scale"), and 0 for what takes no time. Neighbours differ by 4.4 %.
pub fn duration_bucket(duration_ns: i64) -> i32 {
    let nanos = duration_ns.max(1) as f64;
    // At most 63 doublings, so it fits.
    ((nanos.log2() * BUCKETS_PER_DOUBLING).ceil() as i32 - 1).max(0)
}

/// What a bucket stands for, in nanoseconds: the geometric middle of its bounds, at most 2.2 % from any of its durations.
pub fn duration_of_bucket(bucket: i32) -> f64 {
    ((f64::from(bucket) + 0.5) / BUCKETS_PER_DOUBLING).exp2()
}

/// One row is what was repaired in a trace for one cause, as it was stitched when spans of it were flushed.
///
/// - `time`: the earliest start of the spans that the repairs touch. `trace_id`: of the trace.
/// - `kind`: as in the ledger of a trace, such as `missing_parent`.
/// - `service`: whose fault it is: of a lost span, of a span that came twice, of the host whose clock is off; null where
///   that is not known. `services`: of all spans that it touches.
/// - `host`, `reference_host`, `shift_ns`, `error_ns`: of a clock: by how much `host` was moved to be by the other's clock.
/// - `spans`: how many these touch. `confidence`: their mean, 0 to 1.
/// - `weight`: how many repairs; below 0 it takes back an earlier row, as late spans made it needless.
/// - `group_id`: xxh3-64 of service and kind.
pub(crate) fn repairs_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            time("time"),
            trace_id(),
            required_text("kind"),
            text("service"),
            list("services", DataType::Utf8View),
            text("host"),
            text("reference_host"),
            Field::new("shift_ns", DataType::Int64, true),
            Field::new("error_ns", DataType::Int64, true),
            Field::new("spans", DataType::UInt32, false),
            Field::new("confidence", DataType::Float64, false),
            Field::new("weight", DataType::Int64, false),
            Field::new("group_id", DataType::UInt64, false),
        ]))
    });
    Arc::clone(&SCHEMA)
}

/// One row is what calls between two hosts said of their clocks in five minutes of receipt; several rows of one window add
/// up.
///
/// - `time`: start of the window. `host`, `other_host`: the two, the smaller name first.
/// - `calls`: that said something. `refused`: that contradict themselves.
/// - `bounds`: of calls that are kept, what they say of the clock of `other_host` less that of `host`.
/// - `group_id`: xxh3-64 of the two hosts.
pub(crate) fn clocks_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            time("time"),
            required_text("host"),
            required_text("other_host"),
            Field::new("calls", DataType::UInt64, false),
            Field::new("refused", DataType::UInt64, false),
            list("bounds", DataType::Struct(clock_bound_fields())),
            Field::new("group_id", DataType::UInt64, false),
        ]))
    });
    Arc::clone(&SCHEMA)
}

/// The fields of one of the `bounds` of `clocks`: when the call was received, and between what the offset then lies,
/// nanoseconds.
pub fn clock_bound_fields() -> Fields {
    vec![
        Field::new("at", time_type(), false),
        Field::new("lower_ns", DataType::Int64, false),
        Field::new("upper_ns", DataType::Int64, false),
    ]
    .into()
}

/// One row is one resource in one flush: that it was there, and how much it sent.
///
/// - `time`, `last_time`: of its first and last record. `spans`, `logs`, `series`: how many.
/// - the resource's columns as in `spans`.
pub(crate) fn sightings_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            time("time"),
            time("last_time"),
            text("service_name"),
            text("service_namespace"),
            text("deployment_environment"),
            Field::new("resource_id", DataType::UInt64, false),
            attributes("resource_attributes"),
            Field::new("spans", DataType::UInt64, false),
            Field::new("logs", DataType::UInt64, false),
            Field::new("series", DataType::UInt64, false),
        ]))
    });
    Arc::clone(&SCHEMA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_for_durations_within_a_fortieth() {
        for nanos in [1, 2, 3, 999, 1_000, 1_024, 123_456_789, 3_600_000_000_000, i64::MAX] {
            let stands_for = duration_of_bucket(duration_bucket(nanos));
            assert!((stands_for / nanos as f64 - 1.0).abs() < 0.025, "{nanos}: {stands_for}");
        }
        assert_eq!([i64::MIN, -1, 0, 1].map(duration_bucket), [0; 4]);
        // The upper bound is inside, as OpenTelemetry has it.
        assert_eq!((duration_bucket(1_024), duration_bucket(1_025)), (159, 160));
    }
}
