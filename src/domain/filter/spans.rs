//! Where the parts of an expression are in its text. Found by reading the text a second time, so that ordinary requests
//! do not pay for it.

use super::FilterError;
use super::lexer::{Lexer, Token};
use super::parser::parse;
use super::tree::{Filter, Operand};

/// A part of a text, in characters counted from 0. `end` is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A part of a text as clients count: in UTF-16 code units from 0, as JavaScript and Dart index texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub offset: usize,
    pub length: usize,
}

/// How many characters lie between two known positions of a [`Marked`].
const STRIDE: usize = 256;

/// The text of an expression, with a quick way from characters to other units. Takes little memory for long texts.
#[derive(Debug)]
pub struct Marked<'t> {
    text: &'t str,
    /// For every [`STRIDE`]th character: its position in bytes and in UTF-16 code units.
    positions: Vec<(usize, usize)>,
    /// The number of characters.
    length: usize,
}

/// Where the parts of one comparison are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonSpan {
    pub left: OperandSpan,
    pub operator: Span,
    pub right: OperandSpan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperandSpan {
    pub span: Span,
    /// The arguments of a function.
    pub arguments: Vec<OperandSpan>,
}

/// A part of a parsed expression, with its place.
#[derive(Clone, Debug)]
pub struct Part<'f> {
    pub filter: &'f Filter,
    pub span: Span,
    /// The parts of a group.
    pub parts: Vec<Part<'f>>,
    /// Only for a comparison.
    pub comparison: Option<ComparisonSpan>,
}

impl<'t> Marked<'t> {
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let mut positions = Vec::with_capacity(text.len() / STRIDE + 1);
        let (mut units, mut length) = (0, 0);
        for (at, letter) in text.char_indices() {
            if length % STRIDE == 0 {
                positions.push((at, units));
            }
            units += letter.len_utf16();
            length += 1;
        }
        Self { text, positions, length }
    }

    /// The position of a character in bytes and in UTF-16 code units.
    fn at(&self, character: usize) -> (usize, usize) {
        let character = character.min(self.length);
        let Some((start, units)) = self.positions.get(character / STRIDE).or(self.positions.last()).copied() else {
            return (0, 0);
        };
        let known = (character / STRIDE).min(self.positions.len() - 1) * STRIDE;
        let letters = self.text[start..].chars().take(character - known);
        letters.fold((start, units), |(bytes, units), letter| (bytes + letter.len_utf8(), units + letter.len_utf16()))
    }

    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let (offset, end) = (self.at(span.start).1, self.at(span.end).1);
        Place { offset, length: end.saturating_sub(offset) }
    }

    #[must_use]
    pub fn slice(&self, span: Span) -> &'t str {
        &self.text[self.at(span.start).0..self.at(span.end).0]
    }

    /// The part of a filter that an error is about. Empty if something is missing there.
    #[must_use]
    pub fn span_of(&self, error: &FilterError) -> Span {
        let start = error.position.saturating_sub(1).min(self.length);
        let rest = &self.text[self.at(start).0..];
        let mut lexer = Lexer::new(rest);
        let length = match lexer.next() {
            // The opening bracket is not part of the name.
            Ok(Some((Token::Function(name), _))) => name.chars().count(),
            Ok(Some(_)) => lexer.position().0 - 1,
            Ok(None) => 0,
            // A text without an end reaches up to the end.
            Err(_) if rest.starts_with(['\'', '"']) => rest.chars().count(),
            Err(_) => rest
                .chars()
                .take_while(|letter| is_of_word(*letter) == rest.starts_with(is_of_word) && !letter.is_whitespace())
                .count()
                .max(1),
        };
        Span { start, end: start + length }
    }

    /// The entry of a sort that an error is about.
    #[must_use]
    pub fn entry_of(&self, error: &FilterError) -> Span {
        let start = error.position.saturating_sub(1).min(self.length);
        let rest = &self.text[self.at(start).0..];
        let entry = rest.split(',').next().unwrap_or_default().trim_end();
        Span { start, end: start + entry.chars().count() }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':' | '@' | '#')
}

/// Parses `text` and passes the tree with the places of its parts to `look`.
pub fn with_parts<T>(text: &str, look: impl FnOnce(&Part<'_>) -> T) -> Result<T, FilterError> {
    let filter = parse(text)?;
    let tokens = tokens(text)?;
    let mut leaves = comparisons(&tokens).into_iter();
    Ok(look(&part(&filter, &tokens, &mut leaves).0))
}

fn tokens(text: &str) -> Result<Vec<(Token, Span)>, FilterError> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while let Some((token, position)) = lexer.next()? {
        tokens.push((token, Span { start: position.0 - 1, end: lexer.position().0 - 1 }));
    }
    Ok(tokens)
}

/// A comparison, and the range of its tokens.
struct Leaf {
    first: usize,
    last: usize,
    spans: ComparisonSpan,
}

/// Returns the comparisons in order. The tokens are those of a valid expression.
fn comparisons(tokens: &[(Token, Span)]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if matches!(tokens[at].0, Token::Open | Token::Close | Token::And | Token::Or) {
            at += 1;
            continue;
        }
        let first = at;
        let left = operand(tokens, &mut at);
        let Some((_, operator)) = tokens.get(at) else { break };
        at += 1;
        let right = operand(tokens, &mut at);
        leaves.push(Leaf { first, last: at - 1, spans: ComparisonSpan { left, operator: *operator, right } });
    }
    leaves
}

