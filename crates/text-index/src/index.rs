//! Which stripes of rows may have what is wanted.

use std::fmt;
use std::io;
use std::sync::Arc;

use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, InvertedIndexReader, SegmentReader};

use crate::builder::{FIELD, STEM_MARK};
use crate::container::{Container, damaged};
use crate::directory::CheckedDirectory;
use crate::indexed::{first, is_hex, is_indexed};
use crate::read_at::ReadAt;
use crate::stripe::STRIPE_ROWS;

/// Words of the dictionary that a prefix is looked up as, at most. One with more is in too many rows anyhow.
const PREFIX_WORDS_MAX: usize = 1_024;

/// One in so many stripes: what stands in more is quicker found by looking at all rows than at most of them.
const SHARE_MAX: u32 = 3;

/// What rows must have, of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing that an index could tell.
    Anything,
    /// This lowered word.
    Word(String),
    /// A word that begins so, lowered.
    Prefix(String),
    /// All of these.
    All(Vec<Wanted>),
    /// At least one of these.
    Any(Vec<Wanted>),
}

/// Where what is wanted may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// In these stripes of [`STRIPE_ROWS`] rows and in no other; ascending.
    Stripes(Vec<u32>),
    /// In more than about a third of them, or the index cannot tell.
    TooMany,
}

/// An index open for asking.
pub struct TextIndex {
    words: Arc<InvertedIndexReader>,
    rows: u64,
    stripes: u32,
}

impl TextIndex {
    /// Reads what it takes to ask. `InvalidData` for what is not a whole index of this version.
    pub fn open(data: Arc<dyn ReadAt>) -> io::Result<Self> {
        let container = Container::open(data)?;
        let rows = container.rows();
        let index = Index::open(CheckedDirectory(container)).map_err(invalid)?;
        let segments = index.searchable_segments().map_err(invalid)?;
        let [segment] = &segments[..] else { return Err(damaged("the text index is not in one piece")) };
        let reader = SegmentReader::open(segment).map_err(invalid)?;
        let field = index.schema().get_field(FIELD).map_err(invalid)?;
        let (words, stripes) = (reader.inverted_index(field).map_err(invalid)?, reader.max_doc());
        if u64::from(stripes) != rows.div_ceil(STRIPE_ROWS as u64) {
            return Err(damaged("the text index does not have as many stripes as its rows take"));
        }
        Ok(Self { words, rows, stripes })
    }

    /// Whether every byte is what was written. Blocks the calling thread.
    pub fn check(data: Arc<dyn ReadAt>) -> io::Result<()> {
        Container::open(data)?.check()
    }

    /// The rows that it is an index of.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The stripes that may have what is wanted. Blocks the calling thread.
    pub fn stripes(&self, wanted: &Wanted) -> io::Result<Found> {
        let stripes = self.find(wanted)?.filter(|stripes| !self.is_too_many(stripes.count()));
        Ok(stripes.map_or(Found::TooMany, |stripes| Found::Stripes(stripes.numbers().collect())))
    }

    /// `None` for what may be in any stripe.
    fn find(&self, wanted: &Wanted) -> io::Result<Option<Stripes>> {
        match wanted {
            Wanted::Anything => Ok(None),
            Wanted::Word(word) if is_indexed(word) => self.word(word),
            Wanted::Word(_) => Ok(None),
            Wanted::Prefix(prefix) => self.prefix(prefix),
            Wanted::All(all) => {
                let mut found: Option<Stripes> = None;
                for wanted in all {
                    if let Some(stripes) = self.find(wanted)? {
                        found = Some(found.map_or_else(|| stripes.clone(), |found| found.and(&stripes)));
                    }
                }
                Ok(found)
            }
            Wanted::Any(any) => {
                let mut found = Stripes::none(self.stripes);
                for wanted in any {
                    let Some(stripes) = self.find(wanted)? else { return Ok(None) };
                    found = found.or(&stripes);
                }
                Ok(Some(found))
            }
        }
    }

