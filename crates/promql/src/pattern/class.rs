//! Classes of characters: `[a-z]`, `\d`, `\pL`.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use super::error::{Fault, PatternError};
use super::escape::{next, unescape, until};

/// Every character.
const ANY: &str = r"\x{0}-\x{10ffff}";
/// Numbers that are of no character.
const SURROGATES: RangeInclusive<u32> = 0xd800..=0xdfff;
/// The names of ASCII's classes.
const ASCII_CLASSES: &str = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit";
/// General categories by their short names. That of surrogates is empty, so that it is not one of them.
const CATEGORIES: &str = "C Cc Cf Cn Co L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z \
     Zl Zp Zs";
/// Scripts of Unicode 15, which Go knows.
const SCRIPTS: &str = "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki \
     Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee \
     Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra \
     Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati \
     Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited \
     Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi \
     Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian \
     Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui \
     Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari \
     Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic \
     Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage \
     Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan \
     Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri \
     Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan \
     Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square";

/// What a class has in it, as the crate `regex` writes it.
#[derive(Default)]
struct Items(String);

impl Items {
    /// Characters by their numbers, both of them included.
    fn range(&mut self, low: u32, high: u32) {
        let low = if SURROGATES.contains(&low) { SURROGATES.end() + 1 } else { low };
        let high = if SURROGATES.contains(&high) { SURROGATES.start() - 1 } else { high };
        if low <= high {
            write!(self.0, r"\x{{{low:x}}}-\x{{{high:x}}}").expect("writing to a string cannot fail");
        }
    }

    /// A class by its name, if one is there; the rest behind it.
    fn named<'a>(&mut self, text: &'a str) -> Result<Option<&'a str>, PatternError> {
        if let Some(rest) = self.perl(text) {
            return Ok(Some(rest));
        }
        match self.ascii(text)? {
            Some(rest) => Ok(Some(rest)),
            None => self.unicode(text),
        }
    }

    /// `\d`, `\s`, `\w` and their opposites.
    fn perl<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let rest = text.strip_prefix('\\')?;
        let class = match rest.bytes().next()? {
            b'd' => "[0-9]",
            b'D' => "[^0-9]",
            b's' => r"[\t\n\x{c}\r\x{20}]",
            b'S' => r"[^\t\n\x{c}\r\x{20}]",
            b'w' => "[0-9A-Za-z_]",
            b'W' => "[^0-9A-Za-z_]",
            _ => return None,
        };
        self.0.push_str(class);
        Some(&rest[1..])
    }

    /// `[:alnum:]`, `[:^alnum:]`.
    fn ascii<'a>(&mut self, text: &'a str) -> Result<Option<&'a str>, PatternError> {
        let Some((name, rest)) = text.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) else {
            return Ok(None);
        };
        if !is_one_of(ASCII_CLASSES, name.strip_prefix('^').unwrap_or(name)) {
            return Err(PatternError::new(Fault::CharRange, until(text, rest)));
        }
        self.0.push_str(until(text, rest));
        Ok(Some(rest))
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}` and their opposites.
    fn unicode<'a>(&mut self, text: &'a str) -> Result<Option<&'a str>, PatternError> {
        let Some(behind) = text.strip_prefix(r"\p").or_else(|| text.strip_prefix(r"\P")) else { return Ok(None) };
        let (name, rest) = match behind.strip_prefix('{') {
            Some(inner) => inner.split_once('}').ok_or_else(|| PatternError::new(Fault::CharRange, text))?,
            None => {
                let (_, rest) = next(behind);
                (until(behind, rest), rest)
            }
        };
        let (name, is_opposite) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let is_negated = text.starts_with(r"\P") != is_opposite;
        let letter = if is_negated { 'P' } else { 'p' };
        let written = match name {
            "Any" if is_negated => String::new(),
            "Any" => ANY.to_owned(),
            "Cs" if is_negated => ANY.to_owned(),
            "Cs" => String::new(),
            name if is_one_of(CATEGORIES, name) => format!(r"\{letter}{{gc={name}}}"),
            name if is_one_of(SCRIPTS, name) => format!(r"\{letter}{{sc={name}}}"),
            _ => return Err(PatternError::new(Fault::CharRange, until(text, rest))),
        };
        self.0.push_str(&written);
        Ok(Some(rest))
    }

    /// The class as a whole; `opening` is `[` or `[^`.
    fn close(self, opening: &str) -> String {
        match (self.0.is_empty(), opening) {
            (false, _) => format!("{opening}{}]", self.0),
            // An empty class cannot be written.
            (true, "[") => format!("[^{ANY}]"),
            (true, _) => format!("[{ANY}]"),
        }
    }
}

fn is_one_of(names: &str, name: &str) -> bool {
    !name.is_empty() && names.split(' ').any(|known| known == name)
}

/// A class that has one character, or none if the number is of none.
pub(super) fn single(number: u32) -> String {
    let mut items = Items::default();
    items.range(number, number);
    items.close("[")
}

/// A class by its name outside of brackets, if one is there; the rest behind it.
pub(super) fn named(text: &str) -> Result<Option<(String, &str)>, PatternError> {
    let mut items = Items::default();
    let rest = match items.perl(text) {
        Some(rest) => Some(rest),
        None => items.unicode(text)?,
    };
    Ok(rest.map(|rest| (items.close("["), rest)))
}

/// A class in brackets at the beginning of a text, and the rest behind it.
pub(super) fn bracketed(text: &str) -> Result<(String, &str), PatternError> {
    let inner = &text[1..];
    let opening = if inner.starts_with('^') { "[^" } else { "[" };
    let first = inner.strip_prefix('^').unwrap_or(inner);
    let (mut items, mut rest) = (Items::default(), first);
    loop {
        // The first is one of the class even if it is a bracket.
        if let Some(behind) = rest.strip_prefix(']').filter(|_| rest.len() < first.len()) {
            return Ok((items.close(opening), behind));
        }
        if let Some(behind) = items.named(rest)? {
            rest = behind;
            continue;
        }
        let (low, behind) = character(rest, text)?;
        let end = behind.strip_prefix('-').filter(|end| !end.is_empty() && !end.starts_with(']'));
        let (high, behind) = end.map_or(Ok((low, behind)), |end| character(end, text))?;
        if high < low {
            return Err(PatternError::new(Fault::CharRange, until(rest, behind)));
        }
        items.range(low, high);
        rest = behind;
    }
}

/// The number of the first character, which may be escaped, and the rest.
fn character<'a>(text: &'a str, class: &str) -> Result<(u32, &'a str), PatternError> {
    match next(text) {
        (None, _) => Err(PatternError::new(Fault::MissingBracket, class)),
        (Some('\\'), _) => unescape(text),
        (Some(c), rest) => Ok((u32::from(c), rest)),
    }
}
