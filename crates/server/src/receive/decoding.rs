//! One body on its way to rows: each byte of memory is counted before it is taken.

use std::sync::Arc;

use bytes::Bytes;
use ingest::{Admission, DecodeError, DecodeErrorKind, Decoded, Encoding, Request};
use model::{Signal, UnixNanos};

use super::budget::{Budget, Share};
use super::encoding::{Compression, decompress};
use super::outcome::Refusal;
use super::series_gate::TenantSeries;

/// A body, and what it may take.
#[derive(Debug)]
pub(super) struct Decoding {
    pub(super) signal: Signal,
    pub(super) encoding: Encoding,
    pub(super) compression: Compression,
    pub(super) body: Bytes,
    pub(super) received: UnixNanos,
    pub(super) budget: Budget,
    pub(super) share: Share,
    pub(super) series: Arc<TenantSeries>,
}

impl Decoding {
    /// The rows, and what they and the body take of the budget. Keeps the calling thread busy.
    pub(super) fn run(self) -> Result<(Decoded, Share), Refusal> {
        let Self { signal, encoding, compression, body, received, budget, mut share, series } = self;
        let clear = decompress(body, compression, &mut |bytes| budget.grow(&mut share, bytes))?;
        let mut admitting = Admitting { budget, share, series, received, refusal: None };
        let request = Request { signal, encoding, body: &clear, received };
        match ingest::decode_admitted(&request, &mut admitting) {
            Ok(decoded) => Ok((decoded, admitting.share)),
            Err(error) => Err(undecoded(&error, admitting.refusal)),
        }
    }
}

#[derive(Debug)]
struct Admitting {
    budget: Budget,
    share: Share,
    series: Arc<TenantSeries>,
    received: UnixNanos,
    /// Why there was no room.
    refusal: Option<Refusal>,
}

impl Admission for Admitting {
    fn room(&mut self, bytes: usize) -> bool {
        self.refusal = self.budget.grow(&mut self.share, bytes).err();
        self.refusal.is_none()
    }

    fn series(&mut self, series_id: u64) -> bool {
        self.series.admit(series_id, self.received)
    }
}

fn undecoded(error: &DecodeError, no_room: Option<Refusal>) -> Refusal {
    match error.kind() {
        DecodeErrorKind::Malformed | DecodeErrorKind::TooDeep => Refusal::Undecodable(error.to_string()),
        DecodeErrorKind::TooManyRecords | DecodeErrorKind::TooLarge => Refusal::TooLarge(error.to_string()),
        DecodeErrorKind::NoRoom => no_room.unwrap_or_else(Refusal::no_room),
    }
}
