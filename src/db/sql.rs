//! The SQL builder. User text reaches a statement only as a quoted name ([`Sql::ident`]) or a bound value
//! ([`Sql::bind`]). [`Sql::raw`] accepts only text written in our source.

use super::Value;

/// Marks a parameter until the engine numbers it. Cannot occur in source text or in names.
pub(super) const PARAMETER: char = '\u{1}';
const PARAMETER_BYTE: u8 = PARAMETER as u8;
/// Initial capacity. Most statements fit, so their text rarely has to grow.
const TYPICAL_BYTES: usize = 256;

/// A statement or a part of one, together with its values. Parts are combined with [`Sql::append`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    pub(super) text: String,
    pub(super) params: Vec<Value>,
}

impl Sql {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let mut sql = Self { text: String::with_capacity(TYPICAL_BYTES.max(text.len())), params: Vec::new() };
        sql.raw(text);
        sql
    }

    pub fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a name in double quotes, with inner quotes doubled.
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

    /// Appends `alias.name`, both quoted.
    pub fn column(&mut self, alias: &str, name: &str) -> &mut Self {
        self.ident(alias).raw(".").ident(name)
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push(PARAMETER);
        self.params.push(value.into());
        self
    }

    /// Appends a part with its values.
    pub fn append(&mut self, piece: &Sql) -> &mut Self {
        self.text.push_str(&piece.text);
        self.params.extend(piece.params.iter().cloned());
        self
    }

    /// Appends an integer literal: for LIMIT, OFFSET and the like.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.text.push_str(&value.to_string());
        self
    }

    /// Appends `, `, except before the first item.
    pub fn comma(&mut self, is_first: bool) -> &mut Self {
        if !is_first {
            self.text.push_str(", ");
        }
        self
    }

    /// The parts joined by AND. Returns `None` if there are none.
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

    /// Length of the text in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The text without the values: equal for equal statements. Not executable.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn params(&self) -> &[Value] {
        &self.params
    }

    /// Appends SQL text that a superuser wrote as SQL: view queries and index definitions, validated by their rooms.
    /// This is the only way to pass such text on, so a search for the name finds every use.
    pub fn raw_from_superuser(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&text.replace(PARAMETER, " "));
        self
    }

    /// The text, with each parameter written by `placeholder`, which receives its number, counted from 1.
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
