//! Ids of resources and series: xxh3-64 (seed 0) over canonical bytes, the same wherever and whenever computed.
//!
//! ```text
//! attributes  := entry*       entries of the attribute codec, sorted by key, then by encoded value, bytewise;
//!                             repeated keys stay; what is inside a list or map keeps the order sent
//! text        := length:u32 little-endian, utf-8
//! resource_id := xxh3(attributes)
//! scope_id    := xxh3(text(name) text(version) attributes)
//! metric_id   := xxh3(resource_id:u64 scope_id:u64 text(name) kind:u8 temporality:u8 monotonic:u8 text(unit))
//! series_id   := xxh3(metric_id:u64 attributes)
//! ```
//!
//! Integers are little-endian. `kind` is 1 gauge, 2 sum, 3 histogram, 4 exponential histogram, 5 summary;
//! `temporality` 0 unspecified or none, 1 delta, 2 cumulative; `monotonic` 0 or 1. Schema URLs, descriptions,
//! entity references and dropped counts say nothing about who or what it is, and are left out.
//! These ids are stored: a change of this form is a new table version, and a test pins it.

use std::ops::Range;

use model::Attributes;
use xxhash_rust::xxh3::xxh3_64;

/// Computes ids; keeps its buffers between calls.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    bytes: Vec<u8>,
    entries: Vec<EntrySpan>,
}

/// What tells a metric from another, besides its points' attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MetricIdentity<'a> {
    pub(crate) resource_id: u64,
    pub(crate) scope_id: u64,
    pub(crate) name: &'a str,
    pub(crate) kind: u8,
    pub(crate) temporality: u8,
    pub(crate) monotonic: bool,
    pub(crate) unit: &'a str,
}

/// Where an entry and its key lie in an encoded set.
#[derive(Clone, Debug)]
struct EntrySpan {
    key: Range<usize>,
    entry: Range<usize>,
}

impl Identity {
    /// Of a resource with these encoded attributes.
    pub(crate) fn resource_id(&mut self, attributes: &[u8]) -> u64 {
        self.bytes.clear();
        self.attributes(attributes);
        xxh3_64(&self.bytes)
    }

    /// Of an instrumentation scope.
    pub(crate) fn scope_id(&mut self, name: &str, version: &str, attributes: &[u8]) -> u64 {
        self.bytes.clear();
        self.text(name);
        self.text(version);
        self.attributes(attributes);
        xxh3_64(&self.bytes)
    }

    /// Of a metric of a resource and scope.
    pub(crate) fn metric_id(&mut self, metric: &MetricIdentity<'_>) -> u64 {
        self.bytes.clear();
        self.bytes.extend_from_slice(&metric.resource_id.to_le_bytes());
        self.bytes.extend_from_slice(&metric.scope_id.to_le_bytes());
        self.text(metric.name);
        self.bytes.extend_from_slice(&[metric.kind, metric.temporality, u8::from(metric.monotonic)]);
        self.text(metric.unit);
        xxh3_64(&self.bytes)
    }

    /// Of the series that a metric's points with these encoded attributes form.
    #[inline]
    pub(crate) fn series_id(&mut self, metric_id: u64, attributes: &[u8]) -> u64 {
        self.bytes.clear();
        self.bytes.extend_from_slice(&metric_id.to_le_bytes());
        self.attributes(attributes);
        xxh3_64(&self.bytes)
    }

    fn text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).expect("text is cut far below 4 GiB");
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn attributes(&mut self, set: &[u8]) {
        self.entries.clear();
        let mut at = 0;
        for entry in Attributes::new(set).iter().map_while(Result::ok) {
            let key = at + length_bytes(entry.key.len());
            let end = at + entry.encoded.len();
            self.entries.push(EntrySpan { key: key..key + entry.key.len(), entry: at..end });
            at = end;
        }
        let order = |span: &EntrySpan| (&set[span.key.clone()], &set[span.key.end..span.entry.end]);
        if self.entries.is_sorted_by(|a, b| order(a) <= order(b)) {
            self.bytes.extend_from_slice(set);
            return;
        }
        self.entries.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        for span in &self.entries {
            self.bytes.extend_from_slice(&set[span.entry.clone()]);
        }
    }
}

/// Bytes that the codec spends on a key's length.
fn length_bytes(length: usize) -> usize {
    let bits = (usize::BITS - length.leading_zeros()).max(1) as usize;
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use model::{AttributesWriter, Value};

    use super::*;

    fn set(entries: &[(&str, Value)]) -> Vec<u8> {
        let mut writer = AttributesWriter::new();
        for (key, value) in entries {
            writer.key(key);
            writer.value(value);
        }
        writer.as_bytes().to_vec()
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn metric() -> MetricIdentity<'static> {
        MetricIdentity {
            resource_id: 1,
            scope_id: 2,
            name: "http.server.duration",
            kind: 2,
            temporality: 2,
            monotonic: true,
            unit: "s",
        }
    }

    #[test]
    fn golden_ids_pin_the_canonical_form() {
        // Computed by another implementation of xxh3 over bytes written by hand.
        let mut identity = Identity::default();
        let attributes = set(&[("service.name", text("cart")), ("a", Value::Int(-1)), ("a", Value::Bool(true))]);
        assert_eq!(identity.resource_id(&[]), 0x2d06_8005_38d3_94c2);
        assert_eq!(identity.resource_id(&attributes), 0xa677_add4_8025_b47f);
        assert_eq!(identity.scope_id("lib", "1.0", &attributes), 0xbc0a_6492_ff82_d470);
        assert_eq!(identity.metric_id(&metric()), 0x9767_12d3_ebf4_5f6a);
        assert_eq!(identity.series_id(7, &attributes), 0xa17f_a912_7709_e147);
    }

    #[test]
    fn the_order_of_attributes_makes_no_difference_and_their_types_do() {
        let mut identity = Identity::default();
        let long = "k".repeat(200);
        let a = set(&[("b", Value::Int(1)), (&long, text("x")), ("b", Value::Int(0)), ("", Value::Null)]);
        let b = set(&[("", Value::Null), ("b", Value::Int(0)), ("b", Value::Int(1)), (&long, text("x"))]);
        assert_eq!(identity.series_id(1, &a), identity.series_id(1, &b));
        let typed = identity.resource_id(&set(&[("code", Value::Int(1))]));
        assert_ne!(typed, identity.resource_id(&set(&[("code", text("1"))])));
    }

    #[test]
    fn everything_that_identifies_a_metric_changes_its_id() {
        let mut identity = Identity::default();
        let others = [
            metric(),
            MetricIdentity { resource_id: 3, ..metric() },
            MetricIdentity { scope_id: 3, ..metric() },
            MetricIdentity { name: "http", ..metric() },
            MetricIdentity { kind: 1, ..metric() },
            MetricIdentity { temporality: 1, ..metric() },
            MetricIdentity { monotonic: false, ..metric() },
            MetricIdentity { unit: "ms", ..metric() },
        ];
        let ids: std::collections::HashSet<u64> = others.iter().map(|other| identity.metric_id(other)).collect();
        assert_eq!(ids.len(), others.len());
    }
}
