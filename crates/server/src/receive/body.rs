//! A request's body, read under a cap and the budget.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::budget::{Budget, Share};
use super::outcome::Refusal;

/// A sender that is silent for so long in the middle of a body is cut off; it will come back.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A refused body is still read, and thrown away, up to this much and this long: a connection that is closed
/// on a sender in the middle of its body is reset, and the sender never reads why.
const DISCARDED_BYTES_MAX: usize = 64 << 20;
const DISCARD_TIME_MAX: Duration = Duration::from_secs(5);

/// Reads the whole body, at most `bytes_max` bytes. The share grows with it, so that memory is counted
/// before it is taken.
pub(crate) async fn read_body(
    mut body: Body,
    bytes_max: usize,
    budget: &Budget,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let read = read(&mut body, bytes_max, budget, share).await;
    if read.is_err() {
        discard_body(body).await;
    }
    read
}

/// Reads what is left of a body that is refused anyway, and throws it away.
pub(crate) async fn discard_body(mut body: Body) {
    let discard = async {
        let mut discarded = 0;
        while let Some(Ok(frame)) = body.frame().await {
            discarded += frame.data_ref().map_or(0, Bytes::len);
            if discarded > DISCARDED_BYTES_MAX {
                return;
            }
        }
    };
    // A sender that is slower than that is cut off.
    let _ = tokio::time::timeout(DISCARD_TIME_MAX, discard).await;
}

async fn read(body: &mut Body, bytes_max: usize, budget: &Budget, share: &mut Share) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::TooLarge(format!("the request is larger than {bytes_max} bytes: send smaller batches"));
    let announced = body.size_hint().lower();
    if announced > bytes_max as u64 {
        return Err(too_large());
    }
    budget.cover(share, announced as usize)?;
    let mut read = BytesMut::with_capacity(announced as usize);
    loop {
        let frame = match tokio::time::timeout(SILENCE_MAX, body.frame()).await {
            Err(_) => return Err(Refusal::not_now("the body stopped coming")),
            Ok(None) => return Ok(read.freeze()),
            Ok(Some(Err(error))) => return Err(Refusal::Undecodable(format!("the body ended early: {error}"))),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if read.len() + data.len() > bytes_max {
            return Err(too_large());
        }
        budget.cover(share, read.len() + data.len())?;
        read.extend_from_slice(&data);
    }
}
