//! What can go wrong in a database, in words that fit every engine.

/// An error of this floor. None of its texts may reach a caller unchecked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// Another writer held the file longer than the busy timeout.
    #[error("the database is busy")]
    Busy,
    /// A constraint or trigger refused a row. `columns` is empty where the engine names only an index; `message` is the
    /// engine's text, of a trigger its own.
    #[error("{message}")]
    Constraint { kind: ConstraintKind, table: String, columns: Vec<String>, index: Option<String>, message: String },
    /// The statement itself was refused: syntax, unknown column, a write where only reads are allowed.
    #[error("{0}")]
    Statement(String),
    /// The transaction this handle belongs to has ended.
    #[error("the transaction has ended")]
    Closed,
    #[error("{table}.{column} holds a value of the wrong kind")]
    Corrupt { table: String, column: String },
    /// The statement ran out of its time budget.
    #[error("the statement took too long")]
    Interrupted,
    /// The disk, or the size the database is allowed to have, has no room for what was to be written.
    #[error("the disk is full")]
    DiskFull,
    #[error("{0}")]
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    Unique,
    PrimaryKey,
    ForeignKey,
    NotNull,
    Check,
    Other,
}
