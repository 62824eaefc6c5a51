//! Labels of series, and long lists of them.

use axum::response::Response;
use bytes::Bytes;
use promql::Labels;

use super::envelope::{PIECE_BYTES, Said, in_pieces};
use super::number::push_text;

/// Appends labels as an object.
pub(super) fn push_labels(out: &mut Vec<u8>, labels: &Labels) {
    for (at, (name, value)) in labels.iter().enumerate() {
        out.push(if at == 0 { b'{' } else { b',' });
        push_text(out, name);
        out.push(b':');
        push_text(out, value);
    }
    out.extend_from_slice(if labels.is_empty() { b"{}" } else { b"}" });
}

/// The answer to `series`: a million of them are never held as text or as a tree.
pub(crate) fn series_response(series: Vec<Labels>, said: Said) -> Response {
    let mut next = Some(0);
    in_pieces(std::iter::from_fn(move || {
        let mut at = next?;
        let mut out = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4);
        if at == 0 {
            out.extend_from_slice(b"{\"status\":\"success\",\"data\":[");
        }
        while at < series.len() && out.len() < PIECE_BYTES {
            if at > 0 {
                out.push(b',');
            }
            push_labels(&mut out, &series[at]);
            at += 1;
        }
        next = (at < series.len()).then_some(at);
        if next.is_none() {
            out.push(b']');
            said.push_tail(&mut out);
        }
        Some(Bytes::from(out))
    }))
}
