//! Matching of texts with `%` and `_`, as the `~` of filters does it.
//!
//! The engine's own LIKE tries a pattern at every position of the text, and nothing can interrupt it meanwhile: some
//! kilobytes of `a` and a `b`, looked for in megabytes of `a`, take minutes. Here time grows with the length of the text
//! alone, or of the text times a 64th of the pattern where that has `_` in it, and the connection's [`Clock`] is heeded.
//!
//! Letters match without regard to case. A letter outside ASCII never matches one of ASCII, so that ASCII patterns need
//! not decode the text.

use super::clock::Clock;
use memchr::memmem::Finder;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, ffi};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// `text_like(text, pattern)`: `text LIKE pattern ESCAPE '\'`.
pub const FUNCTION: &str = "text_like";

/// Bytes that may be matched between two looks at the clock: some tens of microseconds.
const BYTES_BETWEEN_LOOKS: usize = 64 * 1024;
/// A buffer that a large text has made larger than this is given back.
const MAX_KEPT_BUFFER: usize = 64 * 1024;
/// Patterns that a connection keeps, so that they are not compiled again for each row: as many as a typical filter has.
const MAX_RECENT: usize = 4;
/// In bytes. Longer patterns are kept by the engine.
const MAX_RECENT_PATTERN: usize = 256;
/// Bytes of a text that is searched as it is: that is faster, and it does not matter how time grows.
const MAX_SHORT_TEXT: usize = 512;
const ESCAPE: char = '\\';

pub fn register(connection: &Connection, clock: Arc<Clock>) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let matcher = Matcher { clock, recent: RefCell::default(), buffer: RefCell::default(), bytes: Cell::new(0) };
    connection.create_scalar_function(FUNCTION, 2, flags, move |context| matcher.call(context))
}

struct Matcher {
    clock: Arc<Clock>,
    recent: RefCell<Recent>,
    buffer: RefCell<Vec<u8>>,
    /// Matched since the last look at the clock.
    bytes: Cell<usize>,
}

impl Matcher {
    fn call(&self, context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
        #[cfg(test)]
        CALLS.with(|calls| calls.set(calls.get() + 1));
        let Some(text) = text_of(context.get_raw(0)) else { return Ok(None) };
        if let ValueRef::Text(pattern) = context.get_raw(1)
            && pattern.len() <= MAX_RECENT_PATTERN
        {
            return self.search(self.recent.borrow_mut().get(pattern), &text).map(Some);
        }
        let pattern = context.get_or_create_aux(1, |value| {
            let pattern = text_of(value).map(|text| Pattern::parse(&String::from_utf8_lossy(&text)));
            Ok::<_, std::convert::Infallible>(pattern)
        })?;
        let Some(pattern) = &*pattern else { return Ok(None) };
        self.search(pattern, &text).map(Some)
    }

    fn search(&self, pattern: &Pattern, text: &[u8]) -> rusqlite::Result<bool> {
        self.count(text.len().saturating_mul(pattern.cost))?;
        if let Some(is_match) = pattern.matches_at_once(text) {
            return Ok(is_match);
        }
        let mut buffer = self.buffer.borrow_mut();
        let is_match = pattern.matches(text, &mut buffer);
        if buffer.capacity() > MAX_KEPT_BUFFER {
            *buffer = Vec::new();
        }
        Ok(is_match)
    }

    /// Fails once the connection's time is over.
    fn count(&self, bytes: usize) -> rusqlite::Result<()> {
        let bytes = self.bytes.get().saturating_add(bytes);
        if bytes < BYTES_BETWEEN_LOOKS {
            self.bytes.set(bytes);
            return Ok(());
        }
        self.bytes.set(0);
        if self.clock.is_over() {
            let interrupted =
                ffi::Error { code: ErrorCode::OperationInterrupted, extended_code: ffi::SQLITE_INTERRUPT };
            return Err(Error::SqliteFailure(interrupted, None));
        }
        Ok(())
    }
}

/// The patterns asked for last, in no order.
#[derive(Default)]
struct Recent {
    patterns: Vec<(Box<[u8]>, Pattern)>,
    /// The next one to go.
    oldest: usize,
}

