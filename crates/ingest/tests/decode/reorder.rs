//! The same message written in another way that protobuf allows: highest field first, and no list of numbers packed.

use std::cmp::Reverse;

use model::Signal;
use opentelemetry_proto::DESCRIPTORS;
use prost::bytes::Buf;
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

/// The descriptor of a signal's export request.
pub(crate) fn request_descriptor(signal: Signal) -> MessageDescriptor {
    thread_local! {
        static POOL: DescriptorPool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    }
    let name = match signal {
        Signal::Traces => "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
        Signal::Logs => "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest",
        Signal::Metrics => "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
    };
    POOL.with(|pool| pool.get_message_by_name(name).unwrap())
}

/// The message with its fields, and those of all messages in it, from the highest number to the lowest; fields of
/// one number stay in order.
pub(crate) fn reordered(descriptor: &MessageDescriptor, mut message: &[u8]) -> Vec<u8> {
    let mut fields: Vec<(u32, Vec<u8>)> = Vec::new();
    while message.has_remaining() {
        let (number, wire_type) = decode_key(&mut message).unwrap();
        let mut field = Vec::new();
        let content = match wire_type {
            WireType::Varint => varint(decode_varint(&mut message).unwrap()),
            WireType::LengthDelimited => {
                let length = decode_varint(&mut message).unwrap() as usize;
                message.copy_to_bytes(length).to_vec()
            }
            WireType::SixtyFourBit => message.copy_to_bytes(8).to_vec(),
            WireType::ThirtyTwoBit => message.copy_to_bytes(4).to_vec(),
            WireType::StartGroup | WireType::EndGroup => panic!("OTLP has no groups"),
        };
        let kind = descriptor.get_field(number).unwrap().kind();
        match (wire_type, kind) {
            (WireType::LengthDelimited, Kind::Message(inner)) => {
                delimited(number, &reordered(&inner, &content), &mut field)
            }
            (WireType::LengthDelimited, Kind::Fixed64 | Kind::Double) => {
                for bytes in content.chunks(8) {
                    encode_key(number, WireType::SixtyFourBit, &mut field);
                    field.extend_from_slice(bytes);
                }
            }
            (WireType::LengthDelimited, Kind::Uint64) => {
                let mut content = content.as_slice();
                while content.has_remaining() {
                    encode_key(number, WireType::Varint, &mut field);
                    encode_varint(decode_varint(&mut content).unwrap(), &mut field);
                }
            }
            (WireType::LengthDelimited, _) => delimited(number, &content, &mut field),
            (wire_type, _) => {
                encode_key(number, wire_type, &mut field);
                field.extend_from_slice(&content);
            }
        }
        fields.push((number, field));
    }
    fields.sort_by_key(|(number, _)| Reverse(*number));
    fields.into_iter().flat_map(|(_, field)| field).collect()
}

fn delimited(number: u32, content: &[u8], field: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, field);
    encode_varint(content.len() as u64, field);
    field.extend_from_slice(content);
}

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_varint(value, &mut bytes);
    bytes
}
