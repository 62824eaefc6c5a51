//! Bodies that become much more than they are. Each is made of a number, so that no two are the same.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use prost::Message;
use testkit::request::{attribute, gauge, logs, metrics, point, record, span, spans};

pub(super) const TIME: u64 = 1_795_500_000_000_000_000;

/// Records of a request, where they are small.
pub(super) const RECORDS: u64 = 1_000;

fn attributes(number: u64, count: u64) -> Vec<KeyValue> {
    (0..count)
        .map(|n| attribute(&format!("key.{number}.{n}"), format!("a value of some length {number} {n}")))
        .collect()
}

pub(super) fn records_with_many_attributes(number: u64) -> Vec<u8> {
    let record = |n| LogRecord { attributes: attributes(number * 8 + n, 10_000), ..record(TIME, "hello") };
    logs("shop", (0..8).map(record)).encode_to_vec()
}

pub(super) fn resources_with_many_attributes(number: u64) -> Vec<u8> {
    let mut request = logs("shop", (0..RECORDS).map(|n| record(TIME + n, "hello")));
    request.resource_logs[0].resource.as_mut().unwrap().attributes.extend(attributes(number, 10_000));
    request.encode_to_vec()
}

pub(super) fn events_with_many_attributes(number: u64) -> Vec<u8> {
    let span = |n| {
        let event =
            Event { name: "event".to_owned(), attributes: attributes(number * 8 + n, 10_000), ..Event::default() };
        opentelemetry_proto::tonic::trace::v1::Span { events: vec![event], ..span(7, number * 8 + n + 1, TIME) }
    };
    spans("shop", (0..8).map(span)).encode_to_vec()
}

pub(super) fn points_of_new_series(number: u64) -> Vec<u8> {
    let point = |n: u64| {
        let mut point = point(TIME, 1);
        point.attributes =
            vec![attribute("user.id", format!("{:x}", (number * RECORDS + n) as u128 * 0x9e37_79b9_7f4a_7c15))];
        point
    };
    metrics("shop", [gauge("requests", (0..RECORDS).map(point))]).encode_to_vec()
}

pub(super) fn records_with_new_keys(number: u64) -> Vec<u8> {
    let record = |n| LogRecord { attributes: attributes(number * RECORDS + n, 1), ..record(TIME + n, "hello") };
    logs("shop", (0..RECORDS).map(record)).encode_to_vec()
}

pub(super) fn records_of_new_resources(number: u64) -> Vec<u8> {
    let resource_logs = |n: u64| {
        let n = number * RECORDS + n;
        logs(&format!("service-{n}"), [record(TIME + n, "hello")]).resource_logs
    };
    ExportLogsServiceRequest { resource_logs: (0..RECORDS).flat_map(resource_logs).collect() }.encode_to_vec()
}

pub(super) fn spans_with_new_names(number: u64) -> Vec<u8> {
    let span = |n: u64| {
        let n = number * RECORDS + n;
        let name = format!("GET /orders/{n}/items/of/somebody");
        opentelemetry_proto::tonic::trace::v1::Span { name, ..span(u128::from(n) + 1, n + 1, TIME + n) }
    };
    spans("shop", (0..RECORDS).map(span)).encode_to_vec()
}

pub(super) fn spans_of_one_trace(number: u64) -> Vec<u8> {
    spans("shop", (0..RECORDS).map(|n| span(7, number * RECORDS + n + 1, TIME + n))).encode_to_vec()
}

/// Records of two bytes each.
pub(super) fn empty_records(_number: u64) -> Vec<u8> {
    logs("shop", vec![LogRecord::default(); 50_000]).encode_to_vec()
}

/// As many of them as a request may have: more than has room here.
pub(super) fn too_many_empty_records(_number: u64) -> Vec<u8> {
    logs("shop", vec![LogRecord::default(); 250_000]).encode_to_vec()
}

/// One resource of a mebibyte, of which what is kept is still large, and records that are nothing beside it.
pub(super) fn records_of_a_large_resource(number: u64) -> Vec<u8> {
    let attributes = (0..64).map(|n| attribute(&format!("key.{n}"), format!("{number} {n} ").repeat(3_000)));
    let resource = Some(Resource { attributes: attributes.collect(), ..Resource::default() });
    let mut request = logs("shop", vec![LogRecord::default(); 5_000]);
    request.resource_logs[0].resource = resource;
    request.encode_to_vec()
}

/// As large as what is kept of a resource may be, and each record has one of its own.
pub(super) fn records_of_new_large_resources(number: u64) -> Vec<u8> {
    let resource_logs = |n: u64| {
        let n = number * 40 + n;
        let mut request = logs(&format!("service-{n}"), [record(TIME + n, "hello")]);
        let attributes = (0..60).map(|key| attribute(&format!("key.{key}"), format!("{n} {key} ").repeat(100)));
        request.resource_logs[0].resource.as_mut().unwrap().attributes.extend(attributes);
        request.resource_logs
    };
    ExportLogsServiceRequest { resource_logs: (0..40).flat_map(resource_logs).collect() }.encode_to_vec()
}

pub(super) fn large_bodies(number: u64) -> Vec<u8> {
    logs("shop", (0..100).map(|n| record(TIME + n, format!("{number} {n} ").repeat(25_000)))).encode_to_vec()
}

/// Nearly as large as a request may be, and good for one record.
pub(super) fn one_huge_body(number: u64) -> Vec<u8> {
    logs("shop", [record(TIME + number, "x".repeat(60 << 20))]).encode_to_vec()
}

/// A list in a list in a list.
pub(super) fn nested(_number: u64) -> Vec<u8> {
    // From the inside out, by hand: what encodes it otherwise recurses.
    let mut value = Vec::new();
    for _ in 0..10_000 {
        let mut list = Vec::new();
        prost::encoding::encode_key(1, prost::encoding::WireType::LengthDelimited, &mut list);
        prost::encoding::encode_varint(value.len() as u64, &mut list);
        list.extend_from_slice(&value);
        value.clear();
        prost::encoding::encode_key(5, prost::encoding::WireType::LengthDelimited, &mut value);
        prost::encoding::encode_varint(list.len() as u64, &mut value);
        value.extend_from_slice(&list);
    }
    let around = |field, inside: &[u8]| {
        let mut outside = Vec::new();
        prost::encoding::encode_key(field, prost::encoding::WireType::LengthDelimited, &mut outside);
        prost::encoding::encode_varint(inside.len() as u64, &mut outside);
        outside.extend_from_slice(inside);
        outside
    };
    [5, 2, 2, 1].into_iter().fold(value, |inside, field| around(field, &inside))
}

/// More than a request may be once it is decompressed.
pub(super) fn zeros(_number: u64) -> Vec<u8> {
    vec![0; 65 << 20]
}
