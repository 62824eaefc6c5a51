//! Regular expressions as Go reads them, written for the crate `regex`.
//!
//! One pass over the text, with the open groups on a stack: whatever Go refuses is refused, in Go's order, and whatever
//! the two read differently is written so that it means what it means to Go. Of flags only `i` is left to the crate.

use std::fmt::Write as _;

use super::class;
use super::error::{Fault, PatternError};
use super::escape::{next, unescape, until};

/// How often something may be repeated, repetitions of repetitions multiplied: a bound of Go.
const COPIES_MAX: u32 = 1000;
/// Repetitions may be put into groups of their own so often: the crate does not nest deeper, and each moves some text.
const WRAPS_MAX: usize = 250;

/// An expression for the crate `regex`.
#[derive(Debug)]
pub(super) struct Translation {
    /// To be put between anchors as it is.
    pub(super) text: String,
    /// Of each group, the first of which is the whole. Go lets groups have the same name, so the text does without.
    pub(super) group_names: Vec<Option<String>>,
}

/// What a flag group switches.
#[derive(Clone, Copy)]
struct Flags {
    /// `i`
    fold: bool,
    /// `m`
    lines: bool,
    /// `s`
    dot_all: bool,
    /// `U`
    lazy: bool,
}

/// What a repetition would repeat.
struct Atom {
    /// Where it begins in what is written.
    start: usize,
    /// How many copies of something in it there are.
    copies: u32,
    is_repeated: bool,
}

/// An open group.
struct Group {
    /// Those behind it.
    flags_after: Flags,
    fold_after: bool,
    /// Missing at the beginning of an alternative.
    atom: Option<Atom>,
    /// Most of any atom before.
    copies: u32,
}

/// A repetition as it is written, without what makes it lazy.
struct Repetition<'a> {
    operator: &'a str,
    /// How many copies it makes at most, or at least if there is no end to them; `None` of those that Go does not count.
    copies: Option<u32>,
    /// Whether it makes none at all.
    is_never: bool,
}

struct Translator<'a> {
    whole: &'a str,
    rest: &'a str,
    out: String,
    flags: Flags,
    /// Whether what is written next would fold cases.
    fold: bool,
    group: Group,
    outer: Vec<Group>,
    group_names: Vec<Option<String>>,
    wraps: usize,
}

/// Reads an expression of Go, in which `.` matches line ends unless it says otherwise.
pub(super) fn translate(whole: &str) -> Result<Translation, PatternError> {
    let flags = Flags { fold: false, lines: false, dot_all: true, lazy: false };
    let group = Group { flags_after: flags, fold_after: false, atom: None, copies: 1 };
    let out = String::with_capacity(whole.len() + 16);
    let group_names = vec![None];
    let translator =
        Translator { whole, rest: whole, out, flags, fold: false, group, outer: Vec::new(), group_names, wraps: 0 };
    translator.run()
}

impl<'a> Translator<'a> {
    fn run(mut self) -> Result<Translation, PatternError> {
        // From a repetition that has just been read.
        let mut repeated: Option<&str> = None;
        while let (Some(c), behind) = next(self.rest) {
            let before = self.rest;
            self.rest = behind;
            let repetition = match c {
                '*' | '+' | '?' => Some(Repetition { operator: until(before, behind), copies: None, is_never: false }),
                '{' => self.counted(before)?,
                _ => None,
            };
            if let Some(repetition) = repetition {
                self.repeat(&repetition, before, repeated)?;
                repeated = Some(before);
                continue;
            }
            repeated = None;
            match c {
                '(' => self.open(before)?,
                ')' => self.close()?,
                '|' => self.alternative(),
                '^' => self.atom(if self.flags.lines { "(?m:^)" } else { r"\A" }),
                '$' => self.atom(if self.flags.lines { "(?m:$)" } else { r"\z" }),
                '.' => self.atom(if self.flags.dot_all { "(?s:.)" } else { r"[^\n]" }),
                '[' => {
                    let (class, rest) = class::bracketed(before)?;
                    self.atom(&class);
                    self.rest = rest;
                }
                '\\' => self.escape(before)?,
                c => self.literal(u32::from(c)),
            }
        }
        if !self.outer.is_empty() {
            return Err(PatternError::new(Fault::MissingParen, self.whole));
        }
        Ok(Translation { text: self.out, group_names: self.group_names })
    }

