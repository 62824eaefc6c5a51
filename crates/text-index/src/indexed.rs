//! Which words an index knows.

/// Longest word that is indexed, in bytes. Longer ones are data, not words.
pub const WORD_BYTES_MAX: usize = 64;

/// Shortest word with a digit that counts as an identifier.
const IDENTIFIER_BYTES: usize = 8;

/// Shortest hexadecimal number that counts as an identifier: a piece of a UUID.
const HEX_IDENTIFIER_BYTES: usize = 4;

/// Whether indexes know the word. Writers and readers ask this one function, and never an index about other words.
///
/// Identifiers are left out: nearly each stands in one row, so each would cost an entry of the dictionary, and a
/// filter tells as well where they are not.
pub fn is_indexed(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_identifier =
        has_digit && (word.len() >= IDENTIFIER_BYTES || (word.len() >= HEX_IDENTIFIER_BYTES && is_hex(word)));
    word.len() <= WORD_BYTES_MAX && !is_identifier
}

/// Whether a text is nothing but hexadecimal digits. Words that are not indexed begin with any of these.
pub(crate) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What an index keeps of a word that is not indexed, so that it can tell where a prefix may be: its first characters.
/// `None` for one of hexadecimal digits, which begin in every way.
pub(crate) fn stem(word: &str) -> Option<&str> {
    (!is_hex(word)).then(|| first(word))
}

/// As many of the first characters as [`stem`] has, or all.
pub(crate) fn first(text: &str) -> &str {
    const STEM_CHARACTERS: usize = 3;
    text.char_indices().nth(STEM_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_what_is_too_long_are_left_out() {
        for word in ["timeout", "é", "404", "15ms", "v1", "beef", "deadbeef", "e1001g"] {
            assert!(is_indexed(word), "{word}");
        }
        for word in ["4f3a", "2026", "session12", "needle0123456789abcdef", &"x".repeat(65)] {
            assert!(!is_indexed(word), "{word}");
        }
    }
}
