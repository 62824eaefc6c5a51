//! What stands behind a backslash for one character.

use super::error::{Fault, PatternError};

/// The text from its beginning to where the rest begins.
pub(super) fn until<'a>(text: &'a str, rest: &str) -> &'a str {
    &text[..text.len() - rest.len()]
}

/// The first character, if any, and the rest.
pub(super) fn next(text: &str) -> (Option<char>, &str) {
    let mut chars = text.chars();
    let first = chars.next();
    (first, chars.as_str())
}

/// The number of the character that an escape at the beginning of a text stands for, and the rest. It may be a
/// surrogate, which no text has.
pub(super) fn unescape(text: &str) -> Result<(u32, &str), PatternError> {
    let (_, rest) = next(text);
    let (Some(c), rest) = next(rest) else { return Err(PatternError::new(Fault::TrailingBackslash, "")) };
    match c {
        '0'..='7' => {
            let digits = rest.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            // A single digit would refer to a group.
            if digits > 0 || c == '0' {
                let octal = &text[1..2 + digits];
                let number = octal.bytes().fold(0, |number, digit| number * 8 + u32::from(digit - b'0'));
                return Ok((number, &rest[digits..]));
            }
        }
        'x' => return hexadecimal(text, rest),
        'a' => return Ok((0x7, rest)),
        'f' => return Ok((0xc, rest)),
        'n' => return Ok((0xa, rest)),
        'r' => return Ok((0xd, rest)),
        't' => return Ok((0x9, rest)),
        'v' => return Ok((0xb, rest)),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok((u32::from(c), rest)),
        _ => {}
    }
    Err(PatternError::new(Fault::Escape, until(text, rest)))
}

/// `\x7f` or `\x{10ffff}`; `rest` is what follows the x.
fn hexadecimal<'a>(text: &str, rest: &'a str) -> Result<(u32, &'a str), PatternError> {
    let fail = |rest: &str| Err(PatternError::new(Fault::Escape, until(text, rest)));
    let (first, mut rest) = next(rest);
    if first != Some('{') {
        let Some(first) = first else { return fail(rest) };
        let (second, rest) = next(rest);
        return match (first.to_digit(16), second.and_then(|c| c.to_digit(16))) {
            (Some(high), Some(low)) => Ok((high * 16 + low, rest)),
            _ => fail(rest),
        };
    }
    let mut number = None;
    loop {
        let (c, behind) = next(rest);
        rest = behind;
        match (c, c.and_then(|c| c.to_digit(16)), number) {
            (Some('}'), _, Some(number)) => return Ok((number, rest)),
            (_, Some(digit), known) => {
                let longer = known.unwrap_or(0) * 16 + digit;
                if longer > u32::from(char::MAX) {
                    return fail(rest);
                }
                number = Some(longer);
            }
            _ => return fail(rest),
        }
    }
}
