//! Words of rows, in their order, → the bytes of one file.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;

use tantivy::directory::RamDirectory;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Directory, Index, IndexSettings, SingleSegmentIndexWriter, TantivyDocument};

use crate::container;
use crate::indexed::{is_indexed, stem};
use crate::stripe::{SEPARATOR, STRIPE_ROWS, Stripe};

/// Memory that building may take, in bytes. Words that take more are not words: the block then goes without an index.
pub const BUILD_BYTES_MAX: usize = 128 << 20;

/// What tantivy's tables are laid out for at first, in bytes. They grow.
const INITIAL_BYTES: usize = 16 << 20;

/// Stripes between two looks at the memory taken.
const STRIPES_PER_LOOK: u32 = 256;

/// The one field, and the tokenizer that separates its words.
pub(crate) const FIELD: &str = "words";

/// Begins an entry that is the stem of words that are not indexed. In no word.
pub(crate) const STEM_MARK: char = '\0';

/// Gathers the words of a block's rows.
pub struct TextIndexBuilder {
    /// `None` once the index has become too large.
    writer: Option<SingleSegmentIndexWriter>,
    directory: RamDirectory,
    field: Field,
    stripe: Stripe,
    /// Begins with [`STEM_MARK`].
    stem: String,
    rows: u64,
    rows_in_stripe: usize,
    stripes: u32,
}

impl TextIndexBuilder {
    /// For a block without rows yet.
    pub fn new() -> io::Result<Self> {
        let indexing = TextFieldIndexing::default()
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false)
            .set_tokenizer(FIELD);
        let mut schema = Schema::builder();
        let field = schema.add_text_field(FIELD, TextOptions::default().set_indexing_options(indexing));
        let tokenizers = TokenizerManager::new();
        tokenizers.register(FIELD, TextAnalyzer::builder(Separated::default()).build());
        let directory = RamDirectory::create();
        let writer = Index::builder()
            .schema(schema.build())
            .tokenizers(tokenizers)
            .settings(IndexSettings { docstore_blocksize: 1 << 20, ..IndexSettings::default() })
            .single_segment_index_writer(directory.clone(), INITIAL_BYTES)
            .map_err(io::Error::other)?;
        let (writer, stripe, stem) = (Some(writer), Stripe::new(), String::from(STEM_MARK));
        Ok(Self { writer, directory, field, stripe, stem, rows: 0, rows_in_stripe: 0, stripes: 0 })
    }

    /// Takes a lowered word of the rows that are ended next. It does not hold a line break.
    pub fn word(&mut self, word: &str) {
        if self.writer.is_none() {
            return;
        }
        if is_indexed(word) {
            self.stripe.add(word);
        } else if let Some(stem) = stem(word) {
            self.stem.truncate(STEM_MARK.len_utf8());
            self.stem.push_str(stem);
            self.stripe.add(&self.stem);
        }
    }

    /// How many rows the stripe may still take; never none.
    pub fn room(&self) -> usize {
        STRIPE_ROWS - self.rows_in_stripe
    }

    /// Ends so many rows, at most those that there is [`Self::room`] for.
    pub fn end_rows(&mut self, rows: usize) -> io::Result<()> {
        self.rows += rows as u64;
        self.rows_in_stripe += rows;
        if self.rows_in_stripe == STRIPE_ROWS { self.end_stripe() } else { Ok(()) }
    }

    /// The bytes of the index; `None` where it would have taken more than [`BUILD_BYTES_MAX`].
    pub fn finish(mut self) -> io::Result<Option<Vec<u8>>> {
        if self.rows_in_stripe > 0 {
            self.end_stripe()?;
        }
        let Some(writer) = self.writer else { return Ok(None) };
        let index = writer.finalize().map_err(io::Error::other)?;
        let listed = index.directory().list_managed_files().into_iter();
        let mut names: BTreeSet<String> = listed.filter_map(|path| Some(path.to_str()?.to_owned())).collect();
        names.insert("meta.json".to_owned());
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            let data = self.directory.atomic_read(Path::new(&name)).map_err(io::Error::other)?;
            files.push((name, data));
        }
        Ok(Some(container::encode(self.rows, &files)))
    }

    fn end_stripe(&mut self) -> io::Result<()> {
        let words = self.stripe.take();
        self.rows_in_stripe = 0;
        self.stripes += 1;
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let mut document = TantivyDocument::new();
        document.add_text(self.field, words);
        writer.add_document(document).map_err(io::Error::other)?;
        if self.stripes.is_multiple_of(STRIPES_PER_LOOK) && writer.mem_usage() > BUILD_BYTES_MAX {
            self.writer = None;
        }
        Ok(())
    }
}

impl fmt::Debug for TextIndexBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextIndexBuilder").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// Takes words apart that are there already.
#[derive(Clone, Debug, Default)]
struct Separated {
    token: Token,
}

struct SeparatedStream<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for Separated {
    type TokenStream<'a> = SeparatedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> SeparatedStream<'a> {
        self.token.reset();
        SeparatedStream { rest: text, token: &mut self.token }
    }
}

impl TokenStream for SeparatedStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((word, rest)) = self.rest.split_once(SEPARATOR) else { return false };
        self.rest = rest;
        self.token.text.clear();
        self.token.text.push_str(word);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