impl Recent {
    fn get(&mut self, text: &[u8]) -> &Pattern {
        let at = match self.patterns.iter().position(|(known, _)| **known == *text) {
            Some(at) => at,
            None => self.add(text),
        };
        &self.patterns[at].1
    }

    fn add(&mut self, text: &[u8]) -> usize {
        let added = (text.into(), Pattern::parse(&String::from_utf8_lossy(text)));
        if self.patterns.len() < MAX_RECENT {
            self.patterns.push(added);
            return self.patterns.len() - 1;
        }
        let at = self.oldest;
        self.oldest = (at + 1) % MAX_RECENT;
        self.patterns[at] = added;
        at
    }
}

/// Numbers are cast to text by the statement, which knows how the engine writes them.
fn text_of(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(Cow::Borrowed(text)),
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        ValueRef::Real(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        ValueRef::Null => None,
    }
}

/// A pattern, cut at each `%`.
#[derive(Debug)]
struct Pattern {
    first: Piece,
    /// Found in this order between the first and the last, each as early as possible.
    middle: Vec<Piece>,
    /// `None` without any `%`: the first piece is the whole text.
    last: Option<Piece>,
    /// Whether the text must be decoded.
    is_unicode: bool,
    /// All its letters are of ASCII.
    is_ascii: bool,
    /// How much longer than a search for plain text it takes, at most.
    cost: usize,
    /// An escape sign with nothing to escape matches nothing.
    is_possible: bool,
}

/// What stands between two `%`, folded.
#[derive(Debug)]
struct Piece {
    /// In letters.
    length: usize,
    anchor: Option<Anchor>,
    kind: PieceKind,
}

#[derive(Debug)]
enum PieceKind {
    Literal(Finder<'static>),
    /// With `_` in it.
    Masked(Mask),
}

/// The letter of a piece, of ASCII, that is the rarest in usual texts: short texts are searched for it.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    at: usize,
    lower: u8,
    upper: u8,
}

impl Pattern {
    fn parse(text: &str) -> Self {
        let mut pieces = vec![Vec::new()];
        let mut letters = text.chars();
        let mut is_possible = true;
        while let Some(letter) = letters.next() {
            let token = match letter {
                '%' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '_' => None,
                ESCAPE => {
                    let escaped = letters.next();
                    is_possible = escaped.is_some();
                    escaped.map(fold)
                }
                other => Some(fold(other)),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(token);
            }
        }
        let is_ascii = pieces.iter().flatten().flatten().all(char::is_ascii);
        let is_unicode = pieces.iter().flatten().any(|token| token.is_none_or(|letter| !letter.is_ascii()));
        let last = (pieces.len() > 1).then(|| pieces.pop().unwrap_or_default());
        let mut pieces = pieces.into_iter();
        let first = Piece::new(pieces.next().unwrap_or_default());
        let middle: Vec<Piece> = pieces.filter(|piece| !piece.is_empty()).map(Piece::new).collect();
        let cost = 1 + middle.iter().map(Piece::words).sum::<usize>();
        Self { first, middle, last: last.map(Piece::new), is_unicode, is_ascii, cost, is_possible }
    }

    /// Where nothing needs to be copied for it.
    fn matches_at_once(&self, text: &[u8]) -> Option<bool> {
        if !self.is_possible {
            return Some(false);
        }
        let is_short = text.len() <= MAX_SHORT_TEXT && self.is_ascii && (!self.is_unicode || text.is_ascii());
        is_short.then(|| self.matches_short(text))
    }

    /// `buffer` is for any use.
    fn matches(&self, text: &[u8], buffer: &mut Vec<u8>) -> bool {
        if let Some(is_match) = self.matches_at_once(text) {
            return is_match;
        }
        buffer.clear();
        if self.is_unicode && !text.is_ascii() {
            buffer.reserve(text.len());
            let mut bytes = [0; 4];
            for letter in String::from_utf8_lossy(text).chars() {
                buffer.extend_from_slice(fold(letter).encode_utf8(&mut bytes).as_bytes());
            }
        } else {
            buffer.extend_from_slice(text);
            buffer.make_ascii_lowercase();
        }
        self.matches_folded(buffer)
    }

