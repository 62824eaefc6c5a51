//! The body of `GET /api/v1/services`.

use protocol::{Coverage, ServiceSummary, ServicesAnswer};
use query::{Service, ServicesFound};

/// The services, by name.
pub(crate) fn services_answer(found: &ServicesFound, coverage: Coverage) -> ServicesAnswer {
    ServicesAnswer { services: found.services.iter().map(summary).collect(), coverage }
}

fn summary(service: &Service) -> ServiceSummary {
    ServiceSummary {
        service: service.key.name.clone(),
        namespace: service.key.namespace.clone(),
        environment: service.key.environment.clone(),
        squad: service.squad.clone(),
        instances: service.instances,
        requests: service.requests,
        errors: service.errors,
        duration_p50_ns: service.durations.map(|(p50, _)| p50),
        duration_p99_ns: service.durations.map(|(_, p99)| p99),
        spans: service.spans,
        logs: service.logs,
        error_logs: service.error_logs,
        series: service.series,
        last_seen: service.last_seen.to_string(),
    }
}
