//! Prometheus remote write: requests, and the rows that they become.

use ingest::{Decoded, Encoding, Request, decode};
use model::Signal;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message;
use testkit::remote_write::{
    Exemplar1, Exemplar2, Histogram, Metadata1, Metadata2, Sample, Series1, Series2, Span, WriteRequest1,
    WriteRequest2, labels,
};

use crate::cases::check_text;
use crate::rows::RECEIVED;

const AT: i64 = 1_795_500_000_123;
const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

fn samples(values: &[f64]) -> Vec<Sample> {
    let sample = |(number, &value): (i64, &f64)| Sample { value, timestamp: AT + number, start_timestamp: 0 };
    (0..).zip(values).map(sample).collect()
}

fn decoded(encoding: Encoding, body: &[u8]) -> Result<Decoded, String> {
    let request = Request { signal: Signal::Metrics, encoding, body, received: RECEIVED };
    decode(&request).map_err(|error| error.to_string())
}

fn first_version() -> WriteRequest1 {
    let target = |name, rest: &[(&'static str, &'static str)]| {
        let mut all = vec![("__name__", name), ("instance", "10.0.0.7:9100"), ("job", "shop/cart")];
        all.extend_from_slice(rest);
        labels(&all)
    };
    let exemplar = |trace: &str| Exemplar1 {
        labels: labels(&[("trace_id", trace), ("span_id", "0102030405060708"), ("user", "7")]),
        value: 0.25,
        timestamp: AT,
    };
    let series = |labels, samples| Series1 { labels, samples, ..Series1::default() };
    let known = exemplar("0102030405060708090a0b0c0d0e0f10");
    WriteRequest1 {
        timeseries: vec![
            series(target("orders_total", &[("code", "200")]), samples(&[1.0, 2.5, STALE])),
            series(labels(&[("__name__", "up"), ("job", "node")]), samples(&[f64::NAN, f64::NEG_INFINITY])),
            Series1 {
                exemplars: vec![known.clone()],
                ..series(target("orders_total", &[("code", "500")]), samples(&[7.0]))
            },
            Series1 {
                exemplars: vec![exemplar("not an id")],
                ..series(target("orders_total", &[("code", "200")]), vec![])
            },
            series(labels(&[("__name__", "twice"), ("a", "1"), ("a", "2")]), samples(&[1.0, 2.0])),
            series(labels(&[("job", "nameless")]), samples(&[1.0])),
            series(
                labels(&[("__name__", "before.time"), ("empty", "")]),
                vec![
                    Sample { value: 1.0, timestamp: -1, start_timestamp: 0 },
                    Sample { value: 1.0, timestamp: 0, start_timestamp: 0 },
                ],
            ),
        ],
        metadata: vec![Metadata1 {
            kind: 1,
            family: "orders_total".to_owned(),
            help: "Orders taken.".to_owned(),
            unit: String::new(),
        }],
    }
}

fn second_version() -> WriteRequest2 {
    let symbols = ["", "__name__", "latency", "job", "api", "le", "Seconds it took.", "seconds", "trace_id"];
    let labels = vec![1, 2, 3, 4];
    let metadata = |kind| Some(Metadata2 { kind, help: 6, unit: 7 });
    let exponential = Histogram {
        count: 12,
        sum: 18.4,
        schema: 1,
        zero_threshold: 0.001,
        zero_count: 2,
        positive_spans: vec![Span { offset: 0, length: 2 }, Span { offset: 1, length: 2 }],
        positive_deltas: vec![1, 1, -1, 0],
        negative_spans: vec![Span { offset: -3, length: 1 }],
        negative_deltas: vec![5],
        timestamp: AT,
        start_timestamp: AT - 60_000,
        ..Histogram::default()
    };
    let custom = Histogram {
        count: 5,
        sum: 4.0,
        schema: -53,
        positive_spans: vec![Span { offset: 1, length: 2 }],
        positive_deltas: vec![2, 1],
        custom_values: vec![0.5, 1.0],
        timestamp: AT + 1,
        ..Histogram::default()
    };
    let ended = Histogram { sum: STALE, timestamp: AT + 2, ..Histogram::default() };
    let fraction = Histogram {
        count_float: 1.5,
        positive_spans: vec![Span { offset: 0, length: 1 }],
        positive_counts: vec![1.5],
        ..exponential.clone()
    };
    let gap = Histogram {
        positive_spans: vec![Span { offset: 0, length: 2 }, Span { offset: i32::MAX, length: 2 }],
        ..exponential.clone()
    };
    let unknown = Histogram { schema: 40, ..exponential.clone() };
    let counter = Sample { value: 3.0, timestamp: AT, start_timestamp: AT - 1_000 };
    WriteRequest2 {
        symbols: symbols.map(str::to_owned).to_vec(),
        timeseries: vec![
            Series2 { labels: labels.clone(), samples: vec![counter], metadata: metadata(1), ..Series2::default() },
            Series2 {
                labels: labels.clone(),
                histograms: vec![exponential, custom, ended, fraction, gap, unknown],
                exemplars: vec![Exemplar2 { labels: vec![8, 2], value: 0.5, timestamp: AT }],
                metadata: metadata(3),
                ..Series2::default()
            },
            Series2 { labels: vec![1, 2, 3], samples: samples(&[1.0]), ..Series2::default() },
            Series2 { labels: vec![1, 99], samples: samples(&[1.0]), ..Series2::default() },
            Series2 { labels, ..Series2::default() },
        ],
    }
}

#[test]
fn both_versions_become_the_rows_beside_their_cases() {
    let one = decoded(Encoding::RemoteWrite1, &first_version().encode_to_vec()).unwrap();
    check_text("remote-write-1", &one);
    let two = decoded(Encoding::RemoteWrite2, &second_version().encode_to_vec()).unwrap();
    check_text("remote-write-2", &two);
}

#[test]
fn a_symbol_that_is_named_often_does_not_make_a_small_body_large() {
    let symbols = ["__name__", "a", "b", &"x".repeat(64 << 10)].map(str::to_owned).to_vec();
    let series = |number| Series2 {
        labels: vec![0, 1, 2, 3],
        samples: vec![Sample { value: 1.0, timestamp: AT + number, start_timestamp: 0 }],
        ..Series2::default()
    };
    let body = WriteRequest2 { symbols, timeseries: (0..10_000).map(series).collect() }.encode_to_vec();
    assert!(body.len() < 1 << 20);
    let error = decoded(Encoding::RemoteWrite2, &body).unwrap_err();
    assert!(error.contains("send smaller batches"), "{error}");
}

#[test]
fn what_is_no_request_says_so() {
    let error = decoded(Encoding::RemoteWrite1, b"{\"a\":1}").unwrap_err();
    assert!(error.starts_with("cannot decode the body as prometheus.WriteRequest: "), "{error}");
    let error = decoded(Encoding::RemoteWrite2, &[0x2a, 5, 1]).unwrap_err();
    assert!(error.starts_with("cannot decode the body as io.prometheus.write.v2.Request: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_requests_never_panic(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..6)) {
        for (encoding, mut body) in [
            (Encoding::RemoteWrite1, first_version().encode_to_vec()),
            (Encoding::RemoteWrite2, second_version().encode_to_vec()),
        ] {
            for (at, byte) in &changes {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            let _ = decoded(encoding, &body);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(body in any::<Vec<u8>>()) {
        let _ = decoded(Encoding::RemoteWrite1, &body);
        let _ = decoded(Encoding::RemoteWrite2, &body);
    }
}