    /// Without a copy, letter by letter. Where the pattern has any `_`, the text is of ASCII.
    fn matches_short(&self, text: &[u8]) -> bool {
        let Some((start, rest)) = text.split_at_checked(self.first.length) else { return false };
        if !self.first.fits(start) {
            return false;
        }
        let Some(last) = &self.last else { return rest.is_empty() };
        let Some(length) = rest.len().checked_sub(last.length) else { return false };
        let (mut rest, end) = rest.split_at(length);
        if !last.fits(end) {
            return false;
        }
        for piece in &self.middle {
            match piece.find_end_short(rest) {
                Some(end) => rest = &rest[end..],
                None => return false,
            }
        }
        true
    }

    fn matches_folded(&self, text: &[u8]) -> bool {
        let Some(rest) = self.first.strip_prefix(text) else { return false };
        let Some(last) = &self.last else { return rest.is_empty() };
        let Some(mut rest) = last.strip_suffix(rest) else { return false };
        for piece in &self.middle {
            match piece.find_end(rest) {
                Some(end) => rest = &rest[end..],
                None => return false,
            }
        }
        true
    }
}

impl Piece {
    fn new(tokens: Vec<Option<char>>) -> Self {
        let anchor = Anchor::of(&tokens);
        let length = tokens.len();
        let kind = match tokens.iter().copied().collect::<Option<String>>() {
            Some(literal) => PieceKind::Literal(Finder::new(&literal).into_owned()),
            None => PieceKind::Masked(Mask::new(tokens)),
        };
        Self { length, anchor, kind }
    }

    /// Whether the piece, all of ASCII, is this text of its length.
    fn fits(&self, text: &[u8]) -> bool {
        match &self.kind {
            PieceKind::Literal(finder) => text.eq_ignore_ascii_case(finder.needle()),
            PieceKind::Masked(mask) => {
                let letters = text.iter().map(|letter| char::from(letter.to_ascii_lowercase()));
                mask.tokens.iter().zip(letters).all(|(token, letter)| token.is_none_or(|token| token == letter))
            }
        }
    }

    /// Where its first occurrence ends in a short text.
    fn find_end_short(&self, text: &[u8]) -> Option<usize> {
        let Some(Anchor { at, lower, upper }) = self.anchor else {
            return (text.len() >= self.length).then_some(self.length);
        };
        let starts = memchr::memchr2_iter(lower, upper, text.get(at..)?);
        let mut windows = starts.map(|start| (start, start + self.length));
        windows.find(|(start, end)| text.get(*start..*end).is_some_and(|text| self.fits(text))).map(|(_, end)| end)
    }

    fn words(&self) -> usize {
        match &self.kind {
            PieceKind::Literal(_) => 0,
            // A letter of the text takes some nanoseconds for each word, where plain search takes a part of one.
            PieceKind::Masked(mask) => 16 * mask.words,
        }
    }

    fn strip_prefix<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        match &self.kind {
            PieceKind::Literal(finder) => text.strip_prefix(finder.needle()),
            PieceKind::Masked(mask) => {
                let (mut letters, mut length) = (decoded(text), 0);
                for token in &mask.tokens {
                    let letter = letters.next().filter(|letter| token.is_none_or(|token| token == *letter))?;
                    length += letter.len_utf8();
                }
                text.get(length..)
            }
        }
    }

    fn strip_suffix<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        match &self.kind {
            PieceKind::Literal(finder) => text.strip_suffix(finder.needle()),
            PieceKind::Masked(mask) => {
                let decoded = std::str::from_utf8(text).ok()?;
                let (mut letters, mut length) = (decoded.chars().rev(), 0);
                for token in mask.tokens.iter().rev() {
                    let letter = letters.next().filter(|letter| token.is_none_or(|token| token == *letter))?;
                    length += letter.len_utf8();
                }
                text.get(..text.len() - length)
            }
        }
    }

    /// Where its first occurrence ends.
    fn find_end(&self, text: &[u8]) -> Option<usize> {
        match &self.kind {
            PieceKind::Literal(finder) => finder.find(text).map(|start| start + finder.needle().len()),
            PieceKind::Masked(mask) => mask.find_end(text),
        }
    }
}

