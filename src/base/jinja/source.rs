//! The text of a template, checked and rewritten before the library reads it.
//!
//! The library gives no hook for its operators, and its parser, its compiler and what drops their trees recurse along chains such as
//! `a.b.c` and `x|f|g`. Here each `{{ … }}` and `{% … %}` is read as tokens: long ones are refused, and filters are put
//! around what can make large or nested values. All other characters stay as they are, so that lines keep their numbers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The filter around operands of `+` and `~`, and around lists, maps and slices.
pub const BOUNDED: &str = "bounded";
/// The filter around operands of `*`.
pub const NUMBER: &str = "number";

/// How many tokens one `{{ … }}` or `{% … %}` may have.
const MAX_TOKENS: usize = 300;
/// How many `{% elif … %}` a template may have. The library nests them.
const MAX_ELIFS: usize = 100;
/// How deep `{% block … %}` may be nested. Each is a call of the interpreter.
const MAX_BLOCKS: usize = 20;

const STATEMENTS: &[&str] = &[
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "with",
    "endwith",
    "block",
    "endblock",
    "extends",
    "include",
    "autoescape",
    "endautoescape",
];
const OPERATORS: &[&str] = &["+", "-", "~", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", ",", ":", "="];
const WORDS: &[&str] = &["if", "else", "and", "or", "not", "in", "is"];

/// Why a template is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    /// A text or a number.
    Literal,
    Mark,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    /// The white space before it.
    space: &'a str,
    text: &'a str,
    kind: Kind,
}

/// What a bracket opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Arguments.
    Call,
    /// `(…)`, and whether there is a comma in it.
    Group(bool),
    List,
    Map,
    /// `x[…]`, and whether there is a colon in it.
    Subscript(bool),
}

/// Returns the text of a template with its bounds.
///
/// # Errors
/// What the template may not have, and where.
pub fn bounded(text: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let (mut at, mut elifs, mut blocks) = (0, 0, 0_usize);
    while let Some(start) = next_marker(text, at) {
        let fault = |message: String| Fault { message, line: 1 + text[..start].matches('\n').count() };
        out.push_str(&text[at..start]);
        if text[start..].starts_with("{#") {
            let sign = usize::from(text[start + 2..].starts_with(['-', '+']));
            let end = text[start + 2 + sign..].find("#}").ok_or_else(|| fault("a comment has no end".to_owned()))?;
            at = start + 2 + sign + end + 2;
            out.push_str(&text[start..at]);
            continue;
        }
        let is_statement = text[start..].starts_with("{%");
        let (tokens, end) = tokens(text, start, is_statement).map_err(fault)?;
        let body = start + 2 + usize::from(text[start + 2..].starts_with(['-', '+']));
        match tokens.first().filter(|_| is_statement).map(|token| token.text) {
            Some("elif") => elifs += 1,
            Some("block") => blocks += 1,
            Some("endblock") => blocks = blocks.saturating_sub(1),
            _ => {}
        }
        if elifs > MAX_ELIFS || blocks > MAX_BLOCKS {
            return Err(fault(format!("there are {MAX_ELIFS} elif and {MAX_BLOCKS} nested blocks at most")));
        }
        out.push_str(&text[start..body]);
        rewrite(&tokens, is_statement, &mut out).map_err(fault)?;
        let last = tokens.last().map_or(body, |token| offset(text, token.text) + token.text.len());
        out.push_str(&text[last..end]);
        at = end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// Where a part of the text begins.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

fn next_marker(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len().saturating_sub(1)).find(|at| bytes[*at] == b'{' && matches!(bytes[at + 1], b'{' | b'%' | b'#'))
}

/// The tokens of what begins at `start`, and where it ends.
fn tokens(text: &str, start: usize, is_statement: bool) -> Result<(Vec<Token<'_>>, usize), String> {
    let close = if is_statement { "%}" } else { "}}" };
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut at = start + 2 + usize::from(text[start + 2..].starts_with(['-', '+']));
    let mut open = 0_usize;
    loop {
        let space = text[at..].len() - text[at..].trim_ascii_start().len();
        let (space, rest) = text[at..].split_at(space);
        at += space.len();
        if open == 0 {
            let sign = usize::from(rest.starts_with(['-', '+']));
            if rest[sign..].starts_with(close) {
                return Ok((tokens, at + sign + close.len()));
            }
        }
        if tokens.len() == MAX_TOKENS {
            return Err(format!("an expression has {MAX_TOKENS} names, values and operators at most"));
        }
        let is_after_dot = tokens.last().is_some_and(|last| last.text == ".");
        let (length, kind) = length_of(rest, is_after_dot)?;
        match &rest[..length] {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" => open = open.checked_sub(1).ok_or("a bracket is closed that was not opened")?,
            _ => {}
        }
        tokens.push(Token { space, text: &rest[..length], kind });
        at += length;
    }
}

/// How long the next token is.
fn length_of(rest: &str, is_after_dot: bool) -> Result<(usize, Kind), String> {
    let bytes = rest.as_bytes();
    let run =
        |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let Some(first) = rest.chars().next() else { return Err("an expression has no end".to_owned()) };
    match first {
        'a'..='z' | 'A'..='Z' | '_' => Ok((run(0), Kind::Word)),
        '0'..='9' => Ok((number_length(bytes, is_after_dot), Kind::Literal)),
        '"' | '\'' => {
            let mut is_escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, letter)| {
                let is_end = !is_escaped && *letter == first;
                is_escaped = !is_escaped && *letter == '\\';
                is_end
            });
            end.map(|(at, _)| (at + 1, Kind::Literal)).ok_or_else(|| "a text has no closing quotation mark".to_owned())
        }
        _ => {
            let is_double = rest.get(..2).is_some_and(|pair| matches!(pair, "//" | "**" | "==" | "!=" | ">=" | "<="));
            Ok((if is_double { 2 } else { first.len_utf8() }, Kind::Mark))
        }
    }
}

