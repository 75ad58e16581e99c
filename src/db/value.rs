//! Values bound to statements and values read from rows.

use super::DbError;

/// A value bound to a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// A value borrowed from the current row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// Not necessarily UTF-8: other programs may have written the file.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// Implemented by each engine; lets [`RowRef`] read the current row.
pub trait RowSource {
    fn value(&self, index: usize) -> ValueRef<'_>;
}

/// The current row of a query.
#[derive(Clone, Copy)]
pub struct RowRef<'a>(pub(super) &'a dyn RowSource);

impl<'a> RowRef<'a> {
    #[must_use]
    pub fn get(&self, index: usize) -> ValueRef<'a> {
        self.0.value(index)
    }

    /// Text, or a number as text. NULL becomes empty; invalid UTF-8 is replaced.
    #[must_use]
    pub fn text(&self, index: usize) -> String {
        self.get(index).to_text()
    }

    /// Returns `None` for NULL.
    #[must_use]
    pub fn optional_text(&self, index: usize) -> Option<String> {
        match self.get(index) {
            ValueRef::Null => None,
            other => Some(other.to_text()),
        }
    }

    pub fn integer(&self, index: usize) -> Result<i64, DbError> {
        match self.get(index) {
            ValueRef::Integer(value) => Ok(value),
            ValueRef::Real(value) => Ok(value as i64),
            other => Err(DbError::Other(format!("column {index} holds {other:?} where a number was expected"))),
        }
    }
}

impl ValueRef<'_> {
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(value) => value.to_string(),
            Self::Real(value) => value.to_string(),
            Self::Text(bytes) | Self::Blob(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => String::from_utf8_lossy(bytes).into_owned(),
            },
        }
    }

    #[must_use]
    pub fn to_owned(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(value) => Value::Integer(*value),
            Self::Real(value) => Value::Real(*value),
            Self::Text(_) | Self::Blob(_) => Value::Text(self.to_text()),
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