impl Anchor {
    fn of(tokens: &[Option<char>]) -> Option<Self> {
        /// From the most frequent on.
        const USUAL: &[u8] = b" etaoinsrhldcumfpgwybvkxjqz0123456789";
        let letters = tokens.iter().enumerate().filter_map(|(at, token)| Some((at, u8::try_from((*token)?).ok()?)));
        let rank = |letter: u8| USUAL.iter().position(|usual| *usual == letter).unwrap_or(USUAL.len());
        let (at, lower) = letters.filter(|(_, letter)| letter.is_ascii()).max_by_key(|(_, letter)| rank(*letter))?;
        Some(Self { at, lower, upper: lower.to_ascii_uppercase() })
    }
}

/// Letters, some of which may be any. Looked for by keeping, as bits, how far each attempt has come that is under way
/// (the Shift-And method).
#[derive(Debug)]
struct Mask {
    tokens: Vec<Option<char>>,
    words: usize,
    /// The places where each letter fits, as indexes of `places`: of ASCII, and of others.
    ascii: [u16; 128],
    others: HashMap<char, u16>,
    /// `words` for each distinct letter; the first ones are where any letter fits.
    places: Vec<u64>,
}

impl Mask {
    fn new(tokens: Vec<Option<char>>) -> Self {
        let words = tokens.len().div_ceil(64);
        let mut mask = Self { tokens, words, ascii: [0; 128], others: HashMap::new(), places: Vec::new() };
        mask.add(None);
        let letters: HashSet<char> = mask.tokens.iter().flatten().copied().collect();
        for letter in letters {
            // Past 65,535 distinct letters, which are more than a pattern may have, the last ones would match nothing.
            let index = u16::try_from(mask.places.len() / words.max(1)).unwrap_or(0);
            mask.add(Some(letter));
            match mask.ascii.get_mut(letter as usize) {
                Some(place) => *place = index,
                None => drop(mask.others.insert(letter, index)),
            }
        }
        mask
    }

    fn add(&mut self, letter: Option<char>) {
        let start = self.places.len();
        self.places.resize(start + self.words, 0);
        for (at, token) in self.tokens.iter().enumerate() {
            if token.is_none() || *token == letter {
                self.places[start + at / 64] |= 1 << (at % 64);
            }
        }
    }

    fn fitting(&self, letter: char) -> &[u64] {
        let index = match self.ascii.get(letter as usize) {
            Some(index) => *index,
            None => self.others.get(&letter).copied().unwrap_or(0),
        };
        let start = usize::from(index) * self.words;
        &self.places[start..start + self.words]
    }

    fn find_end(&self, text: &[u8]) -> Option<usize> {
        let last = self.tokens.len().checked_sub(1)?;
        let mut reached = vec![0_u64; self.words];
        let mut end = 0;
        for letter in decoded(text) {
            end += letter.len_utf8();
            let mut carry = 1;
            for (word, fitting) in reached.iter_mut().zip(self.fitting(letter)) {
                let next = *word >> 63;
                *word = (*word << 1 | carry) & fitting;
                carry = next;
            }
            if reached[last / 64] >> (last % 64) & 1 == 1 {
                return Some(end);
            }
        }
        None
    }
}

/// The letters of folded text, which is UTF-8 wherever the pattern is not plain ASCII.
fn decoded(text: &[u8]) -> impl Iterator<Item = char> {
    text.utf8_chunks().flat_map(|chunk| chunk.valid().chars())
}

/// What letters that differ by case alone have in common.
fn fold(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    // By way of the capital, so that both small sigmas are one.
    let capital = only(letter.to_uppercase()).unwrap_or(letter);
    only(capital.to_lowercase()).unwrap_or(letter)
}

/// The one letter outside ASCII that there is.
fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next().filter(|letter| !letter.is_ascii())?;
    letters.next().is_none().then_some(first)
}

#[cfg(test)]
thread_local! {
    /// How often the function was called on this thread.
    pub static CALLS: Cell<u64> = const { Cell::new(0) };
}

#[cfg(test)]
mod tests;
