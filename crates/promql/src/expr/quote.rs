//! Texts as they are written in expressions and messages: quotes and escapes are those of Go.

use std::fmt::Write as _;

/// In double quotes; what cannot be printed is escaped.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        escape(&mut out, c, '"');
    }
    out.push('"');
    out
}

/// A character in single quotes; the end of a text is shown as U+FFFD.
pub(crate) fn quote_char(c: Option<char>) -> String {
    let mut out = String::from("'");
    escape(&mut out, c.unwrap_or(char::REPLACEMENT_CHARACTER), '\'');
    out.push('\'');
    out
}

/// A character by its number, and as itself where it can be printed: `U+0071 'q'`.
pub(crate) fn name_char(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    if is_printable(c) { format!("{number} '{c}'") } else { number }
}

fn escape(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == quote => out.extend(['\\', c]),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if is_printable(c) => out.push(c),
        c => {
            let number = u32::from(c);
            let written = match number {
                0..0x20 | 0x7f => write!(out, "\\x{number:02x}"),
                0..0x1_0000 => write!(out, "\\u{number:04x}"),
                _ => write!(out, "\\U{number:08x}"),
            };
            written.expect("writing to a string cannot fail");
        }
    }
}

/// Whether it has a shape. The standard library knows, but tells only by escaping what has none; that it is not the
/// first character keeps it from escaping those that join the one before, too.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    let mut bytes = [0; 5];
    bytes[0] = b'a';
    let length = c.encode_utf8(&mut bytes[1..]).len();
    let text = std::str::from_utf8(&bytes[..=length]).expect("an ASCII letter and a character");
    text.escape_debug().nth(1) == Some(c)
}

/// Without its quotes and escapes, which the lexer has checked. `None` where an escape is wrong after all, or the bytes
/// it makes are no text.
pub(super) fn unquote(written: &str) -> Option<String> {
    let quote = written.chars().next()?;
    let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote == '`' || !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let character = if c == '\\' { unescape(&mut chars, quote)? } else { Unescaped::Char(c) };
        match character {
            Unescaped::Byte(byte) => bytes.push(byte),
            Unescaped::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    String::from_utf8(bytes).ok()
}

/// What an escape stands for.
enum Unescaped {
    Byte(u8),
    Char(char),
}

/// What stands behind a backslash.
fn unescape(chars: &mut std::str::Chars<'_>, quote: char) -> Option<Unescaped> {
    let c = chars.next()?;
    Some(match c {
        'a' => Unescaped::Byte(0x7),
        'b' => Unescaped::Byte(0x8),
        'f' => Unescaped::Byte(0xc),
        'n' => Unescaped::Byte(b'\n'),
        'r' => Unescaped::Byte(b'\r'),
        't' => Unescaped::Byte(b'\t'),
        'v' => Unescaped::Byte(0xb),
        '\\' => Unescaped::Byte(b'\\'),
        'x' => Unescaped::Byte(u8::try_from(digits(0, chars, (2, 16))?).ok()?),
        'u' => Unescaped::Char(char::from_u32(digits(0, chars, (4, 16))?)?),
        'U' => Unescaped::Char(char::from_u32(digits(0, chars, (8, 16))?)?),
        '0'..='7' => Unescaped::Byte(u8::try_from(digits(c.to_digit(8)?, chars, (2, 8))?).ok()?),
        c if c == quote => Unescaped::Char(c),
        _ => return None,
    })
}

/// A number of `count` digits behind those that are known. It is at most 32 bits long, so it does not overflow.
fn digits(known: u32, chars: &mut std::str::Chars<'_>, (count, radix): (usize, u32)) -> Option<u32> {
    (0..count).try_fold(known, |value, _| Some(value * radix + chars.next()?.to_digit(radix)?))
}
