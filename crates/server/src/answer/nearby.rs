//! The bodies of `GET /api/v1/traces/{trace_id}/nearby` and `GET /api/v1/exemplars`.

use model::Value;
use protocol::{Coverage, Exemplar, ExemplarsAnswer, NearbyAnswer, NearbyMetric, NearbyPod};
use query::{ExemplarRow, ExemplarsFound, NearbyFound};

use super::json_value::{json_attributes, json_value};
use super::log_records::log_record;

/// What lies around a trace.
pub(crate) fn nearby_answer(found: &NearbyFound, coverage: Coverage) -> NearbyAnswer {
    NearbyAnswer {
        trace_id: found.trace_id.to_string(),
        pods: found.pods.iter().map(pod).collect(),
        exemplars: found.exemplars.iter().map(exemplar).collect(),
        coverage,
    }
}

/// Exemplars of a metric.
pub(crate) fn exemplars_answer(found: &ExemplarsFound, coverage: Coverage) -> ExemplarsAnswer {
    ExemplarsAnswer { exemplars: found.exemplars.iter().map(exemplar).collect(), coverage }
}

fn pod(pod: &query::NearbyPod) -> NearbyPod {
    NearbyPod {
        service: pod.service.clone(),
        pod: pod.pod.clone(),
        from: pod.from.to_string(),
        to: pod.to.to_string(),
        logs: pod.logs.iter().map(log_record).collect(),
        logs_cut: pod.logs_cut,
        metrics: pod.metrics.iter().map(metric).collect(),
        metrics_cut: pod.metrics_cut,
    }
}

fn metric(metric: &query::NearbyMetric) -> NearbyMetric {
    // JSON has no word for what is not a number or infinite.
    let value = |of: fn(&query::ValueRange) -> f64| metric.values.as_ref().map(of).filter(|value| value.is_finite());
    NearbyMetric {
        name: metric.name.clone(),
        unit: metric.unit.clone(),
        kind: metric.kind.clone(),
        series: metric.series,
        points: metric.points,
        min: value(|values| values.min),
        max: value(|values| values.max),
        last: value(|values| values.last),
    }
}

fn exemplar(row: &ExemplarRow) -> Exemplar {
    Exemplar {
        time: row.time.to_string(),
        metric: row.metric.clone(),
        unit: row.unit.clone(),
        service: row.service.clone(),
        value: (row.value != Value::Null).then(|| json_value(&row.value)),
        trace_id: row.trace_id.map(|id| id.to_string()),
        span_id: row.span_id.map(|id| id.to_string()),
        labels: json_attributes(&row.labels),
        attributes: json_attributes(&row.attributes),
    }
}
