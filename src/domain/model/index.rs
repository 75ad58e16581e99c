//! A parsed index definition. `collections::indexes` parses and prints it.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub is_unique: bool,
    pub columns: Vec<IndexColumn>,
    /// The condition of a partial index, as SQL text. Empty for a full index.
    pub condition: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    pub target: IndexTarget,
    /// For example `NOCASE`. Empty for the column's default.
    pub collation: String,
    pub is_descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexTarget {
    Column(String),
    /// An expression, as SQL text.
    Expression(String),
}

impl IndexColumn {
    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.collation.eq_ignore_ascii_case("nocase")
    }
}
