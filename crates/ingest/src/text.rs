//! Text off the wire: what is not UTF-8 is replaced, what is too long is cut, and the marks say so.

use std::borrow::Cow;

use model::{Mark, Marks};

use crate::limits::{SHARED_TEXT_BYTES_MAX, TEXT_BYTES_MAX};

/// The bytes as text of at most [`TEXT_BYTES_MAX`] bytes. `cut` is the mark of having been longer.
#[inline]
pub(crate) fn text<'a>(bytes: &'a [u8], cut: Mark, marks: &mut Marks) -> Cow<'a, str> {
    text_within(TEXT_BYTES_MAX, bytes, cut, marks)
}

/// The same of what many records share, of at most [`SHARED_TEXT_BYTES_MAX`] bytes.
pub(crate) fn shared_text<'a>(bytes: &'a [u8], marks: &mut Marks) -> Cow<'a, str> {
    text_within(SHARED_TEXT_BYTES_MAX, bytes, Mark::CutAttribute, marks)
}

#[inline]
fn text_within<'a>(bytes_max: usize, bytes: &'a [u8], cut: Mark, marks: &mut Marks) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= bytes_max => Cow::Borrowed(text),
        _ => mended(bytes_max, bytes, cut, marks),
    }
}

/// The bytes, at most [`TEXT_BYTES_MAX`] of them.
pub(crate) fn raw<'a>(bytes: &'a [u8], cut: Mark, marks: &mut Marks) -> &'a [u8] {
    if bytes.len() <= TEXT_BYTES_MAX {
        return bytes;
    }
    marks.add(cut);
    &bytes[..TEXT_BYTES_MAX]
}

#[cold]
fn mended<'a>(bytes_max: usize, bytes: &'a [u8], cut: Mark, marks: &mut Marks) -> Cow<'a, str> {
    // Replacing never shortens, so that what lies further on can only be cut off again. Three bytes more
    // than the limit keep a character whole that begins before it.
    let near = &bytes[..bytes.len().min(bytes_max + 3)];
    if bytes.len() > bytes_max {
        marks.add(cut);
    }
    match std::str::from_utf8(near) {
        Ok(text) => Cow::Borrowed(&text[..text.floor_char_boundary(bytes_max)]),
        Err(error) if error.valid_up_to() >= bytes_max => {
            let text = std::str::from_utf8(&near[..error.valid_up_to()]).expect("valid up to here");
            Cow::Borrowed(&text[..text.floor_char_boundary(bytes_max)])
        }
        Err(_) => {
            marks.add(Mark::InvalidUtf8);
            let mut text = String::from_utf8_lossy(near).into_owned();
            if text.len() > bytes_max {
                marks.add(cut);
                text.truncate(text.floor_char_boundary(bytes_max));
            }
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, expected_marks: &str) {
        let mut marks = Marks::default();
        let found = text(bytes, Mark::CutBody, &mut marks);
        assert!(found == expected, "{} bytes, not {}", found.len(), expected.len());
        assert_eq!(marks.to_string(), expected_marks);
    }

    #[test]
    fn text_is_mended_and_cut_on_character_boundaries() {
        let full = "a".repeat(TEXT_BYTES_MAX);
        check(b"", "", "");
        check("h\u{e9}".as_bytes(), "h\u{e9}", "");
        check(b"a\xffb", "a\u{fffd}b", "invalid_utf8");
        check(full.as_bytes(), &full, "");
        check(format!("{full}b").as_bytes(), &full, "cut_body");
        check(format!("{}\u{e9}", &full[1..]).as_bytes(), &full[1..], "cut_body");
        check(format!("{}\u{1f600}", &full[2..]).as_bytes(), &full[2..], "cut_body");
    }

    #[test]
    fn damage_beyond_the_cut_is_not_marked() {
        let mut bytes = vec![b'a'; TEXT_BYTES_MAX];
        bytes.extend_from_slice(b"\xff\xff\xff\xff\xff");
        check(&bytes, &"a".repeat(TEXT_BYTES_MAX), "cut_body");
    }

    #[test]
    fn text_that_grows_beyond_the_limit_when_mended_is_cut() {
        let bytes = vec![0xff; TEXT_BYTES_MAX];
        check(&bytes, &"\u{fffd}".repeat(TEXT_BYTES_MAX / 3), "cut_body,invalid_utf8");
    }
}
