//! Makes hostile characters visible: what telemetry says is data, never an instruction to a terminal.
//!
//! A log body may hold escape sequences that clear the screen, retitle the window or hide text, carriage
//! returns that overwrite what stands before them, and bidirectional controls that show text in another
//! order than it is read. None of them leaves this crate raw, on a terminal or on a pipe (what is piped
//! today is printed tomorrow).

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with every character of [`is_hostile`] replaced by a visible sign; borrowed when there is none.
///
/// Controls become their picture (`␛`, `␍`, `␉`), a newline becomes `⏎`, DEL becomes `␡`, and what has no
/// picture is written as `\u{9b}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    visible_except(text, &[])
}

/// As [`visible`], but the characters in `kept` stay as they are.
pub(crate) fn visible_except<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let hostile = |c: char| is_hostile(c) && !kept.contains(&c);
    let Some(first) = text.find(hostile) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for c in text[first..].chars() {
        if hostile(c) { push_sign(&mut shown, c) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Whether a terminal, or a person reading one, could be misled by this character: C0 (newline and tab
/// included), DEL, C1, line and paragraph separators, the bidirectional controls, and what takes no room
/// and joins nothing (a zero-width joiner does: emoji and some scripts are made with it).
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{00ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn push_sign(shown: &mut String, c: char) {
    const PICTURES: u32 = 0x2400;
    match c {
        '\n' => shown.push('⏎'),
        '\u{7f}' => shown.push('␡'),
        '\0'..='\u{1f}' => {
            shown.push(char::from_u32(PICTURES + u32::from(c)).expect("U+2400 to U+241F are characters"));
        }
        _ => write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("writing to a string cannot fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(visible(text), expected);
        assert!(!visible(text).chars().any(is_hostile));
    }

    #[test]
    fn plain_text_of_any_script_is_borrowed_as_it_is() {
        for text in ["", "timeout", "눈치 — nunchi ✗ é", "שלום", "👩‍💻"] {
            assert!(matches!(visible(text), Cow::Borrowed(shown) if shown == text));
        }
    }

    #[test]
    fn escape_sequences_lose_their_escape() {
        check("\x1b[2J\x1b[H", "␛[2J␛[H");
        check("\x1b]0;owned\x07", "␛]0;owned␇");
        check("\u{9b}31m", "\\u{9b}31m");
        check("\u{9d}8;;http://x\u{9c}", "\\u{9d}8;;http://x\\u{9c}");
    }

    #[test]
    fn line_breaks_tabs_and_backspaces_are_shown() {
        check("a\r\nb\tc", "a␍⏎b␉c");
        check("safe\u{8}\u{8}rm", "safe␈␈rm");
        check("\0\u{7f}", "␀␡");
        check("a\u{2028}b\u{2029}c\u{85}", "a\\u{2028}b\\u{2029}c\\u{85}");
    }

    #[test]
    fn bidirectional_controls_are_shown() {
        check("access\u{202e}txt.exe", "access\\u{202e}txt.exe");
        check("\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}", "\\u{2066}a\\u{2069}\\u{200e}\\u{200f}\\u{61c}");
    }

    #[test]
    fn what_is_kept_is_kept_and_nothing_else() {
        assert_eq!(visible_except("a\n\tb\x1b", &['\n', '\t']), "a\n\tb␛");
    }

    #[test]
    fn every_character_of_the_basic_plane_comes_out_harmless() {
        let all: String = (0..=0xffff).filter_map(char::from_u32).collect();
        assert!(!visible(&all).chars().any(is_hostile));
    }

    #[test]
    fn what_takes_no_room_is_shown_and_what_joins_emoji_is_kept() {
        check("pay\u{200b}ment", "pay\\u{200b}ment");
        check("\u{feff}web\u{2060}", "\\u{feff}web\\u{2060}");
    }
}
