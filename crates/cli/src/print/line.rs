//! One line of output, put together from toned pieces, measured in terminal cells.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::colour::{Paint, Tone};
use super::escape::visible;

/// More characters than this for each cell of room is not text that anybody reads: it is combining marks
/// piled upon each other, which have no width and so would never fill the room.
const CHARACTERS_PER_CELL_MAX: usize = 8;

/// What stands at the end of text that was cut.
const ELLIPSIS: char = '…';

/// Whether a text that is too long for its room is cut or pushes what follows to the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// Cut, with `…` at the end.
    Cut,
    /// Kept whole.
    Keep,
}

/// Cells that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A line under construction. Whatever is pushed is made visible first, so no caller has to think of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pieces: Vec<(String, Tone)>,
    width: usize,
}

impl Line {
    /// Adds `text` at the end.
    pub(crate) fn push(&mut self, tone: Tone, text: &str) -> &mut Self {
        if !text.is_empty() {
            let text = visible(text).into_owned();
            self.width += width(&text);
            self.pieces.push((text, tone));
        }
        self
    }

    /// Cells taken.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Writes the pieces without a line break.
    pub(crate) fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        self.pieces.iter().try_for_each(|(text, tone)| paint.write(out, *tone, text))
    }

    /// Writes the pieces and fills with spaces up to `cells`.
    pub(crate) fn write_padded(
        &self,
        out: &mut dyn Write,
        paint: Paint,
        cells: usize,
        overflow: Overflow,
    ) -> io::Result<()> {
        let taken = if overflow == Overflow::Cut { self.write_cut(out, paint, cells)? } else { self.width };
        if overflow == Overflow::Keep {
            self.write(out, paint)?;
        }
        write!(out, "{:1$}", "", cells.saturating_sub(taken))
    }

    /// Writes as much as fits into `cells`; returns the cells taken.
    pub(crate) fn write_cut(&self, out: &mut dyn Write, paint: Paint, cells: usize) -> io::Result<usize> {
        let characters: usize = self.pieces.iter().map(|(text, _)| text.chars().count()).sum();
        if self.width <= cells && characters <= cells.saturating_mul(CHARACTERS_PER_CELL_MAX) {
            self.write(out, paint)?;
            return Ok(self.width);
        }
        let mut room = cells.saturating_sub(1);
        for (text, tone) in &self.pieces {
            let head = prefix(text, room);
            paint.write(out, *tone, head)?;
            room -= width(head).min(room);
            if head.len() < text.len() {
                break;
            }
        }
        if cells > 0 {
            paint.write(out, Tone::Faint, ELLIPSIS.encode_utf8(&mut [0; 4]))?;
        }
        Ok(cells - room.min(cells))
    }
}

/// `text` (already visible) as at most `lines_max` lines of at most `cells` cells, broken at spaces where that
/// loses less than half a line; the last line ends in `…` when more was there.
pub(crate) fn wrapped(text: &str, cells: usize, lines_max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    loop {
        let mut head = prefix(rest, cells);
        if head.len() == rest.len() {
            lines.push(head.to_owned());
            return lines;
        }
        if lines.len() + 1 >= lines_max {
            lines.push(format!("{}{ELLIPSIS}", prefix(rest, cells.saturating_sub(1))));
            return lines;
        }
        if let Some(space) = head.rfind(' ').filter(|space| space * 2 > head.len()) {
            head = &head[..=space];
        } else if head.is_empty() {
            // A character wider than the whole line still has to go somewhere.
            head = &rest[..rest.chars().next().map_or(0, char::len_utf8)];
        }
        lines.push(head.trim_end_matches(' ').to_owned());
        rest = &rest[head.len()..];
        if rest.is_empty() {
            return lines;
        }
    }
}

/// The longest start of `text` that fits into `cells`.
fn prefix(text: &str, cells: usize) -> &str {
    let mut taken = 0;
    for (characters, (at, c)) in text.char_indices().enumerate() {
        taken += c.width().unwrap_or(0);
        if taken > cells || characters >= cells.saturating_mul(CHARACTERS_PER_CELL_MAX) {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pieces: &[&str], cells: usize, overflow: Overflow, expected: &str) {
        let mut line = Line::default();
        for piece in pieces {
            line.push(Tone::Plain, piece);
        }
        let mut out = Vec::new();
        line.write_padded(&mut out, Paint::Off, cells, overflow).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_line_is_padded_cut_or_kept_to_its_room() {
        check(&["web ", "GET /"], 12, Overflow::Cut, "web GET /   ");
        check(&["web ", "GET /checkout"], 9, Overflow::Cut, "web GET …");
        check(&["web ", "GET /checkout"], 9, Overflow::Keep, "web GET /checkout");
        check(&["web"], 0, Overflow::Cut, "");
    }

    #[test]
    fn wide_characters_count_two_cells() {
        check(&["눈치"], 6, Overflow::Cut, "눈치  ");
        check(&["눈치눈치"], 6, Overflow::Cut, "눈치… ");
    }

    #[test]
    fn hostile_text_is_made_visible_before_it_is_measured() {
        check(&["\x1b[31m"], 8, Overflow::Cut, "␛[31m   ");
    }

    #[test]
    fn piled_up_combining_marks_are_cut() {
        let piled = format!("e{}", "\u{301}".repeat(1000));
        let mut out = Vec::new();
        Line::default().push(Tone::Plain, &piled).write_cut(&mut out, Paint::Off, 4).unwrap();
        assert!(out.len() < 100, "{}", out.len());
    }

    #[test]
    fn long_text_wraps_to_a_bounded_number_of_lines() {
        assert_eq!(wrapped("", 4, 3), [""]);
        assert_eq!(wrapped("abcdefgh", 4, 3), ["abcd", "efgh"]);
        assert_eq!(wrapped("abcdefghijklmnop", 4, 3), ["abcd", "efgh", "ijk…"]);
        assert_eq!(wrapped("눈치", 1, 3), ["눈", "치"]);
        assert_eq!(wrapped("connection refused by peer", 12, 3), ["connection", "refused by", "peer"]);
    }

    #[test]
    fn tones_are_written_only_when_painting() {
        let mut line = Line::default();
        line.push(Tone::Bad, "✗");
        let mut out = Vec::new();
        line.write(&mut out, Paint::On).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\x1b[1m\x1b[31m✗\x1b[0m");
    }
}
