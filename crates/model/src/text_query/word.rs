//! What a word or phrase is, and finding it in a text.
//!
//! Upper and lower case are one: both sides are lowered character by character, by Unicode's mapping that needs no
//! context. A text of ASCII, as nearly all are, is lowered through a small window on the stack, so finding words in it
//! allocates nothing; any other is lowered once for all the words that are looked for.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use memchr::memmem::Finder;

use super::necessary::{Ends, Necessary, words_of};
use super::query::TEXT_QUERY_BYTES_MAX;

/// The window for texts that fit into it, as nearly all lines do: clearing it costs less than looking through it.
const SHORT_WINDOW_BYTES: usize = 256;

/// Bytes of a longer text that are lowered at a time.
const WINDOW_BYTES: usize = 1024;

/// The window for long phrases, of which one must fit with room to spare.
const LONG_WINDOW_BYTES: usize = 8 * 1024;

/// After so many places within words, the search changes to one that takes the same time for every text: a search for
/// `aa aa a` in a text of `aa aa aa …` starts anew at each place.
const REFUSALS_MAX: usize = 16;

const _: () = assert!(LONG_WINDOW_BYTES > TEXT_QUERY_BYTES_MAX, "each phrase of a query fits the window");

/// A word, or several that stand together exactly so, or the beginning of either.
#[derive(Clone)]
pub struct Words {
    text: String,
    /// Looks for the lowered text. Boxed, for it is ten times the size of the rest.
    finder: Box<Finder<'static>>,
    needs_start: bool,
    needs_end: bool,
    is_prefix: bool,
}

impl Words {
    /// Words that must be there in full. The text is not empty.
    pub(super) fn whole(text: &str) -> Self {
        let lowered = lower(text);
        let ends_in_word = lowered.chars().next_back().is_some_and(is_word);
        Self { needs_end: ends_in_word, is_prefix: false, ..Self::lowered(text, &lowered) }
    }

    /// Words of which the last may go on. The text is not empty.
    pub(super) fn prefix(text: &str) -> Self {
        Self { needs_end: false, is_prefix: true, ..Self::lowered(text, &lower(text)) }
    }

    fn lowered(text: &str, lowered: &str) -> Self {
        Self {
            text: text.to_owned(),
            finder: Box::new(Finder::new(lowered).into_owned()),
            needs_start: lowered.chars().next().is_some_and(is_word),
            needs_end: false,
            is_prefix: false,
        }
    }

    /// The words as written, without quotes and star. Never empty.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the last word may go on: `conn*`.
    pub fn is_prefix(&self) -> bool {
        self.is_prefix
    }

    /// What every text has in which these are found.
    pub(super) fn necessary(&self) -> Necessary {
        words_of(&lower(&self.text), Ends { are_start: true, are_end: !self.is_prefix })
    }

    fn needle(&self) -> &[u8] {
        self.finder.needle()
    }

    fn are_in_ascii<const WINDOW: usize>(&self, text: &[u8]) -> bool {
        let mut window = [0; WINDOW];
        let needle_length = self.needle().len();
        let mut start = 0;
        loop {
            let end = text.len().min(start + WINDOW);
            let lowered = &mut window[..end - start];
            lowered.copy_from_slice(&text[start..end]);
            lowered.make_ascii_lowercase();
            let is_there = self.stand_at_any(lowered, |at| {
                let before = (start + at).checked_sub(1).map(|before| char::from(text[before]));
                let after = text.get(start + at + needle_length).map(|&after| char::from(after));
                self.may_stand_between(before, after)
            });
            if is_there {
                return true;
            }
            if end == text.len() {
                return false;
            }
            // Windows overlap by one byte less than the needle: what crosses a window's end lies whole in the next.
            start = end + 1 - needle_length;
        }
    }

    fn are_in_lowered(&self, text: &str) -> bool {
        self.stand_at_any(text.as_bytes(), |at| {
            // Valid UTF-8 is only found at a character's start.
            let (before, rest) = text.split_at(at);
            let after = &rest[self.needle().len()..];
            self.may_stand_between(before.chars().next_back(), after.chars().next())
        })
    }

