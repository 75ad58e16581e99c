//! The SQL writer. User text reaches a statement only as a quoted name ([`Sql::ident`]) or a bound value
//! ([`Sql::bind`]): [`Sql::raw`] takes nothing but text written in our source.

use super::Value;

/// Stands for a parameter until the engine numbers them; cannot occur in source text or in names.
pub(super) const PARAMETER: char = '\u{1}';
const PARAMETER_BYTE: u8 = PARAMETER as u8;
/// What most statements take, so that their text grows little or not at all.
const USUAL_BYTES: usize = 256;

/// A statement, or a piece of one, that carries its values. Pieces nest with [`Sql::append`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    pub(super) text: String,
    pub(super) params: Vec<Value>,
}

impl Sql {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let mut sql = Self { text: String::with_capacity(USUAL_BYTES.max(text.len())), params: Vec::new() };
        sql.raw(text);
        sql
    }

    pub fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A name in double quotes, inner quotes doubled.
    pub fn ident(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        if name.bytes().any(|byte| matches!(byte, b'"' | b'\0' | PARAMETER_BYTE)) {
            self.escaped(name);
        } else {
            self.text.push_str(name);
        }
        self.text.push('"');
        self
    }

    fn escaped(&mut self, name: &str) {
        for letter in name.chars() {
            match letter {
                '"' => self.text.push_str("\"\""),
                '\0' | PARAMETER => self.text.push('_'),
                _ => self.text.push(letter),
            }
        }
    }

    /// `alias.name`, both quoted.
    pub fn column(&mut self, alias: &str, name: &str) -> &mut Self {
        self.ident(alias).raw(".").ident(name)
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push(PARAMETER);
        self.params.push(value.into());
        self
    }

    /// Appends a piece with its values.
    pub fn append(&mut self, piece: &Sql) -> &mut Self {
        self.text.push_str(&piece.text);
        self.params.extend(piece.params.iter().cloned());
        self
    }

    /// A whole number, written out: for LIMIT, OFFSET and the like.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.text.push_str(&value.to_string());
        self
    }

    /// `, ` between items, nothing before the first.
    pub fn comma(&mut self, is_first: bool) -> &mut Self {
        if !is_first {
            self.text.push_str(", ");
        }
        self
    }

    /// The pieces joined by AND; `None` when there are none.
    #[must_use]
    pub fn all(pieces: &[Sql]) -> Option<Sql> {
        let (first, rest) = pieces.split_first()?;
        let mut joined = first.clone();
        for piece in rest {
            joined.raw(" AND ").append(piece);
        }
        Some(joined)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes of the text.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Without the values; the same text for the same statement, and not fit to be run.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn params(&self) -> &[Value] {
        &self.params
    }

    /// SQL text that a superuser wrote as SQL: view queries and index definitions, checked by their rooms. The one
    /// deliberate hole in the wall, so that a search for its name finds every use.
    pub fn raw_from_superuser(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&text.replace(PARAMETER, " "));
        self
    }

    /// The text with each parameter written by `placeholder` (counted from 1).
    #[must_use]
    pub fn render(&self, placeholder: impl Fn(&mut String, usize)) -> String {
        let mut text = String::with_capacity(self.text.len() + self.params.len() * 3);
        let mut index = 0;
        for (at, piece) in self.text.split(PARAMETER).enumerate() {
            if at > 0 {
                index += 1;
                placeholder(&mut text, index);
            }
            text.push_str(piece);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn parameters_are_numbered_across_nested_pieces() {
        let mut inner = Sql::new("a = ");
        inner.bind("x");
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.ident("we\"ird").raw(" WHERE ").append(&inner).raw(" AND b = ").bind(2_i64);
        let text = sql.render(|out, n| write!(out, "?{n}").unwrap());
        assert_eq!(text, "SELECT 1 FROM \"we\"\"ird\" WHERE a = ?1 AND b = ?2");
        assert_eq!(sql.params(), [Value::from("x"), Value::Integer(2)]);
    }
}
