//! Imports and exports files: CSV, JSON, one JSON object per line.
//!
//! Import: [`Table::survey`] reads a file once, [`plan()`] decides what each column becomes, and [`import`] reads the
//! file again and creates the records in a transaction. Memory use does not grow with the length of the file. Export:
//! [`export`] writes a collection row by row. Import reads back what export writes without loss: see `escape` for texts
//! that look like formulas and `guess` for texts that look like numbers.
//!
//! This room does not know the terminal: progress goes to a closure, and the result is a [`Report`].

mod convert;
mod csv_rows;
mod escape;
mod export;
mod guess;
mod import;
mod json_rows;
mod later;
mod naming;
mod passwords;
mod plan;
mod source;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub use export::{ExportOptions, export};
pub use import::{Report, import};
pub use naming::record_id;
pub use passwords::{Passwords, plain_passwords};
pub use plan::{Change, Column, FieldOption, Link, Options, Plan, RelationOption, Target, plan};
pub use source::Source;
pub use table::{Cell, Format, Notation, Row, Table};

/// A row that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it starts in the file, from 1: the line, or the element of a JSON array.
    pub line: u64,
    pub reason: String,
}

/// The progress of an import or export, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Called from time to time with the progress. The callee decides what to show and when.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress);
