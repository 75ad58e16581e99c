//! Splits a superuser's SQL into tokens the way SQLite does, so that quotes and comments cannot hide anything.
//!
//! This is not a parser: it finds names, string literals and parentheses, which is all that index definitions and the
//! select lists of views need. It refuses unterminated quotes and comments, unbalanced parentheses, NUL, and
//! parameters.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare name, keyword or number.
    Word,
    /// A name in double quotes, backticks or square brackets.
    QuotedName,
    /// A string literal in single quotes.
    Text,
    Comment,
    /// Any other single character.
    Symbol(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    /// As written, quotes included.
    pub text: &'a str,
    /// Where `text` starts, in bytes.
    pub start: usize,
}

impl Token<'_> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether this is the unquoted word `keyword`, in any letter case.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub fn is_symbol(&self, symbol: u8) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// Returns the name this token can stand for, without quotes. SQLite reads a string literal as a name where only a
    /// name is valid.
    pub fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::QuotedName | Kind::Text => {
                let quote = &self.text[..1];
                let inner = &self.text[1..self.text.len() - 1];
                Some(if quote == "[" { inner.to_owned() } else { inner.replace(&quote.repeat(2), quote) })
            }
            Kind::Comment | Kind::Symbol(_) => None,
        }
    }
}

/// Returns all tokens, including comments, or a short reason why `text` is refused.
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, &'static str> {
    let mut tokens = Vec::new();
    let mut open_parentheses = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c) {
            at += 1;
            continue;
        }
        let (kind, range) = token_at(text, at)?;
        match kind {
            Kind::Symbol(b'(') => open_parentheses += 1,
            Kind::Symbol(b')') => {
                open_parentheses = open_parentheses.checked_sub(1).ok_or("unbalanced parentheses")?;
            }
            _ => {}
        }
        at = range.end;
        tokens.push(Token { kind, start: range.start, text: &text[range] });
    }
    if open_parentheses > 0 {
        return Err("unbalanced parentheses");
    }
    Ok(tokens)
}

fn token_at(text: &str, start: usize) -> Result<(Kind, Range<usize>), &'static str> {
    let bytes = text.as_bytes();
    let next = bytes.get(start + 1).copied();
    let (kind, end) = match bytes[start] {
        b'\'' => (Kind::Text, quoted_end(bytes, start, b'\'')),
        quote @ (b'"' | b'`') => (Kind::QuotedName, quoted_end(bytes, start, quote)),
        b'[' => (Kind::QuotedName, find(bytes, start, b"]")),
        b'-' if next == Some(b'-') => (Kind::Comment, Some(find(bytes, start, b"\n").unwrap_or(bytes.len()))),
        b'/' if next == Some(b'*') => (Kind::Comment, find(bytes, start + 2, b"*/")),
        b'?' | b':' | b'@' | b'#' | b'$' => return Err("parameters are not allowed"),
        byte if is_word(byte) => (Kind::Word, Some(word_end(bytes, start))),
        byte if byte < b' ' || byte == 0x7f => return Err("control characters are not allowed"),
        byte => (Kind::Symbol(byte), Some(start + 1)),
    };
    match end {
        Some(end) => Ok((kind, start..end)),
        None => Err("a quote or a comment is not closed"),
    }
}

/// Whether SQLite accepts the byte in a name. Every byte beyond ASCII counts as a letter.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |length| start + length)
}

/// Returns the position after the closing quote. A doubled quote stands for itself.
fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == quote)? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// Returns the position after the first `mark` from `start` on.
fn find(bytes: &[u8], start: usize, mark: &[u8]) -> Option<usize> {
    let rest = bytes.get(start..)?;
    rest.windows(mark.len()).position(|window| window == mark).map(|at| start + at + mark.len())
}

/// Returns the position of the first token outside parentheses that satisfies `is_wanted`, or the number of tokens.
pub fn find_outside(tokens: &[Token<'_>], is_wanted: impl Fn(usize, &Token<'_>) -> bool) -> usize {
    let mut depth = 0_usize;
    let found = tokens.iter().enumerate().position(|(at, token)| {
        depth = depth_after(depth, token);
        depth == 0 && is_wanted(at, token)
    });
    found.unwrap_or(tokens.len())
}

/// Returns the position of the parenthesis that closes one opened just before `tokens`, or the number of tokens.
pub fn find_closing(tokens: &[Token<'_>]) -> usize {
    let mut depth = 1_usize;
    let found = tokens.iter().position(|token| {
        depth = depth_after(depth, token);
        depth == 0
    });
    found.unwrap_or(tokens.len())
}

/// Splits at the tokens outside parentheses that satisfy `is_separator`.
pub fn split_outside<'t, 'a>(
    tokens: &'t [Token<'a>],
    is_separator: impl Fn(&Token<'a>) -> bool,
) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut depth = 0;
    tokens.split(move |token| {
        depth = depth_after(depth, token);
        depth == 0 && is_separator(token)
    })
}

fn depth_after(depth: usize, token: &Token<'_>) -> usize {
    match token.kind {
        Kind::Symbol(b'(') => depth + 1,
        Kind::Symbol(b')') => depth.saturating_sub(1),
        _ => depth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = tokens(text).unwrap().iter().map(|token| token.text).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn quotes_and_comments_are_single_tokens() {
        check("a1 ,b$", &["a1", ",", "b$"]);
        check("'it''s ;' \"a\"\"b\" `c``d` [e;f]", &["'it''s ;'", "\"a\"\"b\"", "`c``d`", "[e;f]"]);
        check("a--b\nc", &["a", "--b\n", "c"]);
        check("a--b", &["a", "--b"]);
        check("a/*'*/b", &["a", "/*'*/", "b"]);
        check("größe(1)", &["größe", "(", "1", ")"]);
    }

    #[test]
    fn names_lose_their_quotes() {
        let name = |text: &str| tokens(text).unwrap()[0].name();
        assert_eq!(name("\"a\"\"b\"").as_deref(), Some("a\"b"));
        assert_eq!(name("[a b]").as_deref(), Some("a b"));
        assert_eq!(name("'a'").as_deref(), Some("a"));
        assert_eq!(name("(a)"), None);
    }

    #[test]
    fn what_could_hide_something_is_refused() {
        for text in
            ["'", "\"a", "`a", "[a", "/*a", "/*/", "(", ")", ")(", "a\0b", "?1", ":a", "@a", "$a(')", "\u{b}", "\u{1}"]
        {
            assert!(tokens(text).is_err(), "{text:?}");
        }
    }
}