    /// Whether `accept` takes a place at which the needle is found. Places may overlap: the first may be within a word
    /// and the second not.
    fn stand_at_any(&self, lowered: &[u8], mut accept: impl FnMut(usize) -> bool) -> bool {
        let mut from = 0;
        for _ in 0..REFUSALS_MAX {
            let Some(at) = lowered.get(from..).and_then(|rest| self.finder.find(rest)) else { return false };
            if accept(from + at) {
                return true;
            }
            from += at + 1;
        }
        find_linearly(self.needle(), &lowered[from..], |at| accept(from + at))
    }

    fn may_stand_between(&self, before: Option<char>, after: Option<char>) -> bool {
        let starts = !self.needs_start || !before.is_some_and(is_word);
        let ends = !self.needs_end || !after.is_some_and(is_word);
        starts && ends
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_prefix == other.is_prefix
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("text", &self.text).field("is_prefix", &self.is_prefix).finish_non_exhaustive()
    }
}

/// One record's text, looked through for the words of a query.
pub(super) struct Haystack<'a> {
    text: Cow<'a, str>,
    is_ascii: bool,
    lowered: OnceCell<String>,
}

impl<'a> Haystack<'a> {
    pub(super) fn new(text: Cow<'a, str>) -> Self {
        let is_ascii = text.is_ascii();
        Self { text, is_ascii, lowered: OnceCell::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn has(&self, words: &Words) -> bool {
        if !self.is_ascii {
            return words.are_in_lowered(self.lowered.get_or_init(|| lower(&self.text)));
        }
        let text = self.text.as_bytes();
        if words.needle().len() > text.len() || !words.needle().is_ascii() {
            false
        } else if text.len() <= SHORT_WINDOW_BYTES {
            words.are_in_ascii::<SHORT_WINDOW_BYTES>(text)
        } else if words.needle().len() <= WINDOW_BYTES / 4 {
            words.are_in_ascii::<WINDOW_BYTES>(text)
        } else {
            words.are_in_ascii::<LONG_WINDOW_BYTES>(text)
        }
    }
}

/// Knuth, Morris and Pratt's search: each byte is looked at once, however many places are refused.
fn find_linearly(needle: &[u8], haystack: &[u8], mut accept: impl FnMut(usize) -> bool) -> bool {
    // For each beginning of the needle, the length of its longest proper beginning that is also its end.
    let mut borders = vec![0; needle.len()];
    let mut matched = 0;
    for (index, &byte) in needle.iter().enumerate().skip(1) {
        matched = extend_match(needle, &borders, matched, byte);
        borders[index] = matched;
    }
    matched = 0;
    for (index, &byte) in haystack.iter().enumerate() {
        matched = extend_match(needle, &borders, matched, byte);
        if matched == needle.len() && accept(index + 1 - matched) {
            return true;
        }
    }
    false
}

/// How much of the needle is matched after one more byte.
fn extend_match(needle: &[u8], borders: &[usize], mut matched: usize, byte: u8) -> usize {
    while matched > 0 && needle.get(matched) != Some(&byte) {
        matched = borders[matched - 1];
    }
    if needle[matched] == byte { matched + 1 } else { matched }
}

/// Whether the character is part of a word: a letter, a digit or `_`.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Lower case, each character by itself. `str::to_lowercase` would look at a sigma's neighbours, which differ between
/// a word and the text it is in.
pub(super) fn lower(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len());
    lower_into(&mut lowered, text);
    lowered
}

/// The same, behind what is there already.
pub(super) fn lower_into(lowered: &mut String, text: &str) {
    for character in text.chars() {
        if character.is_ascii() {
            lowered.push(character.to_ascii_lowercase());
        } else {
            lowered.extend(character.to_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(words: &str, text: &str, expected: bool) {
        let words = match words.strip_suffix('*') {
            Some(prefix) => Words::prefix(prefix),
            None => Words::whole(words),
        };
        let found = |text: &str| Haystack::new(Cow::Borrowed(text)).has(&words);
        assert_eq!(found(text), expected, "{words:?} in {text:?}");
        // The same text behind what is not ASCII takes the other way and must give the same answer.
        assert_eq!(found(&format!("{text} →")), expected, "{words:?} in {text:?} →");
    }

    #[test]
    fn words_are_found_between_boundaries_whatever_their_case() {
        check("timeout", "timeout", true);
        check("timeout", "read TimeOut!", true);
        check("TIMEOUT", "(timeout)", true);
        check("time", "timeout", false);
        check("out", "timeout", false);
        check("out", "timeout out", true);
        check("time", "time_out", false);
        check("time", "time-out", true);
        check("5", "took 15 ms", false);
        check("5", "took 5ms", false);
        check("5", "took 5 ms", true);
        check("timeout", "", false);
    }

    #[test]
    fn phrases_are_found_character_for_character() {
        check("connection refused", "dial: Connection refused by peer", true);
        check("connection refused", "connection  refused", false);
        check("connection refused", "reconnection refused", false);
        check("connection refused", "connection refusedly", false);
        check("a a", "ba a a", true);
        check("aa", "aaa aa", true);
    }

    #[test]
    fn a_boundary_is_asked_only_of_word_characters() {
        check("=500", "status=500", true);
        check("=500", "status=5000", false);
        check("status=", "status=500", true);
        check("status=", "laststatus=500", false);
        check("->", "a->b", true);
        check("/api/", "GET /api/cart", true);
    }

    #[test]
    fn prefixes_may_go_on() {
        check("conn*", "connection", true);
        check("conn*", "conn", true);
        check("conn*", "reconnect", false);
        check("connection ref*", "connection refused", true);
        check("connection ref*", "connection is refused", false);
    }

    #[test]
    fn case_is_that_of_every_script() {
        check("größe", "Die GRÖßE", true);
        check("ПРИВЕТ", "привет, мир", true);
        check("ΟΔΟΣ", "οδοσ", true);
        check("kelvin", "300 \u{212a}elvin", true);
        check("time", "étime", false);
        check("café", "cafés", false);
        check("café*", "CAFÉS", true);
        check("é", "e", false);
    }

    #[test]
    fn words_are_found_across_the_border_of_two_windows() {
        for needle in ["needle", &"n".repeat(255), &"n".repeat(257), &"n".repeat(4000)] {
            let words = Words::whole(needle);
            for window in [WINDOW_BYTES, LONG_WINDOW_BYTES] {
                for at in (window - 300..window + 300).step_by(7).chain([window - needle.len().min(window), window]) {
                    let text = format!("{} {needle} {}", "x".repeat(at), "y".repeat(window));
                    assert!(Haystack::new(Cow::Borrowed(&text)).has(&words), "{} bytes at {at}", needle.len());
                    let within = text.replacen(' ', "x", 1);
                    assert!(!Haystack::new(Cow::Borrowed(&within)).has(&words), "{} bytes at {at}", needle.len());
                }
            }
        }
    }

    #[test]
    fn words_are_found_behind_many_places_within_words() {
        let within_words = "aa aa aa ".repeat(300);
        check("aa aa a", &within_words, false);
        check("aa aa a", &format!("{within_words}a aa aa a"), true);
        check("a a", &format!("{}a a", "xa a ".repeat(500)), true);
        check("e", &"see the sea ".repeat(200), false);
        check("e", &format!("{}e", "see the sea ".repeat(200)), true);
    }

    /// The rule itself, one place after the other.
    fn is_found(words: &Words, text: &str) -> bool {
        let (text, needle): (Vec<char>, Vec<char>) =
            (lower(text).chars().collect(), lower(&words.text).chars().collect());
        text.windows(needle.len()).enumerate().any(|(at, window)| {
            let before = at.checked_sub(1).map(|before| text[before]);
            let after = text.get(at + needle.len()).copied();
            let starts = !is_word(needle[0]) || !before.is_some_and(is_word);
            let ends = words.is_prefix || !is_word(needle[needle.len() - 1]) || !after.is_some_and(is_word);
            window == needle && starts && ends
        })
    }

    proptest! {
        #[test]
        fn words_are_found_exactly_where_the_rule_says(
            text in "[aAb .éÉ_]{0,12}|[aAb ._]{0,12}",
            needle in "[aAb .é]{1,4}",
        ) {
            for words in [Words::whole(&needle), Words::prefix(&needle)] {
                let found = Haystack::new(Cow::Borrowed(&text)).has(&words);
                prop_assert_eq!(found, is_found(&words, &text), "{:?}", words);
            }
        }
    }
}
