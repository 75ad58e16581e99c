//! Writes a collection to a file, row by row.

use super::cells::Format;
use super::sheet::{self, SheetWriter};
use super::{OnProgress, Progress, Scratch, escape, store};
use crate::db::{DbError, RowRef};
use crate::domain::access::QueryBuilder;
use crate::domain::caller::RequestInfo;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;
use crate::domain::{self, Error};
use serde_json::Value;
use std::cell::Cell;
use std::io::{self, Write};
use std::sync::Arc;

/// How often progress is reported, in rows.
const ROWS_PER_STEP: u64 = 1000;

#[derive(Clone, Debug)]
pub struct ExportOptions {
    pub format: Format,
    /// Whether CSV starts with a byte order mark, without which spreadsheets misread accents.
    pub has_mark: bool,
    pub selection: Selection,
    /// Where temporary files are made.
    pub scratch: Scratch,
}

impl ExportOptions {
    /// Everything, in this format.
    #[must_use]
    pub fn all(format: Format) -> Self {
        Self { format, has_mark: false, selection: Selection::default(), scratch: Scratch::default() }
    }
}

/// Which records and fields are written. The filter and the sort are those of lists.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub filter: String,
    pub sort: String,
    /// Names of fields, in order. Empty for all.
    pub fields: Vec<String>,
}

/// Where an export is written.
pub type Out<'a> = &'a mut (dyn Write + Send);

/// Writes the selected records of `collection` to `out`, including hidden fields, but not passwords and token keys. Returns
/// the number of records. The caller must be a superuser: no rule is checked.
pub fn export(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    options: &ExportOptions,
    out: Out<'_>,
    on_progress: OnProgress<'_>,
) -> domain::Result<u64> {
    let fields = selected(collection, &options.selection.fields)?;
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, collection, request, tx.now(), tx.dialect());
    query.client_filter(&options.selection.filter)?;
    query.client_sort(&options.selection.sort)?;
    let conditions = query.finish()?;
    let total = store::count_selected(tx, &conditions)?;
    if options.format == Format::Xlsx && total > sheet::MAX_RECORDS {
        let text = format!("A sheet holds at most {} records, and these are {total}. Choose CSV.", sheet::MAX_RECORDS);
        return Err(Error::bad_request(text));
    }
    let is_cancelled = Cell::new(false);
    let mut writer = Writer::start(out, options, collection, &fields)?;
    let mut done = 0;
    let outcome = store::visit_selected(tx, collection, &conditions, &names, |row| {
        writer.row(row)?;
        done += 1;
        if (done % ROWS_PER_STEP == 0 || done == total) && !on_progress(Progress { done, total }) {
            is_cancelled.set(true);
            return Err(DbError::Interrupted);
        }
        Ok(())
    });
    if is_cancelled.get() {
        return Err(Error::bad_request("The export was cancelled."));
    }
    outcome?;
    writer.finish()?;
    Ok(done)
}

/// Returns the fields that are written.
fn selected<'a>(collection: &'a Collection, names: &[String]) -> domain::Result<Vec<&'a Field>> {
    let fields = || collection.fields.iter().filter(|field| !is_secret(collection, field));
    if names.is_empty() {
        return Ok(fields().collect());
    }
    let mut found: Vec<&Field> = Vec::new();
    for name in names {
        let Some(field) = fields().find(|field| field.name == *name) else {
            return Err(Error::bad_request(format!("There is no field {name:?} in {:?} to export.", collection.name)));
        };
        if !found.iter().any(|other| other.name == field.name) {
            found.push(field);
        }
    }
    Ok(found)
}

/// Whether no caller may read the field, not even a superuser.
pub fn is_secret(collection: &Collection, field: &Field) -> bool {
    matches!(field.kind, FieldKind::Password(_)) || collection.is_credential(field)
}

enum Writer<'a> {
    Text(TextWriter<'a>),
    Sheet(Box<SheetWriter<'a>>),
}

impl<'a> Writer<'a> {
    fn start(
        out: Out<'a>,
        options: &ExportOptions,
        collection: &Collection,
        fields: &'a [&'a Field],
    ) -> domain::Result<Self> {
        if options.format == Format::Xlsx {
            let sheet = SheetWriter::start(out, &collection.name, fields, &options.scratch)?;
            return Ok(Self::Sheet(Box::new(sheet)));
        }
        let mut writer = TextWriter { out, format: options.format, fields, rows: 0, buffer: Vec::new() };
        writer.start(options.has_mark)?;
        Ok(Self::Text(writer))
    }

    fn row(&mut self, row: RowRef<'_>) -> Result<(), DbError> {
        match self {
            Self::Text(writer) => writer.row(row),
            Self::Sheet(writer) => writer.row(row),
        }
    }

    fn finish(self) -> domain::Result<()> {
        match self {
            Self::Text(writer) => writer.finish(),
            Self::Sheet(writer) => writer.finish(),
        }
    }
}

struct TextWriter<'a> {
    out: Out<'a>,
    format: Format,
    fields: &'a [&'a Field],
    rows: u64,
    /// The current row, before it is written.
    buffer: Vec<u8>,
}

impl TextWriter<'_> {
    fn start(&mut self, has_mark: bool) -> domain::Result<()> {
        match self.format {
            Format::Csv => {
                if has_mark {
                    self.buffer.extend_from_slice(b"\xef\xbb\xbf");
                }
                write_csv(&mut self.buffer, self.fields.iter().map(|field| field.name.clone()));
            }
            Format::Json => self.buffer.push(b'['),
            Format::JsonLines | Format::Xlsx => {}
        }
        Ok(self.flush_row()?)
    }

    fn row(&mut self, row: RowRef<'_>) -> Result<(), DbError> {
        if self.format == Format::Csv {
            let cells = self.fields.iter().enumerate().map(|(at, field)| cell(field, &field.from_db(row.get(at))));
            write_csv(&mut self.buffer, cells);
        } else {
            if self.format == Format::Json {
                self.buffer.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
            }
            write_object(&mut self.buffer, self.fields, row);
            if self.format == Format::JsonLines {
                self.buffer.push(b'\n');
            }
        }
        self.rows += 1;
        self.flush_row()
    }

    fn finish(mut self) -> domain::Result<()> {
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

pub fn cannot_write(error: &io::Error) -> DbError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DbError::DiskFull,
        _ => DbError::Other(format!("cannot write: {error}")),
    }
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
        (_, Value::String(text)) if !matches!(field.kind, FieldKind::Json(_)) => escape::escape(text).into_owned(),
        _ => plain_cell(field, value),
    }
}

/// The same without the escape of formulas.
pub fn plain_cell(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (_, Value::Null) => String::new(),
        // A string in a json field keeps its quotes, which distinguish it from a number or a list.
        (FieldKind::Json(_), value) => value.to_string(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(items)) if items.is_empty() => String::new(),
        (_, value) => value.to_string(),
    }
}