/// Reads one operand and moves `at` behind it.
fn operand(tokens: &[(Token, Span)], at: &mut usize) -> OperandSpan {
    let Some((token, span)) = tokens.get(*at) else {
        let end = tokens.last().map_or(0, |(_, span)| span.end);
        return OperandSpan { span: Span { start: end, end }, arguments: Vec::new() };
    };
    *at += 1;
    let mut whole = OperandSpan { span: *span, arguments: Vec::new() };
    if !matches!(token, Token::Function(_)) {
        return whole;
    }
    while let Some((token, span)) = tokens.get(*at) {
        whole.span.end = span.end;
        match token {
            Token::Close => {
                *at += 1;
                break;
            }
            Token::Comma => *at += 1,
            _ => whole.arguments.push(operand(tokens, at)),
        }
    }
    whole
}

/// Returns the part with the range of its tokens.
fn part<'f>(
    filter: &'f Filter,
    tokens: &[(Token, Span)],
    leaves: &mut impl Iterator<Item = Leaf>,
) -> (Part<'f>, usize, usize) {
    let (Filter::All(inner) | Filter::Any(inner)) = filter else {
        let leaf = leaves.next().expect("each comparison has its tokens");
        let span = Span { start: leaf.spans.left.span.start, end: leaf.spans.right.span.end };
        let part = Part { filter, span, parts: Vec::new(), comparison: Some(leaf.spans) };
        return (part, leaf.first, leaf.last);
    };
    let found: Vec<_> = inner.iter().map(|filter| part(filter, tokens, leaves)).collect();
    let first = found.first().map_or(0, |(_, first, _)| *first);
    let last = found.last().map_or(0, |(_, _, last)| *last);
    let (first, last) = balanced(tokens, first, last);
    let span = Span { start: tokens[first].1.start, end: tokens[last].1.end };
    let parts = found.into_iter().map(|(part, _, _)| part).collect();
    (Part { filter, span, parts, comparison: None }, first, last)
}

/// Widens a range of tokens until every bracket in it has its other half.
fn balanced(tokens: &[(Token, Span)], mut first: usize, mut last: usize) -> (usize, usize) {
    let (mut depth, mut lowest) = (0_i32, 0_i32);
    for (token, _) in &tokens[first..=last] {
        match token {
            Token::Open | Token::Function(_) => depth += 1,
            Token::Close => depth -= 1,
            _ => {}
        }
        lowest = lowest.min(depth);
    }
    for _ in 0..-lowest {
        first = first.saturating_sub(1);
    }
    for _ in 0..depth - lowest {
        last = (last + 1).min(tokens.len() - 1);
    }
    (first, last)
}

/// The operands of a function.
#[must_use]
pub fn arguments(operand: &Operand) -> &[Operand] {
    match operand {
        Operand::Function(function) => &function.arguments,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &Marked<'_>, part: &Part<'_>, found: &mut Vec<String>) {
        found.push(marked.slice(part.span).to_owned());
        if let Some(comparison) = &part.comparison {
            for span in [comparison.left.span, comparison.operator, comparison.right.span] {
                found.push(marked.slice(span).to_owned());
            }
            let arguments = comparison.left.arguments.iter().chain(&comparison.right.arguments);
            found.extend(arguments.map(|argument| marked.slice(argument.span).to_owned()));
        }
        part.parts.iter().for_each(|part| shown(marked, part, found));
    }

    #[test]
    fn every_part_has_its_place() {
        let check = |text: &str, expected: &[&str]| {
            let mut found = Vec::new();
            with_parts(text, |part| shown(&Marked::new(text), part, &mut found)).unwrap();
            assert_eq!(found, expected, "{text}");
        };
        check("a=1", &["a=1", "a", "=", "1"]);
        check(" ( a ?!= 'é)' ) ", &["a ?!= 'é)'", "a", "?!=", "'é)'"]);
        check(
            "(a = 1 || (b = 2)) && c = 3 // rest",
            &[
                "(a = 1 || (b = 2)) && c = 3",
                "a = 1 || (b = 2)",
                "a = 1",
                "a",
                "=",
                "1",
                "b = 2",
                "b",
                "=",
                "2",
                "c = 3",
                "c",
                "=",
                "3",
            ],
        );
        check("((a=1)&&((b=2)))", &["(a=1)&&((b=2))", "a=1", "a", "=", "1", "b=2", "b", "=", "2"]);
        check("f(a, g(1)) > 5", &["f(a, g(1)) > 5", "f(a, g(1))", ">", "5", "a", "g(1)"]);
    }

    #[test]
    fn an_error_marks_the_word_it_is_about() {
        let check = |text: &str, offset: usize, length: usize| {
            let marked = Marked::new(text);
            let error = parse(text).unwrap_err();
            assert_eq!(marked.place(marked.span_of(&error)), Place { offset, length }, "{text}");
        };
        check("title == 'a'", 6, 2);
        check("title = ", 8, 0);
        check("'𝒳' = 1 && title", 17, 0);
        check("'𝒳' = 1 title", 9, 5);
        check("title = 'open", 8, 5);
        check("(a = 1", 0, 1);
        check("a = 1)", 5, 1);
        check("a = 1 & b = 2", 6, 1);
        check("", 0, 0);
        check(&format!("{}title", " ".repeat(STRIDE)), 261, 0);
        check(&format!("'{}' = 1 title", "𝒳".repeat(1000)), 2007, 5);
        check(&format!("{} = 1 title", "a".repeat(STRIDE)), 261, 5);
    }
}
