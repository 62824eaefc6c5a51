//! Number points: what pods measure about themselves, scraped every 15 seconds.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric, number_data_point,
};
use prost::Message;

use super::RECORDS_PER_REQUEST;
use super::attribute::text;
use super::dice::Dice;
use super::fleet::Fleet;

/// Pods whose points one request carries.
const PODS_PER_REQUEST: u64 = 2;

/// Series of every pod.
const SERIES_PER_POD: u64 = RECORDS_PER_REQUEST / PODS_PER_REQUEST;

/// From one round of scraping to the next.
const ROUND_NANOS: u64 = 15_000_000_000;

/// How a metric's values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Rises by whole numbers.
    Counter,
    /// Rises by fractions.
    Seconds,
    /// Goes up and down in whole numbers.
    Level,
    /// Goes up and down between 0 and 1.
    Ratio,
}

/// One metric: name, unit, shape, and its attributes with all their values. Its series are all combinations.
type Catalogued = (&'static str, &'static str, Shape, &'static [(&'static str, &'static [&'static str])]);

const METHODS: &[&str] = &["GET", "POST", "DELETE"];
const ROUTES: &[&str] = &[
    "/api/v1/cart",
    "/api/v1/cart/{id}",
    "/api/v1/orders",
    "/api/v1/orders/{id}",
    "/api/v1/products",
    "/api/v1/products/{sku}",
    "/api/v1/payments",
    "/api/v1/users/{id}",
];
const PEERS: &[&str] =
    &["web", "checkout", "payment", "inventory", "shipping", "recommendation", "search", "orders-db-proxy"];
const TABLES: &[&str] = &[
    "orders",
    "order_items",
    "customers",
    "payments",
    "stock",
    "products",
    "views",
    "shipments",
    "refunds",
    "sessions",
];
const QUEUES: &[&str] = &[
    "orders-accepted",
    "orders-paid",
    "orders-shipped",
    "orders-returned",
    "stock-changed",
    "stock-low",
    "payments-declined",
    "payments-settled",
    "mail-outgoing",
    "mail-bounced",
    "search-reindex",
    "views-recorded",
];
const CPUS: &[&str] = &["cpu0", "cpu1", "cpu2", "cpu3", "cpu4", "cpu5", "cpu6", "cpu7"];
const STATES: &[&str] = &["user", "system", "idle", "iowait", "nice", "softirq", "interrupt", "steal"];

const CATALOGUE: &[Catalogued] = &[
    (
        "http.server.requests",
        "{request}",
        Shape::Counter,
        &[("http.method", METHODS), ("http.route", ROUTES), ("http.status_code", &["200", "201", "404", "429", "500"])],
    ),
    (
        "http.server.request.time",
        "s",
        Shape::Seconds,
        &[("http.method", METHODS), ("http.route", ROUTES), ("network.protocol.version", &["1.1"])],
    ),
    (
        "rpc.client.calls",
        "{call}",
        Shape::Counter,
        &[
            ("server.address", PEERS),
            ("rpc.method", &["Get", "List", "Create", "Update", "Delete"]),
            ("rpc.status", &["OK", "UNAVAILABLE", "NOT_FOUND", "DEADLINE_EXCEEDED"]),
        ],
    ),
    (
        "db.client.operations",
        "{operation}",
        Shape::Counter,
        &[
            ("db.collection.name", TABLES),
            ("db.operation.name", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
            ("outcome", &["ok", "error"]),
        ],
    ),
    (
        "db.client.connection.count",
        "{connection}",
        Shape::Level,
        &[
            ("db.client.connection.pool.name", &["orders-rw", "orders-ro", "stock-rw", "stock-ro"]),
            ("db.client.connection.state", &["idle", "used"]),
        ],
    ),
    ("system.cpu.utilization", "1", Shape::Ratio, &[("cpu", CPUS), ("system.cpu.state", STATES), ("mode", &["host"])]),
    (
        "cache.requests",
        "{request}",
        Shape::Counter,
        &[
            ("cache.name", &["product", "session", "price", "stock", "user", "image"]),
            ("cache.result", &["hit", "miss"]),
        ],
    ),
    (
        "system.network.io",
        "By",
        Shape::Counter,
        &[
            ("network.interface.name", &["eth0", "eth1", "lo", "cni0"]),
            ("network.io.direction", &["receive", "transmit"]),
        ],
    ),
    (
        "messaging.queue.depth",
        "{message}",
        Shape::Level,
        &[("messaging.destination.name", QUEUES), ("messaging.priority", &["high", "normal"])],
    ),
];

pub(crate) fn body(fleet: &Fleet, start: u64, request: u64) -> Vec<u8> {
    let pods = fleet.pods().len() as u64;
    let resource_metrics = (0..PODS_PER_REQUEST).map(|place| {
        let scrape = request * PODS_PER_REQUEST + place;
        let (pod, round) = (scrape % pods, scrape / pods);
        let mut series = pod * SERIES_PER_POD;
        let metrics = CATALOGUE.iter().map(|catalogued| {
            let points: Vec<NumberDataPoint> = (0..combinations(catalogued))
                .map(|combination| point(catalogued, combination, start, (series + combination, round)))
                .collect();
            series += points.len() as u64;
            metric(catalogued, points)
        });
        let scope = InstrumentationScope { name: "app.metrics".to_owned(), ..InstrumentationScope::default() };
        let scope_metrics =
            vec![ScopeMetrics { scope: Some(scope), metrics: metrics.collect(), ..ScopeMetrics::default() }];
        let resource = Some(fleet.pods()[pod as usize].resource.clone());
        ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }
    });
    ExportMetricsServiceRequest { resource_metrics: resource_metrics.collect() }.encode_to_vec()
}

