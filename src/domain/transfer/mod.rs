//! Imports and exports files: CSV, XLSX, JSON, one JSON object per line.
//!
//! Import: [`Table::open`] reads a file once, [`plan()`] decides what each column becomes, and [`import`] reads the
//! file again and creates the records in a transaction. Memory use does not grow with the length of the file. Export:
//! [`export`] writes a collection row by row. Import reads back what export writes without loss: see `escape` for texts
//! that look like formulas and `guess` for texts that look like numbers.
//!
//! This room does not know the terminal: progress goes to a closure, and the result is a [`Report`].

mod binary;
mod cells;
mod convert;
mod csv_rows;
mod escape;
mod export;
mod guess;
mod import;
mod journal;
mod json_rows;
mod later;
mod naming;
mod numbers;
mod options;
mod passwords;
mod plan;
mod planner;
mod sheet;
mod source;
mod store;
mod survey;
mod table;
mod workbook;
#[cfg(test)]
mod tests;

pub use cells::{Cell, FileOptions, Format, Item, Row};
pub use convert::{DateOrder, Notation, Style};
pub use escape::{escape, unescape};
pub use export::{ExportOptions, Selection, export};
pub use guess::{Doubt, guessed_type};
pub use import::{Extras, Report, import};
pub use journal::{Journal, Loss, UndoPlan, Undone};
pub use naming::{collection_name, record_id};
pub use options::{FieldOption, Mode, Options, RelationOption, Unmatched};
pub use passwords::{Passwords, plain_passwords};
pub use plan::{Change, Column, Link, Plan, Target, plan};
pub use source::{Encoding, Scratch, Source, copy};
pub use survey::Survey;
pub use table::Table;

/// A row that was not imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadRow {
    /// Where it starts in the file, from 1: the line, the row of the sheet, or the element of a JSON array.
    pub line: u64,
    /// The column and the start of the cell that the reason is about, if it is about one.
    pub column: Option<String>,
    pub value: Option<String>,
    pub reason: String,
    /// The cells of the row as texts, in the order of the file. `None` if they were not kept: the report has a size limit, and
    /// passwords are not repeated.
    pub cells: Option<Vec<String>>,
}

impl BadRow {
    /// A row that is bad as a whole.
    #[must_use]
    pub fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into(), ..Self::default() }
    }

    /// Returns the reason, after the column.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.column {
            Some(column) => format!("{column}: {}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// The progress of an import or export, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Returns at most `count` characters of a text, with `…` if it is longer.
#[must_use]
pub fn cut(text: &str, count: usize) -> String {
    match text.char_indices().nth(count) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Called from time to time with the progress. The callee decides what to show and when. Returns whether to go on.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> bool;