fn number_length(bytes: &[u8], is_after_dot: bool) -> usize {
    let digits =
        |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let mut length = digits(0);
    let has_radix = bytes[0] == b'0' && matches!(bytes.get(1), Some(b'b' | b'B' | b'o' | b'O' | b'x' | b'X'));
    if has_radix {
        return length;
    }
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if !is_after_dot && bytes.get(length) == Some(&b'.') && is_digit(length + 1) {
        length += 1 + digits(length + 1);
    }
    let is_exponent = matches!(bytes[length - 1], b'e' | b'E') && matches!(bytes.get(length), Some(b'+' | b'-'));
    if is_exponent && is_digit(length + 1) {
        length += 1 + digits(length + 1);
    }
    length
}

/// The tokens of one expression or statement.
struct Tokens<'a>(&'a [Token<'a>]);

impl Tokens<'_> {
    fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |token| token.text)
    }

    fn is_after_dot(&self, at: usize) -> bool {
        at > 0 && matches!(self.text(at - 1), "." | "|")
    }

    fn is_word(&self, at: usize, words: &[&str]) -> bool {
        self.0.get(at).is_some_and(|token| token.kind == Kind::Word)
            && words.contains(&self.text(at))
            && !self.is_after_dot(at)
    }

    /// Whether a value may end with this token.
    fn ends_value(&self, at: usize, is_statement: bool) -> bool {
        let Some(token) = self.0.get(at) else { return false };
        match token.kind {
            Kind::Literal => true,
            Kind::Mark => matches!(token.text, ")" | "]" | "}"),
            Kind::Word => !(self.is_word(at, WORDS) || at == 0 && is_statement),
        }
    }

    /// The last token of the operand that begins at `from`.
    fn operand_end(&self, from: usize) -> usize {
        let mut at = from;
        while self.text(at) == "-" {
            at += 1;
        }
        let (begin, mut open) = (at, 0_usize);
        while let Some(token) = self.0.get(at) {
            if open == 0 && at > begin {
                let is_next_word = token.kind == Kind::Word && self.ends_value(at - 1, false);
                let is_end = token.kind == Kind::Mark
                    && (OPERATORS.contains(&token.text) || matches!(token.text, ")" | "]" | "}"));
                if is_end || is_next_word || self.is_word(at, WORDS) {
                    break;
                }
            }
            match token.text {
                "(" | "[" | "{" if token.kind == Kind::Mark => open += 1,
                ")" | "]" | "}" if token.kind == Kind::Mark => open = open.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        at.saturating_sub(1).max(from)
    }
}

/// Writes the tokens with filters around what can make large values.
fn rewrite(list: &[Token<'_>], is_statement: bool, out: &mut String) -> Result<(), String> {
    let tokens = Tokens(list);
    let first = check(&tokens, is_statement)?;
    let mut before = vec![String::new(); list.len()];
    let mut after = vec![String::new(); list.len()];
    let mut open: Vec<(usize, Bracket)> = Vec::new();
    for at in first..list.len() {
        let follows_value = at > first && tokens.ends_value(at - 1, is_statement);
        match (tokens.text(at), list[at].kind) {
            (_, Kind::Word | Kind::Literal) => {}
            ("(", _) => open.push((at, if follows_value { Bracket::Call } else { Bracket::Group(false) })),
            ("[", _) => open.push((at, if follows_value { Bracket::Subscript(false) } else { Bracket::List })),
            ("{", _) => open.push((at, Bracket::Map)),
            (",", _) => {
                if let Some((_, Bracket::Group(has_comma))) = open.last_mut() {
                    *has_comma = true;
                }
            }
            (":", _) => {
                if let Some((_, Bracket::Subscript(is_slice))) = open.last_mut() {
                    *is_slice = true;
                }
            }
            (")" | "]" | "}", _) => match open.pop() {
                Some((begin, Bracket::List | Bracket::Map | Bracket::Group(true))) => {
                    before[begin].push('(');
                    let _ = write!(after[at], "|{BOUNDED})");
                }
                Some((_, Bracket::Subscript(true))) => {
                    if matches!(tokens.text(at + 1), "." | "[" | "(") {
                        return Err("nothing can be taken from a slice directly: set a name to it".to_owned());
                    }
                    let _ = write!(after[at], "|{BOUNDED}");
                }
                _ => {}
            },
            _ => {}
        }
    }
    let mut done = BTreeSet::new();
    for at in first + 1..list.len() {
        let filter = match tokens.text(at) {
            "+" | "~" => BOUNDED,
            "*" => NUMBER,
            _ => continue,
        };
        if list[at].kind != Kind::Mark || !tokens.ends_value(at - 1, is_statement) {
            continue;
        }
        for end in [at - 1, tokens.operand_end(at + 1)] {
            if end < list.len() && done.insert((end, filter)) {
                let _ = write!(after[end], "|{filter}");
            }
        }
    }
    for (at, token) in list.iter().enumerate() {
        out.push_str(token.space);
        out.push_str(&before[at]);
        out.push_str(token.text);
        out.push_str(&after[at]);
    }
    Ok(())
}

/// Refuses what collects output inside of a template, and lists without brackets. Returns where the expression begins that is rewritten.
fn check(tokens: &Tokens<'_>, is_statement: bool) -> Result<usize, String> {
    let count = tokens.0.len();
    let is_super = !is_statement && count == 3 && tokens.text(0) == "super";
    for at in 0..count {
        if tokens.is_word(at, &["self"]) || tokens.is_word(at, &["super"]) && !is_super {
            return Err("there is no self, and super() stands alone: {{ super() }}".to_owned());
        }
        if tokens.is_word(at, &["namespace"]) && tokens.text(at + 1) == "(" {
            return Err("there is no namespace".to_owned());
        }
    }
    if !is_statement {
        return Ok(0);
    }
    let statement = tokens.text(0);
    if !STATEMENTS.contains(&statement) {
        return Err(format!("there is no statement {statement:?}: use include for a part that is repeated"));
    }
    let (mark, missing) = match statement {
        "for" => ("in", "a loop has the form {% for name in values %}"),
        "set" => ("=", "a name is set as {% set name = value %}"),
        _ => return Ok(1),
    };
    let mut open = 0_usize;
    let mut first = None;
    for at in 1..count {
        match tokens.text(at) {
            "(" | "[" | "{" if tokens.0[at].kind == Kind::Mark => open += 1,
            ")" | "]" | "}" if tokens.0[at].kind == Kind::Mark => open = open.saturating_sub(1),
            text if open == 0 && text == mark && first.is_none() => first = Some(at),
            "," if open == 0 && first.is_some() => return Err("a list needs brackets around it".to_owned()),
            _ => {}
        }
    }
    if statement == "for" && tokens.text(count - 1) == "recursive" && count > 4 {
        return Err("loops are not recursive".to_owned());
    }
    first.ok_or_else(|| missing.to_owned())
}
