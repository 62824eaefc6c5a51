//! Columns while they grow: thin, typed wrappers that know how their Arrow array is made.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryViewBuilder, FixedSizeBinaryArray, ListArray, NullBufferBuilder, StringViewBuilder,
    TimestampNanosecondArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::Field;
use model::{IdError, Mark, Marks, SpanId, TraceId, UnixNanos};

/// How many bytes a view column allocates at a time, for a request of that many bytes.
///
/// A batch of ten records must not hold the two MiB that suit one of ten thousand.
pub(crate) fn block_bytes(body_bytes: usize) -> u32 {
    const LARGEST: usize = 1024 * 1024;
    (body_bytes / 4).clamp(SMALLEST_BLOCK_BYTES as usize, LARGEST) as u32
}

const SMALLEST_BLOCK_BYTES: u32 = 256;

fn shared_block_bytes(block_bytes: u32) -> u32 {
    (block_bytes / 16).max(SMALLEST_BLOCK_BYTES)
}

/// A column of text.
#[derive(Debug)]
pub(crate) struct TextColumn(StringViewBuilder);

impl TextColumn {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self(StringViewBuilder::with_capacity(0).with_fixed_block_size(block_bytes))
    }

    /// For values that many rows share, so that there are few of them: a smaller block will do.
    pub(crate) fn of_shared(block_bytes: u32) -> Self {
        Self::new(shared_block_bytes(block_bytes))
    }

    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        self.0.append_value(text);
    }

    /// Null stands for what the sender left empty.
    #[inline]
    pub(crate) fn push_unless_empty(&mut self, text: &str) {
        if text.is_empty() { self.0.append_null() } else { self.0.append_value(text) }
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.0.append_null();
    }

    /// The words of the marks; null for none.
    #[inline]
    pub(crate) fn push_marks(&mut self, marks: Marks) {
        if marks.is_empty() { self.0.append_null() } else { self.0.append_value(marks.to_string()) }
    }

    /// The same text in that many rows.
    pub(crate) fn repeat(&mut self, text: &str, rows: usize) {
        self.0.try_append_value_n(text, rows).expect("text is cut far below 4 GiB");
    }

    /// The same text, or null where it is empty, in that many rows.
    pub(crate) fn repeat_unless_empty(&mut self, text: &str, rows: usize) {
        if text.is_empty() {
            (0..rows).for_each(|_| self.0.append_null());
        } else {
            self.repeat(text, rows);
        }
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

/// A column of encoded attributes or values.
#[derive(Debug)]
pub(crate) struct BytesColumn(BinaryViewBuilder);

impl BytesColumn {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self(BinaryViewBuilder::with_capacity(0).with_fixed_block_size(block_bytes))
    }

    /// As [`TextColumn::of_shared`].
    pub(crate) fn of_shared(block_bytes: u32) -> Self {
        Self::new(shared_block_bytes(block_bytes))
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.append_value(bytes);
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.0.append_null();
    }

    /// The same bytes, or null, in that many rows.
    pub(crate) fn repeat(&mut self, bytes: Option<&[u8]>, rows: usize) {
        match bytes {
            Some(bytes) => self.0.try_append_value_n(bytes, rows).expect("a request is far smaller than 4 GiB"),
            None => (0..rows).for_each(|_| self.0.append_null()),
        }
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

/// A column of ids of `N` bytes; null where there is none.
#[derive(Debug)]
pub(crate) struct IdColumn<const N: usize> {
    bytes: Vec<u8>,
    nulls: NullBufferBuilder,
}

impl<const N: usize> IdColumn<N> {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }

    #[inline]
    pub(crate) fn push(&mut self, id: Option<&[u8; N]>) {
        self.bytes.extend_from_slice(id.unwrap_or(&[0; N]));
        self.nulls.append(id.is_some());
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        Arc::new(FixedSizeBinaryArray::new(N as i32, Buffer::from_vec(self.bytes), self.nulls.finish()))
    }
}

/// A trace id where one is optional: empty and all zeros mean none; a wrong length is marked.
#[inline]
pub(crate) fn optional_trace_id(bytes: &[u8], marks: &mut Marks) -> Option<TraceId> {
    optional_id(TraceId::from_bytes(bytes), bytes, marks)
}

/// A span id where one is optional: empty and all zeros mean none; a wrong length is marked.
#[inline]
pub(crate) fn optional_span_id(bytes: &[u8], marks: &mut Marks) -> Option<SpanId> {
    optional_id(SpanId::from_bytes(bytes), bytes, marks)
}

#[inline]
fn optional_id<T>(id: Result<T, IdError>, bytes: &[u8], marks: &mut Marks) -> Option<T> {
    match id {
        Ok(id) => Some(id),
        Err(IdError::Zero) => None,
        Err(_) if bytes.is_empty() => None,
        Err(_) => {
            marks.add(Mark::InvalidId);
            None
        }
    }
}

/// Where each row's values of a list column end.
#[derive(Debug)]
pub(crate) struct ListOffsets(Vec<i32>);

impl ListOffsets {
    pub(crate) fn new() -> Self {
        Self(vec![0])
    }

    /// Ends a row when the column holds that many values in all.
    #[inline]
    pub(crate) fn push(&mut self, values: usize) {
        self.0.push(i32::try_from(values).expect("BODY_BYTES_MAX bounds what a body can list"));
    }

    /// The list column over all values.
    pub(crate) fn finish(self, values: ArrayRef) -> ArrayRef {
        let item = Arc::new(Field::new("item", values.data_type().clone(), false));
        Arc::new(ListArray::new(item, OffsetBuffer::new(ScalarBuffer::from(self.0)), values, None))
    }
}

/// A column of times that every row has.
pub(crate) fn times(nanos: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(nanos).with_timezone("UTC"))
}

/// A column of one time in every row.
pub(crate) fn repeated_time(time: UnixNanos, rows: usize) -> ArrayRef {
    times(vec![time.get(); rows])
}

/// A column of times; null where the sender gave none.
pub(crate) fn optional_times(nanos: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(nanos).with_timezone("UTC"))
}

/// OTLP's time, `None` where it is zero, which means unset.
#[inline]
pub(crate) fn set_time(nanos: u64) -> Option<UnixNanos> {
    (nanos != 0).then(|| UnixNanos::from_wire(nanos))
}
