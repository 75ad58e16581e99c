//! Writes a collection to a file, row by row.

use super::table::Format;
use super::{OnProgress, Progress, escape, store};
use crate::db::{DbError, RowRef};
use crate::domain;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;
use serde_json::Value;
use std::io::Write;

/// How often progress is reported, in rows.
const ROWS_PER_STEP: u64 = 1000;

#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    pub format: Format,
    /// Whether CSV starts with a byte order mark, without which spreadsheets misread accents.
    pub has_mark: bool,
}

/// Writes every record of `collection` to `out`, including hidden fields, but not passwords and token keys. Returns the
/// number of records.
pub fn export(
    tx: &ReadTx,
    collection: &Collection,
    options: ExportOptions,
    out: &mut dyn Write,
    on_progress: OnProgress<'_>,
) -> domain::Result<u64> {
    let fields: Vec<&Field> = collection.fields.iter().filter(|field| !is_secret(collection, field)).collect();
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let total = store::count(tx, collection)?;
    let mut writer = Writer::new(out, options.format);
    writer.start(&names, options.has_mark)?;
    let mut done = 0;
    store::visit(tx, collection, &names, |row| {
        writer.row(&fields, row)?;
        done += 1;
        if done % ROWS_PER_STEP == 0 || done == total {
            on_progress(Progress { done, total });
        }
        Ok(())
    })?;
    writer.finish()?;
    Ok(done)
}

/// Whether no caller may read the field, not even a superuser.
fn is_secret(collection: &Collection, field: &Field) -> bool {
    matches!(field.kind, FieldKind::Password(_)) || collection.is_credential(field)
}

struct Writer<'a> {
    out: &'a mut dyn Write,
    format: Format,
    rows: u64,
    /// The current row, before it is written.
    buffer: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut dyn Write, format: Format) -> Self {
        Self { out, format, rows: 0, buffer: Vec::new() }
    }

    fn start(&mut self, names: &[&str], has_mark: bool) -> domain::Result<()> {
        match self.format {
            Format::Csv => {
                if has_mark {
                    self.buffer.extend_from_slice(b"\xef\xbb\xbf");
                }
                write_csv(&mut self.buffer, names.iter().map(ToString::to_string));
            }
            Format::Json => self.buffer.push(b'['),
            Format::JsonLines => {}
        }
        Ok(self.flush_row()?)
    }

    fn row(&mut self, fields: &[&Field], row: RowRef<'_>) -> Result<(), DbError> {
        match self.format {
            Format::Csv => {
                let cells = fields.iter().enumerate().map(|(at, field)| cell(field, &field.from_db(row.get(at))));
                write_csv(&mut self.buffer, cells);
            }
            Format::Json | Format::JsonLines => {
                if self.format == Format::Json {
                    self.buffer.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
                }
                write_object(&mut self.buffer, fields, row);
                if self.format == Format::JsonLines {
                    self.buffer.push(b'\n');
                }
            }
        }
        self.rows += 1;
        self.flush_row()
    }

    fn finish(&mut self) -> domain::Result<()> {
        if self.format == Format::Json {
            self.buffer.extend_from_slice(if self.rows == 0 { b"]\n" } else { b"\n]\n" });
        }
        self.flush_row()?;
        Ok(self.out.flush().map_err(|error| cannot_write(&error))?)
    }

    fn flush_row(&mut self) -> Result<(), DbError> {
        self.out.write_all(&self.buffer).map_err(|error| cannot_write(&error))?;
        self.buffer.clear();
        Ok(())
    }
}

fn cannot_write(error: &std::io::Error) -> DbError {
    DbError::Other(format!("cannot write: {error}"))
}

fn write_csv(buffer: &mut Vec<u8>, cells: impl Iterator<Item = String>) {
    let mut writer = csv::Writer::from_writer(buffer);
    writer.write_record(cells).and_then(|()| Ok(writer.flush()?)).expect("writing into memory cannot fail");
}

fn write_object(buffer: &mut Vec<u8>, fields: &[&Field], row: RowRef<'_>) {
    buffer.push(b'{');
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            buffer.push(b',');
        }
        crate::base::json::write_string(buffer, &field.name);
        buffer.push(b':');
        field.write_json(buffer, row.get(at));
    }
    buffer.push(b'}');
}

/// Formats a value as one cell, so that import restores the same value.
fn cell(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (_, Value::Null) => String::new(),
        // A string in a json field keeps its quotes, which distinguish it from a number or a list.
        (FieldKind::Json(_), value) => value.to_string(),
        (_, Value::String(text)) => escape::escape(text).into_owned(),
        (_, Value::Array(items)) if items.is_empty() => String::new(),
        (_, value) => value.to_string(),
    }
}
