//! An index definition, taken apart. Parsing and printing: `collections::indexes`.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub is_unique: bool,
    pub columns: Vec<IndexColumn>,
    /// The condition of a partial index, as SQL text; empty for a full one.
    pub condition: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    pub target: IndexTarget,
    /// Such as `NOCASE`; empty for the column's own.
    pub collation: String,
    pub is_descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexTarget {
    Column(String),
    /// SQL text.
    Expression(String),
}

impl IndexColumn {
    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.collation.eq_ignore_ascii_case("nocase")
    }
}