    /// Something that can be repeated.
    fn atom(&mut self, text: &str) {
        self.begin_atom();
        self.out.push_str(text);
    }

    fn begin_atom(&mut self) {
        self.end_atom();
        // Flags are written as late as that, so that they never stand between an atom and its repetition.
        if self.flags.fold != self.fold {
            self.fold = self.flags.fold;
            self.out.push_str(if self.fold { "(?i)" } else { "(?-i)" });
        }
        self.group.atom = Some(Atom { start: self.out.len(), copies: 1, is_repeated: false });
    }

    fn end_atom(&mut self) {
        if let Some(atom) = self.group.atom.take() {
            self.group.copies = self.group.copies.max(atom.copies);
        }
    }

    fn literal(&mut self, number: u32) {
        match char::from_u32(number) {
            Some(c) => {
                self.begin_atom();
                if regex_syntax::is_meta_character(c) {
                    self.out.push('\\');
                }
                self.out.push(c);
            }
            None => self.atom(&class::single(number)),
        }
    }

    fn escape(&mut self, before: &'a str) -> Result<(), PatternError> {
        let (kind, behind) = next(self.rest);
        match kind {
            Some('A') => self.atom(r"\A"),
            Some('z') => self.atom(r"\z"),
            Some('b') => self.atom(r"(?-u:\b)"),
            Some('B') => self.atom(r"(?-u:\B)"),
            // A byte, of which texts do not consist.
            Some('C') => return Err(PatternError::new(Fault::Escape, r"\C")),
            Some('Q') => {
                let (literals, rest) = behind.split_once(r"\E").unwrap_or((behind, ""));
                literals.chars().for_each(|c| self.literal(u32::from(c)));
                self.rest = rest;
                return Ok(());
            }
            _ => {
                if let Some((class, rest)) = class::named(before)? {
                    self.atom(&class);
                    self.rest = rest;
                } else {
                    let (number, rest) = unescape(before)?;
                    self.literal(number);
                    self.rest = rest;
                }
                return Ok(());
            }
        }
        self.rest = behind;
        Ok(())
    }

    fn alternative(&mut self) {
        self.end_atom();
        self.out.push('|');
    }

    fn open(&mut self, before: &'a str) -> Result<(), PatternError> {
        if before.starts_with("(?") {
            return self.open_extended(before);
        }
        self.group_names.push(None);
        self.enter("(", self.flags);
        Ok(())
    }

    fn enter(&mut self, opening: &str, flags: Flags) {
        self.atom(opening);
        let inner = Group { flags_after: self.flags, fold_after: self.fold, atom: None, copies: 1 };
        self.outer.push(std::mem::replace(&mut self.group, inner));
        self.flags = flags;
    }

    fn close(&mut self) -> Result<(), PatternError> {
        self.end_atom();
        let outer = self.outer.pop().ok_or_else(|| PatternError::new(Fault::UnexpectedParen, self.whole))?;
        let inner = std::mem::replace(&mut self.group, outer);
        if let Some(atom) = &mut self.group.atom {
            atom.copies = inner.copies;
        }
        (self.flags, self.fold) = (inner.flags_after, inner.fold_after);
        self.out.push(')');
        Ok(())
    }

