//! What indexes know of a record: the words of its text, and the fields and values of its attributes.
//!
//! Writers of indexes and [`Necessary`](super::Necessary) rest on the same cuts, so what is found by looking is found
//! by asking an index.

use std::fmt::{self, Write};

use super::matching::text_form;
use super::number::Number;
use super::word::{is_word, lower_into};
use crate::{Attributes, VALUE_DEPTH_MAX, ValueRef};

/// Cuts texts and attributes into tokens, with memory that is used again.
#[derive(Debug, Default)]
pub struct Tokenizer {
    text: String,
}

impl Tokenizer {
    /// One without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives each word of the text, lowered, in order; what repeats comes each time.
    ///
    /// A word is a longest run of letters, digits and `_` (by `char::is_alphanumeric`) in the text after each of its
    /// characters was lowered by `char::to_lowercase`.
    pub fn words(&mut self, text: &str, mut take: impl FnMut(&str)) {
        self.text.clear();
        if text.is_ascii() {
            self.text.push_str(text);
            self.text.make_ascii_lowercase();
            ascii_words(&self.text, take);
        } else {
            lower_into(&mut self.text, text);
            self.text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).for_each(&mut take);
        }
    }

    /// Gives each field of the attributes, first alone, then with each of its [`Self::values`].
    pub fn fields(&mut self, attributes: Attributes<'_>, mut take: impl FnMut(&str, Option<&str>)) {
        for entry in attributes.iter().map_while(Result::ok) {
            take(entry.key, None);
            self.values(entry.value, |value| take(entry.key, Some(value)));
        }
    }

    /// Gives the value as [`Necessary::Pair`] has it; of a list its elements. Maps and what is empty have none.
    ///
    /// [`Necessary::Pair`]: super::Necessary::Pair
    pub fn values(&mut self, value: ValueRef<'_>, mut take: impl FnMut(&str)) {
        self.values_at(value, 0, &mut take);
    }

    fn values_at(&mut self, value: ValueRef<'_>, depth: usize, take: &mut dyn FnMut(&str)) {
        let number = match value {
            ValueRef::Int(int) => Number::Int(int),
            ValueRef::Float(float) if float.is_finite() => Number::Float(float),
            ValueRef::List(list) if depth < VALUE_DEPTH_MAX => {
                return list.iter().map_while(Result::ok).for_each(|element| self.values_at(element, depth + 1, take));
            }
            other => return text_form(other).iter().for_each(|text| take(text)),
        };
        self.text.clear();
        write!(self.text, "{}", Canonical(number)).expect("writing to memory does not fail");
        take(&self.text);
    }
}

fn ascii_words(lowered: &str, mut take: impl FnMut(&str)) {
    let mut start = 0;
    for (at, byte) in lowered.bytes().enumerate() {
        if !IS_WORD_BYTE[usize::from(byte)] {
            if start < at {
                take(&lowered[start..at]);
            }
            start = at + 1;
        }
    }
    if start < lowered.len() {
        take(&lowered[start..]);
    }
}

/// What [`is_word`] says of each ASCII character. A look-up is most of the time of cutting saved.
const IS_WORD_BYTE: [bool; 256] = {
    let (mut is_word, mut byte) = ([false; 256], 0u8);
    while byte.is_ascii() {
        is_word[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    is_word
};

/// A number as text: two that are equal have the same, be they integers or doubles.
pub(super) struct Canonical(pub(super) Number);

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Number::Int(int) => int.fmt(f),
            Number::Float(float) => {
                // The cast saturates, so the order tells whether the double is that integer.
                let whole = float as i64;
                let is_whole = self.0.compare(Number::Int(whole)).is_some_and(|order| order.is_eq());
                if is_whole { whole.fmt(f) } else { float.fmt(f) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttributesWriter, Value};

    #[test]
    fn words_are_cut_where_letters_digits_and_underlines_end() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            let mut words = Vec::new();
            Tokenizer::new().words(text, |word| words.push(word.to_owned()));
            assert_eq!(words, expected, "{text:?}");
        }
        check("", &[]);
        check(" -> ", &[]);
        check("GET /Api/v1 took 15ms", &["get", "api", "v1", "took", "15ms"]);
        check("a a_b A", &["a", "a_b", "a"]);
        check("größe=GRÖSSE…x", &["größe", "grösse", "x"]);
        check("x²\u{212a}", &["x²k"]);
    }

    #[test]
    fn texts_of_ascii_are_cut_by_the_same_rule_as_others() {
        for byte in 0..128u8 {
            assert_eq!(IS_WORD_BYTE[usize::from(byte)], is_word(char::from(byte)), "{byte}");
        }
        for text in ["", "a", ".", "a.", ".a", "..a__B..9.", "one two", " one  two "] {
            let words = |text: &str| {
                let mut words = Vec::new();
                Tokenizer::new().words(text, |word| words.push(word.to_owned()));
                words
            };
            assert_eq!(words(&format!("{text}…")), words(text), "{text:?}");
        }
    }

    #[test]
    fn fields_come_alone_and_with_each_of_their_values() {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut attributes = AttributesWriter::new();
        for (key, value) in [
            ("text", text("Two Words")),
            ("int", Value::Int(404)),
            ("whole", Value::Float(404.0)),
            ("half", Value::Float(0.5)),
            ("zero", Value::Float(-0.0)),
            ("large", Value::Float(9_223_372_036_854_775_808.0)),
            ("nan", Value::Float(f64::NAN)),
            ("yes", Value::Bool(true)),
            ("bytes", Value::Bytes(vec![0xab])),
            ("list", Value::List(vec![Value::Int(1), Value::List(vec![text("x")]), Value::Null])),
            ("map", Value::Map(vec![("k".to_owned(), text("v"))])),
            ("null", Value::Null),
        ] {
            attributes.key(key);
            attributes.value(&value);
        }
        let mut tokens = Vec::new();
        Tokenizer::new().fields(Attributes::new(attributes.as_bytes()), |field, value| {
            tokens.push(value.map_or_else(|| field.to_owned(), |value| format!("{field}={value}")));
        });
        let expected = "text, text=Two Words, int, int=404, whole, whole=404, half, half=0.5, zero, zero=0, large, \
            large=9223372036854776000, nan, nan=NaN, yes, yes=true, bytes, bytes=ab, list, list=1, list=x, map, null";
        assert_eq!(tokens.join(", "), expected);
    }
}
