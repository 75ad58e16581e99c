//! Data in and out as files: CSV, JSON, one JSON object per line.
//!
//! Import: [`Table::survey`] reads a file once, [`plan()`] decides what becomes of each column, [`import`] does it
//! within a transaction, while it reads the file again; neither takes more memory for a longer file. Export: [`export`] writes
//! a collection row by row. What one writes the other reads back unharmed: see `escape` for texts that look like formulas and
//! `guess` for what is no number.
//!
//! Knows nothing of terminals: progress is told to a closure, and what happened is in [`Report`].

mod convert;
mod csv_rows;
mod escape;
mod export;
mod guess;
mod import;
mod json_rows;
mod later;
mod naming;
mod plan;
mod source;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub use export::{ExportOptions, export};
pub use import::{Report, import};
pub use naming::record_id;
pub use plan::{Change, Column, FieldOption, Link, Options, Plan, RelationOption, Target, plan};
pub use source::Source;
pub use table::{Cell, Format, Notation, Row, Table};

/// A row that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it starts in the file, from 1; in a JSON array which element it is.
    pub line: u64,
    pub reason: String,
}

/// How far a piece of work is, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Told now and then how far the work is; it decides what to show and when.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress);