    /// A group with a name, a group with flags, or flags for what follows.
    fn open_extended(&mut self, before: &'a str) -> Result<(), PatternError> {
        let named = before.strip_prefix("(?P<").or_else(|| before.strip_prefix("(?<"));
        if let Some(inner) = named.filter(|inner| !inner.is_empty()) {
            let Some((name, rest)) = inner.split_once('>') else {
                return Err(PatternError::new(Fault::NamedCapture, before));
            };
            if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(PatternError::new(Fault::NamedCapture, until(before, rest)));
            }
            self.group_names.push(Some(name.to_owned()));
            self.enter("(", self.flags);
            self.rest = rest;
            return Ok(());
        }
        let mut rest = &before[2..];
        let (mut flags, mut value, mut is_switched) = (self.flags, true, false);
        loop {
            let (c, behind) = next(rest);
            rest = behind;
            match c {
                Some('i') => flags.fold = value,
                Some('m') => flags.lines = value,
                Some('s') => flags.dot_all = value,
                Some('U') => flags.lazy = value,
                Some('-') if value => {
                    (value, is_switched) = (false, false);
                    continue;
                }
                Some(':') if value || is_switched => {
                    self.enter("(?:", flags);
                    break;
                }
                Some(')') if value || is_switched => {
                    self.flags = flags;
                    break;
                }
                _ => return Err(PatternError::new(Fault::PerlOp, until(before, rest))),
            }
            is_switched = true;
        }
        self.rest = rest;
        Ok(())
    }

    /// A repetition in braces. Braces around anything else are literal.
    fn counted(&mut self, before: &'a str) -> Result<Option<Repetition<'a>>, PatternError> {
        let Some((least, most, rest)) = numbers(self.rest) else { return Ok(None) };
        let operator = until(before, rest);
        if least > COPIES_MAX || most.is_some_and(|most| most > COPIES_MAX || most < least) {
            return Err(PatternError::new(Fault::RepeatSize, operator));
        }
        self.rest = rest;
        Ok(Some(Repetition { operator, copies: Some(most.unwrap_or(least)), is_never: most == Some(0) }))
    }

    /// Repeats the last atom. `before` is the text from the repetition on, and `repeated` that from one directly before.
    fn repeat(
        &mut self,
        repetition: &Repetition<'_>,
        before: &str,
        repeated: Option<&str>,
    ) -> Result<(), PatternError> {
        let is_lazy = self.rest.starts_with('?');
        self.rest = self.rest.strip_prefix('?').unwrap_or(self.rest);
        if let Some(repeated) = repeated {
            return Err(PatternError::new(Fault::RepeatOp, until(repeated, self.rest)));
        }
        let written = until(before, self.rest);
        let Some(atom) = &mut self.group.atom else {
            return Err(PatternError::new(Fault::MissingRepeatArgument, written));
        };
        match repetition.copies {
            _ if repetition.is_never => atom.copies = 1,
            Some(copies) if copies >= 2 => {
                atom.copies = atom.copies.saturating_mul(copies);
                if atom.copies > COPIES_MAX {
                    return Err(PatternError::new(Fault::RepeatSize, written));
                }
            }
            _ => {}
        }
        if atom.is_repeated {
            // Something without a meaning stands between; next to each other the two would be read otherwise.
            self.wraps += 1;
            if self.wraps > WRAPS_MAX {
                return Err(PatternError::new(Fault::NestingDepth, self.whole));
            }
            self.out.insert_str(atom.start, "(?:");
            self.out.push(')');
        }
        atom.is_repeated = true;
        let mark = if is_lazy == self.flags.lazy { "" } else { "?" };
        write!(self.out, "{}{mark}", repetition.operator).expect("writing to a string cannot fail");
        Ok(())
    }
}

/// The numbers of `2}`, `2,}` or `2,3}`, and the rest behind. What is too large is so here too.
fn numbers(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (least, rest) = number(text)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, Some(least), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, None, rest));
    }
    let (most, rest) = number(rest)?;
    Some((least, Some(most), rest.strip_prefix('}')?))
}

/// A number without leading zeros.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
    (!digits.is_empty() && !has_leading_zero).then(|| (digits.parse().unwrap_or(u32::MAX), rest))
}
