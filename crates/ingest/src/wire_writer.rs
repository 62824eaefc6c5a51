//! Protobuf bytes in the making. Lengths are filled in when their message ends, in a varint padded to five bytes.

/// Appends fields to one buffer.
#[derive(Debug)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

/// Where a message began, to be given back to [`Writer::end`].
#[derive(Debug)]
#[must_use = "a message must be ended"]
pub(crate) struct Open(usize);

/// Bytes that one name of an object became.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldSpan {
    start: usize,
    end: usize,
}

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH_DELIMITED: u32 = 2;
const FIXED32: u32 = 5;

/// Room for a length, whatever it will be: 35 bits.
const LENGTH_BYTES: usize = 5;

/// A field number that no OTLP message uses (`reserved 1000` where OTLP says so at all).
const ERASED: u32 = 1000;

const ERASED_TAG_BYTES: usize = 2;

impl Writer {
    /// For about that many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn varint(&mut self, number: u32, value: u64) {
        self.tag(number, VARINT);
        self.raw_varint(value);
    }

    pub(crate) fn fixed64(&mut self, number: u32, value: u64) {
        self.tag(number, FIXED64);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn fixed32(&mut self, number: u32, value: u32) {
        self.tag(number, FIXED32);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, number: u32, value: &[u8]) {
        self.tag(number, LENGTH_DELIMITED);
        self.raw_varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// Begins an embedded message: its fields follow, then [`Self::end`].
    pub(crate) fn begin(&mut self, number: u32) -> Open {
        self.tag(number, LENGTH_DELIMITED);
        self.bytes.extend_from_slice(&[0; LENGTH_BYTES]);
        Open(self.bytes.len())
    }

    /// Ends the message that `open` began.
    pub(crate) fn end(&mut self, open: Open) {
        let length = self.bytes.len() - open.0;
        pad(length, &mut self.bytes[open.0 - LENGTH_BYTES..open.0]);
    }

    /// Where the next field will start.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// What was written since; `None` if nothing was.
    pub(crate) fn span_since(&self, start: usize) -> Option<FieldSpan> {
        let end = self.bytes.len();
        (start < end).then_some(FieldSpan { start, end })
    }

    /// Ends a list, so that it is long enough to be erased whatever is in it.
    pub(crate) fn end_list(&mut self) {
        self.varint(ERASED, 0);
    }

    /// Makes readers step over fields that a later one of the same name replaces.
    ///
    /// In place, so that an object that repeats a name a million times costs no more than its length. A span of
    /// two bytes is a single scalar, of which readers take the last anyway.
    pub(crate) fn erase(&mut self, span: FieldSpan) {
        let span = &mut self.bytes[span.start..span.end];
        let Some(value_bytes) = span.len().checked_sub(ERASED_TAG_BYTES).filter(|bytes| *bytes > 0) else { return };
        let (wire_type, length_bytes, content) = match value_bytes.checked_sub(LENGTH_BYTES) {
            Some(content) => (LENGTH_DELIMITED, LENGTH_BYTES, content),
            None => (VARINT, value_bytes, 0),
        };
        let tag = ERASED << 3 | wire_type;
        span[0] = tag as u8 | 0x80;
        span[1] = (tag >> 7) as u8;
        pad(content, &mut span[ERASED_TAG_BYTES..ERASED_TAG_BYTES + length_bytes]);
    }

    fn tag(&mut self, number: u32, wire_type: u32) {
        self.raw_varint(u64::from(number << 3 | wire_type));
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// Writes a varint that takes all of the bytes.
fn pad(value: usize, bytes: &mut [u8]) {
    let last = bytes.len() - 1;
    for (index, byte) in bytes.iter_mut().enumerate() {
        let more = if index < last { 0x80 } else { 0 };
        *byte = (value >> (7 * index)) as u8 & 0x7f | more;
    }
}
