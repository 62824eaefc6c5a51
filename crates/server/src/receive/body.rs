//! A request's body, read under a cap and the budget.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;

use super::budget::{Budget, Share};
use super::outcome::Refusal;

/// A sender that is silent for so long in the middle of a body is cut off; it will come back.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A body that has not come whole by then is cut off: what there is of it takes memory that others wait for.
const BODY_TIME_MAX: Duration = Duration::from_secs(60);

/// Bytes that a body takes at first: what is announced, between these. From there it grows by as much as it has.
const FIRST_BYTES_MIN: usize = 4 * 1024;
const FIRST_BYTES_MAX: usize = 256 * 1024;

/// A refused body is still read, and thrown away, up to this much and this long: a connection that is closed
/// on a sender in the middle of its body is reset, and the sender never reads why.
const DISCARDED_BYTES_MAX: usize = 64 << 20;
const DISCARD_TIME_MAX: Duration = Duration::from_secs(5);

/// Reads the whole body, at most `bytes_max` bytes. The share grows with it, so that memory is counted
/// before it is taken, and by what has come, so that nobody keeps memory from others by announcing much.
pub(crate) async fn read_body(
    mut body: Body,
    bytes_max: usize,
    budget: &Budget,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let reading = tokio::time::timeout(BODY_TIME_MAX, read(&mut body, bytes_max, budget, share));
    let read = reading.await.unwrap_or_else(|_| Err(Refusal::not_now("the body came too slowly")));
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
    budget.check_room(announced as usize)?;
    let (mut read, first) = (Vec::new(), (announced as usize).clamp(FIRST_BYTES_MIN, FIRST_BYTES_MAX));
    // What is announced is what comes; where nothing is, anything may.
    let most = if announced > 0 { announced as usize } else { bytes_max };
    loop {
        let frame = match tokio::time::timeout(SILENCE_MAX, body.frame()).await {
            Err(_) => return Err(Refusal::not_now("the body stopped coming")),
            Ok(None) => return Ok(read.into()),
            Ok(Some(Err(error))) => return Err(Refusal::Undecodable(format!("the body ended early: {error}"))),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if read.len() + data.len() > bytes_max {
            return Err(too_large());
        }
        let length = read.len() + data.len();
        if length > read.capacity() {
            let room = length.max(2 * read.capacity()).max(first).min(most.max(length));
            budget.cover(share, room)?;
            read.reserve_exact(room - read.len());
        }
        read.extend_from_slice(&data);
    }
}
