//! The bodies of `GET /api/v1/repairs` and `GET /api/v1/clocks`.

use protocol::{ClockPair, ClockPoint, ClocksAnswer, Coverage, RepairSeries, RepairsAnswer};
use query::{ClockHistory, RepairHistory};

/// Repairs over time.
pub(crate) fn repairs_answer(found: &RepairHistory, coverage: Coverage) -> RepairsAnswer {
    let series = found.series.iter().map(|series| RepairSeries {
        kind: series.kind.clone(),
        service: series.service.clone(),
        host: series.hosts.as_ref().map(|(host, _)| host.clone()),
        reference_host: series.hosts.as_ref().map(|(_, reference)| reference.clone()),
        repairs: series.repairs,
        by_bucket: series.by_bucket.clone(),
        shift_ns_mean: series.shift_ns_mean,
        confidence_mean: series.confidence_mean,
    });
    RepairsAnswer {
        from: found.range.from.to_string(),
        to: found.range.to.to_string(),
        bucket_ns: found.bucket_ns,
        series: series.collect(),
        coverage,
    }
}

/// Offsets of clocks over time.
pub(crate) fn clocks_answer(found: &ClockHistory, coverage: Coverage) -> ClocksAnswer {
    let point = |point: &query::ClockPoint| ClockPoint {
        time: point.time.to_string(),
        offset_ns: point.offset_ns,
        error_ns: point.error_ns,
        calls: point.calls,
        confidence: point.confidence,
        is_apart: point.is_apart,
    };
    let pairs = found.pairs.iter().map(|pair| ClockPair {
        host: pair.host.clone(),
        other_host: pair.other_host.clone(),
        points: pair.points.iter().map(point).collect(),
    });
    ClocksAnswer { pairs: pairs.collect(), coverage }
}