    fn word(&self, word: &str) -> io::Result<Option<Stripes>> {
        let mut stripes = Stripes::none(self.stripes);
        if let Some(term) = self.words.terms().get(word)? {
            if self.is_too_many(term.doc_freq) {
                return Ok(None);
            }
            let postings = self.words.read_block_postings_from_terminfo(&term, IndexRecordOption::Basic)?;
            stripes.add(postings)?;
        }
        Ok(Some(stripes))
    }

    fn prefix(&self, prefix: &str) -> io::Result<Option<Stripes>> {
        // Words that are not indexed begin so in every way.
        if is_hex(prefix) {
            return Ok(None);
        }
        let stem = format!("{STEM_MARK}{}", first(prefix));
        let (Some(indexed), Some(others)) = (self.range(prefix)?, self.range(&stem)?) else { return Ok(None) };
        Ok(Some(indexed.or(&others)))
    }

    /// Where entries are that begin so.
    fn range(&self, start: &str) -> io::Result<Option<Stripes>> {
        let mut stripes = Stripes::none(self.stripes);
        let mut terms = self.words.terms().range().ge(start.as_bytes()).into_stream()?;
        let mut words = 0;
        while terms.advance() && terms.key().starts_with(start.as_bytes()) {
            words += 1;
            if words > PREFIX_WORDS_MAX || self.is_too_many(terms.value().doc_freq) {
                return Ok(None);
            }
            let postings = self.words.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            stripes.add(postings)?;
        }
        Ok(Some(stripes))
    }

    fn is_too_many(&self, stripes: u32) -> bool {
        stripes > self.stripes / SHARE_MAX
    }
}

impl fmt::Debug for TextIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextIndex").field("rows", &self.rows).finish_non_exhaustive()
    }
}