fn combinations((.., attributes): &Catalogued) -> u64 {
    attributes.iter().map(|(_, values)| values.len() as u64).product()
}

fn metric((name, unit, shape, _): &Catalogued, data_points: Vec<NumberDataPoint>) -> Metric {
    let data = match shape {
        Shape::Counter | Shape::Seconds => {
            metric::Data::Sum(Sum { data_points, aggregation_temporality: 2, is_monotonic: true })
        }
        Shape::Level | Shape::Ratio => metric::Data::Gauge(Gauge { data_points }),
    };
    Metric { name: (*name).to_owned(), unit: (*unit).to_owned(), data: Some(data), ..Metric::default() }
}

fn point(catalogued: &Catalogued, combination: u64, start: u64, (series, round): (u64, u64)) -> NumberDataPoint {
    let (_, _, shape, attributes) = catalogued;
    let mut rest = combination;
    let attributes = attributes.iter().map(|(key, values)| {
        let value = values[(rest % values.len() as u64) as usize];
        rest /= values.len() as u64;
        text(key, value)
    });
    // Each pod is scraped at its own moment of the round.
    let jitter = Dice::new("scrape", series / SERIES_PER_POD * 1_000_000 + round).below(20_000_000);
    let moment = series / SERIES_PER_POD * (ROUND_NANOS / 64) + jitter;
    NumberDataPoint {
        attributes: attributes.collect(),
        start_time_unix_nano: if matches!(shape, Shape::Counter | Shape::Seconds) { start } else { 0 },
        time_unix_nano: start + round * ROUND_NANOS + moment,
        value: Some(value(*shape, series, round)),
        ..NumberDataPoint::default()
    }
}

fn value(shape: Shape, series: u64, round: u64) -> number_data_point::Value {
    let mut of_series = Dice::new("series", series);
    // Half of all counters stand still most of the time.
    let rate = if of_series.happens(50) { 0 } else { 1 + of_series.skewed(500) };
    let mut of_point = Dice::new("value", series << 24 | round);
    let risen = round * rate + of_point.below(rate + 1);
    match shape {
        Shape::Counter => number_data_point::Value::AsInt(risen as i64),
        Shape::Seconds => number_data_point::Value::AsDouble(risen as f64 * 0.013_7),
        Shape::Level => number_data_point::Value::AsInt((rate / 4 + of_point.skewed(20)) as i64),
        Shape::Ratio => number_data_point::Value::AsDouble(of_point.below(1 << 40) as f64 / (1_u64 << 41) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_fills_a_pod() {
        assert_eq!(CATALOGUE.iter().map(combinations).sum::<u64>(), SERIES_PER_POD);
    }
}
