//! Database errors in terms that fit every engine.

/// An error of this floor. Its texts must not reach a client unchecked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// Another writer held the file longer than the busy timeout.
    #[error("the database is busy")]
    Busy,
    /// A constraint or trigger refused a row. `columns` is empty if the engine names only an index. `message` is the
    /// engine's text; for a trigger, the trigger's own.
    #[error("{message}")]
    Constraint { kind: ConstraintKind, table: String, columns: Vec<String>, index: Option<String>, message: String },
    /// The statement itself was refused: syntax error, unknown column, or a write where only reads are allowed.
    #[error("{0}")]
    Statement(String),
    /// The transaction this handle belongs to has ended.
    #[error("the transaction has ended")]
    Closed,
    #[error("{table}.{column} holds a value of the wrong kind")]
    Corrupt { table: String, column: String },
    /// The statement exceeded its time budget.
    #[error("the statement took too long")]
    Interrupted,
    /// The disk is full, or the database has reached its maximum size.
    #[error("the disk is full")]
    DiskFull,
    /// The file is not a database, or parts of it cannot be read.
    #[error("{0}")]
    Damaged(String),
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