fn invalid(error: tantivy::TantivyError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// A set of stripes, a bit each.
#[derive(Clone, Debug)]
struct Stripes(Vec<u64>);

impl Stripes {
    fn none(stripes: u32) -> Self {
        Self(vec![0; stripes.div_ceil(u64::BITS) as usize])
    }

    fn add(&mut self, mut postings: BlockSegmentPostings) -> io::Result<()> {
        while !postings.docs().is_empty() {
            for stripe in postings.docs() {
                let word = self.0.get_mut((stripe / u64::BITS) as usize);
                *word.ok_or_else(|| damaged("the text index names a stripe that there is not"))? |=
                    1 << (stripe % u64::BITS);
            }
            postings.advance();
        }
        Ok(())
    }

    fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, other)| *bits &= other);
        self
    }

    fn or(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, other)| *bits |= other);
        self
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|bits| bits.count_ones()).sum()
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        let of_word = |(at, bits): (u32, &u64)| {
            let bits = *bits;
            (0..u64::BITS).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| at * u64::BITS + bit)
        };
        (0..).zip(&self.0).flat_map(of_word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::TextIndexBuilder;

    fn build(rows: &[Vec<String>]) -> Vec<u8> {
        let mut builder = TextIndexBuilder::new().unwrap();
        for row in rows {
            row.iter().for_each(|word| builder.word(word));
            builder.end_rows(1).unwrap();
        }
        builder.finish().unwrap().expect("small")
    }

    fn open(bytes: &[u8]) -> io::Result<TextIndex> {
        TextIndex::open(Arc::new(bytes.to_vec()))
    }

    /// What a row has, one word after the other.
    fn has(row: &[String], wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Anything => true,
            Wanted::Word(word) => row.contains(word),
            Wanted::Prefix(prefix) => row.iter().any(|word| word.starts_with(prefix)),
            Wanted::All(all) => all.iter().all(|wanted| has(row, wanted)),
            Wanted::Any(any) => any.iter().any(|wanted| has(row, wanted)),
        }
    }

    /// The stripes of rows that have what is wanted.
    fn by_looking(rows: &[Vec<String>], wanted: &Wanted) -> BTreeSet<u32> {
        let having = rows.iter().enumerate().filter(|(_, row)| has(row, wanted));
        having.map(|(row, _)| (row / STRIPE_ROWS) as u32).collect()
    }

    fn word(word: &str) -> Wanted {
        Wanted::Word(word.to_owned())
    }

    fn prefix(prefix: &str) -> Wanted {
        Wanted::Prefix(prefix.to_owned())
    }

    /// A thousand rows that all say `all`, some of which say more.
    fn rows() -> Vec<Vec<String>> {
        let row = |row: usize| {
            let mut words = vec!["all".to_owned(), format!("{row:016x}"), format!("needle{row:010}")];
            words.extend((row % 400 == 7).then(|| "timeout".to_owned()));
            words.extend((row % 500 == 9).then(|| "timer".to_owned()));
            words
        };
        (0..1_000).map(row).collect()
    }

    #[test]
    fn words_are_found_in_their_stripes() {
        let index = open(&build(&rows())).unwrap();
        let check =
            |wanted: &Wanted, expected: Found| assert_eq!(index.stripes(wanted).unwrap(), expected, "{wanted:?}");
        let stripes = |stripes: &[u32]| Found::Stripes(stripes.to_vec());
        check(&word("timeout"), stripes(&[0, 6, 12]));
        check(&word("absent"), stripes(&[]));
        check(&word("all"), Found::TooMany);
        check(&word("needle0000000007"), Found::TooMany);
        check(&prefix("time"), stripes(&[0, 6, 7, 12]));
        check(&prefix("timeo"), stripes(&[0, 6, 12]));
        check(&prefix("abs"), stripes(&[]));
        check(&prefix("zzz"), stripes(&[]));
        check(&prefix("need"), Found::TooMany);
        check(&prefix("bed"), Found::TooMany);
        check(&Wanted::All(vec![word("timeout"), word("timer")]), stripes(&[0]));
        check(&Wanted::All(vec![word("all"), word("timer")]), stripes(&[0, 7]));
        check(&Wanted::All(vec![word("all"), Wanted::Anything]), Found::TooMany);
        check(&Wanted::Any(vec![word("timeout"), word("timer")]), stripes(&[0, 6, 7, 12]));
        check(&Wanted::Any(vec![word("timeout"), word("all")]), Found::TooMany);
    }

    #[test]
    fn an_index_of_no_rows_is_an_index() {
        let index = open(&build(&[])).unwrap();
        assert_eq!((index.rows(), index.stripes(&word("x")).unwrap()), (0, Found::Stripes(Vec::new())));
    }

    #[test]
    fn a_flipped_byte_is_an_error_or_changes_nothing() {
        let rows = rows();
        let bytes = build(&rows);
        let questions = [word("timeout"), word("absent"), prefix("time"), word("all")];
        let answers = |index: TextIndex| questions.each_ref().map(|wanted| index.stripes(wanted).ok());
        let expected = answers(open(&bytes).unwrap());
        for position in (0..bytes.len()).step_by(13) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 0x10;
            let Ok(index) = open(&flipped) else { continue };
            for (found, expected) in answers(index).iter().zip(&expected) {
                assert!(found.is_none() || found == expected, "byte {position}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_row_that_has_what_is_wanted_is_missed(
            texts in prop::collection::vec("([a-c]{1,3}|[a-c]{2}[0-9]{1,9}|é[a-b]| ){0,3}", 0..400),
            asked in prop::collection::vec(("[a-cé]{1,3}|[a-c]{2}[0-9]{1,9}", any::<bool>()), 1..4),
            are_all in any::<bool>(),
        ) {
            let rows: Vec<Vec<String>> =
                texts.iter().map(|text| text.split_whitespace().map(str::to_owned).collect()).collect();
            let index = open(&build(&rows)).unwrap();
            let asked = asked.iter().map(|(text, is_prefix)| if *is_prefix { prefix(text) } else { word(text) });
            let wanted = if are_all { Wanted::All(asked.collect()) } else { Wanted::Any(asked.collect()) };
            if let Found::Stripes(stripes) = index.stripes(&wanted).unwrap() {
                prop_assert!(stripes.is_sorted());
                let missed: Vec<u32> =
                    by_looking(&rows, &wanted).into_iter().filter(|stripe| !stripes.contains(stripe)).collect();
                prop_assert!(missed.is_empty(), "{missed:?}");
            }
        }
    }
}
