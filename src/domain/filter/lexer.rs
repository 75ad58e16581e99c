//! Splits text into tokens. Each character is read once.

use super::FilterError;
use super::tree::{Operator, Position};

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Identifier(String),
    /// A name directly followed by an opening bracket.
    Function(String),
    Number(f64),
    Text(String),
    /// `{:name}`.
    Parameter(String),
    Operator(Operator),
    And,
    Or,
    Open,
    Close,
    Comma,
}

pub struct Lexer<'a> {
    rest: &'a str,
    position: usize,
}

type Outcome<T> = Result<T, FilterError>;

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, position: 1 }
    }

    /// The position of the next character.
    pub fn position(&self) -> Position {
        Position(self.position)
    }

    /// The next token and its position, or `None` at the end.
    pub fn next(&mut self) -> Outcome<Option<(Token, Position)>> {
        self.skip_blanks_and_comments()?;
        let position = self.position();
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        let token = match first {
            '(' => self.single(Token::Open),
            ')' => self.single(Token::Close),
            ',' => self.single(Token::Comma),
            '\'' | '"' => self.text(first)?,
            '&' | '|' => self.join()?,
            '=' | '!' | '<' | '>' | '~' | '?' => self.operator()?,
            '-' | '0'..='9' => self.number()?,
            '{' => self.parameter()?,
            _ if starts_identifier(first) => self.identifier()?,
            other => {
                return Err(FilterError::new(
                    position,
                    format!("unexpected character {other:?}; texts stand in quotes"),
                ));
            }
        };
        Ok(Some((token, position)))
    }

    /// Consumes `bytes` bytes. They must end at the end of a character.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.position += taken.chars().count();
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !is_wanted(letter)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn skip_blanks_and_comments(&mut self) -> Outcome<()> {
        loop {
            self.take_while(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'));
            if self.rest.starts_with("//") {
                self.take_while(|letter| letter != '\n');
            } else if self.rest.starts_with('/') {
                return Err(FilterError::new(
                    self.position(),
                    "unexpected '/': there is no division, and a comment begins with //",
                ));
            } else {
                return Ok(());
            }
        }
    }

    fn single(&mut self, token: Token) -> Token {
        self.take(1);
        token
    }

    fn join(&mut self) -> Outcome<Token> {
        let position = self.position();
        match self.take_while(|letter| matches!(letter, '&' | '|')) {
            "&&" => Ok(Token::And),
            "||" => Ok(Token::Or),
            other => Err(FilterError::new(
                position,
                format!("unknown operator {other:?}: conditions are joined by && or ||"),
            )),
        }
    }

    fn operator(&mut self) -> Outcome<Token> {
        let position = self.position();
        let sign = self.take_while(|letter| matches!(letter, '=' | '!' | '<' | '>' | '~' | '?'));
        Operator::parse(sign)
            .map(Token::Operator)
            .ok_or_else(|| FilterError::new(position, format!("unknown operator {sign:?}")))
    }

    fn number(&mut self) -> Outcome<Token> {
        let position = self.position();
        let whole = self.rest;
        let sign = if self.rest.starts_with('-') { self.take(1).len() } else { 0 };
        let mut length = sign + self.take_while(|letter| letter.is_ascii_digit()).len();
        if self.rest.starts_with('.') {
            length += self.take(1).len() + self.take_while(|letter| letter.is_ascii_digit()).len();
        }
        let text = &whole[..length];
        let ends_in_digit = text.ends_with(|letter: char| letter.is_ascii_digit());
        match text.parse::<f64>() {
            // A literal too large for a number is clamped: there is no literal for infinity.
            Ok(number) if ends_in_digit => Ok(Token::Number(number.clamp(f64::MIN, f64::MAX))),
            _ => Err(FilterError::new(position, format!("{text:?} is not a number"))),
        }
    }

    fn parameter(&mut self) -> Outcome<Token> {
        let position = self.position();
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let inner = self.rest.strip_prefix("{:").and_then(|rest| rest.split_once('}'));
        let Some((name, _)) = inner.filter(|(name, _)| is_name(name)) else {
            return Err(FilterError::new(position, "unexpected character '{'; texts stand in quotes"));
        };
        self.take(name.len() + 3);
        Ok(Token::Parameter(name.to_owned()))
    }

    fn identifier(&mut self) -> Outcome<Token> {
        let position = self.position();
        let first = self.rest;
        let mut length = self.take(1).len();
        length += self.take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | ':')).len();
        let name = &first[..length];
        if name.ends_with(['.', ':', '@', '#']) {
            return Err(FilterError::new(position, format!("{name:?} is not a valid name")));
        }
        if self.rest.starts_with('(') {
            self.take(1);
            return Ok(Token::Function(name.to_owned()));
        }
        Ok(Token::Identifier(name.to_owned()))
    }

    /// Both SDKs write literals as double-quoted JSON strings, and older ones in single quotes with `\'`. Both are
    /// decoded. A backslash before any other letter stays, because patterns such as `100\%` need it.
    fn text(&mut self, quote: char) -> Outcome<Token> {
        let position = self.position();
        self.take(1);
        let mut decoded = String::new();
        loop {
            decoded.push_str(self.take_while(|letter| letter != quote && !matches!(letter, '\\' | '\0')));
            let mut letters = self.rest.chars();
            match (letters.next(), letters.next()) {
                (Some('\\'), Some(escaped)) => {
                    match escaped {
                        '\\' | '\'' | '"' => decoded.push(escaped),
                        'n' => decoded.push('\n'),
                        'r' => decoded.push('\r'),
                        't' => decoded.push('\t'),
                        '\0' => return Err(FilterError::new(position, "a text cannot hold NUL")),
                        other => decoded.extend(['\\', other]),
                    }
                    self.take(1 + escaped.len_utf8());
                }
                (Some(letter), _) if letter == quote => {
                    self.take(1);
                    return Ok(Token::Text(decoded));
                }
                (Some('\0'), _) => return Err(FilterError::new(position, "a text cannot hold NUL")),
                _ => return Err(FilterError::new(position, "this text has no closing quote")),
            }
        }
    }
}

fn starts_identifier(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '_' | '@' | '#')
}
