//! The tables say exactly what OTLP's descriptors say.

use std::collections::HashSet;

use opentelemetry_proto::DESCRIPTORS;
use prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, MessageDescriptor};

use super::*;

#[test]
fn every_field_of_every_message_is_in_the_tables() {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let mut seen = HashSet::new();
    for (signal, name) in [
        (Signal::Traces, "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest"),
        (Signal::Logs, "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest"),
        (Signal::Metrics, "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest"),
    ] {
        check_message(request(signal), &pool.get_message_by_name(name).unwrap(), &mut seen);
    }
    assert_eq!(seen.len(), 34, "messages reached");
}

fn check_message(table: &Message, descriptor: &MessageDescriptor, seen: &mut HashSet<String>) {
    assert_eq!(table.name, descriptor.name());
    if !seen.insert(descriptor.full_name().to_owned()) {
        return;
    }
    let numbers: Vec<u32> = table.fields.iter().map(|field| field.number).collect();
    assert_eq!(numbers, descriptor.fields().map(|field| field.number()).collect::<Vec<_>>(), "{}", table.name);
    for (field, descriptor) in table.fields.iter().zip(descriptor.fields()) {
        check_field(field, &descriptor, seen);
    }
}

fn check_field(field: &Field, descriptor: &FieldDescriptor, seen: &mut HashSet<String>) {
    let name = descriptor.full_name();
    assert_eq!((field.json, field.proto), (descriptor.json_name(), descriptor.name()), "{name}");
    assert_eq!(field.repeated, descriptor.cardinality() == Cardinality::Repeated, "{name}");
    match (field.kind, descriptor.kind()) {
        (Kind::Message(table), prost_reflect::Kind::Message(descriptor)) => check_message(table, &descriptor, seen),
        (Kind::Enum(names), prost_reflect::Kind::Enum(descriptor)) => {
            let expected: Vec<_> = descriptor.values().map(|value| (value.name().to_owned(), value.number())).collect();
            let found: Vec<_> = names.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect();
            assert_eq!(found, expected, "{name}");
        }
        (Kind::Id, prost_reflect::Kind::Bytes) => {
            assert!(["trace_id", "span_id", "parent_span_id"].contains(&field.proto), "{name}");
        }
        (kind, descriptor) => {
            let descriptor = format!("{descriptor:?}").to_lowercase();
            let kind = format!("{kind:?}").to_lowercase();
            assert_eq!(kind.replace("text", "string"), descriptor, "{name}");
        }
    }
}
