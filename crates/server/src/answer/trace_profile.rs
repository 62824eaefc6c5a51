//! The body of `GET /api/v1/traces/profile`.

use protocol::{
    AttributeDifference, Contrast, Coverage, DurationBand, OperationShare, ProfileAnswer, ProfileExample,
    ProfileExamples,
};
use query::{ContrastFound, Difference, ProfileFound};

/// What was asked about, and what was found.
pub(crate) fn profile_answer(
    (service, operation): (String, String),
    found: &ProfileFound,
    coverage: Coverage,
) -> ProfileAnswer {
    let contrast = |of: stitch::Contrast| {
        found.contrasts.iter().find(|found| found.contrast == of).map(contrast).unwrap_or_default()
    };
    ProfileAnswer {
        service,
        operation,
        traces: found.traces as u64,
        p50: band(&found.p50),
        p99: band(&found.p99),
        operations: found.operations.iter().map(share).collect(),
        operations_left_out: found.operations_left_out as u64,
        slow: contrast(stitch::Contrast::Slow),
        failed: contrast(stitch::Contrast::Failed),
        examples: ProfileExamples {
            typical: found.typical.as_ref().map(example),
            slow: found.slow.as_ref().map(example),
            failed: found.failed.as_ref().map(example),
        },
        coverage,
    }
}

fn band(band: &stitch::DurationBand) -> DurationBand {
    let stitch::DurationBand { traces, duration_ns_min, duration_ns_max, duration_ns_mean } = *band;
    DurationBand { traces: traces as u64, duration_ns_min, duration_ns_max, duration_ns_mean }
}

fn share(share: &query::OperationShare) -> OperationShare {
    let query::OperationShare { service, operation, p50_self_ns, p50_share, p99_self_ns, p99_share } = share;
    OperationShare {
        service: service.clone(),
        operation: operation.clone(),
        p50_self_ns: *p50_self_ns,
        p50_share: *p50_share,
        p99_self_ns: *p99_self_ns,
        p99_share: *p99_share,
    }
}

fn contrast(found: &ContrastFound) -> Contrast {
    Contrast {
        suspects: found.suspects as u64,
        others: found.others as u64,
        differences: found.differences.iter().map(difference).collect(),
        differences_left_out: found.differences_left_out as u64,
        keys_of_many_values: found.keys_of_many_values.clone(),
        keys_left_out: found.keys_left_out,
    }
}

fn difference(found: &Difference) -> AttributeDifference {
    AttributeDifference {
        key: found.key.clone(),
        value: found.value.clone(),
        suspects: found.suspects as u64,
        others: found.others as u64,
        effect: found.effect,
        effect_min: found.effect_min,
    }
}

fn example(found: &query::ProfileExample) -> ProfileExample {
    ProfileExample {
        trace_id: found.trace_id.to_string(),
        span_id: found.span_id.to_string(),
        start_time: found.start.to_string(),
        duration_ns: found.duration_ns,
    }
}
