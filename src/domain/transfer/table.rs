//! A file as rows of cells: CSV, a sheet of XLSX, a JSON array of objects, or one JSON object per line.
//!
//! A file may be larger than memory, so its rows are visited instead of collected: once by [`Table::survey`], which
//! finds out what the columns contain, and once more by [`Table::visit`] when they are imported.

#[cfg(test)]
mod tests;

use super::BadRow;
use super::binary;
use super::cells::{Cell, FileOptions, Format, Item, Row};
use super::convert::Notation;
use super::csv_rows::{self, CsvRows, unreadable};
use super::json_rows::{self, Object};
use super::options::Options;
use super::source::{Encoding, Scratch, Source};
use super::survey::Survey;
use super::workbook::{self, Sheet};
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{Read as _, Seek as _};

/// More columns than any of our tables can have.
pub(super) const MAX_COLUMNS: usize = 1000;

/// A file, and what its columns contain.
#[derive(Debug)]
pub struct Table {
    source: Source,
    format: Format,
    /// The delimiter of CSV cells.
    delimiter: u8,
    /// The sheet that is read, and the names of all sheets, of an XLSX file.
    sheet: Option<(String, Vec<String>)>,
    /// Each is different from all others.
    pub headings: Vec<String>,
    /// Positions of the columns whose headings are empty in the file.
    pub unnamed: Vec<usize>,
    /// What each column holds.
    pub columns: Vec<Survey>,
    /// The number of rows, including those that cannot be read.
    pub rows: u64,
    /// The number of rows that cannot be read, and the first of them.
    pub unreadable: (u64, Option<BadRow>),
    pub notation: Notation,
    /// See [`Options::nulls`].
    nulls: Vec<String>,
}

impl Table {
    /// Opens a file and reads it once. `name` tells the format if `file_options` do not and the content does not.
    pub fn open(
        mut file: File,
        name: &str,
        file_options: &FileOptions,
        options: &Options,
        scratch: Scratch,
    ) -> Result<Self> {
        let mut head = Vec::new();
        file.rewind().and_then(|()| file.by_ref().take(4).read_to_end(&mut head)).map_err(unreadable)?;
        let wanted = file_options.format.or_else(|| Format::of_file(name));
        if head == workbook::OLD_FORMAT {
            let text = "This is a file of an old Excel, or one with a password. Save it as .xlsx without a password.";
            return Err(Error::bad_request(text));
        }
        if head == workbook::ARCHIVE && file_options.format.is_none_or(|format| format == Format::Xlsx) {
            let Sheet { source, name, names } = workbook::read(&file, file_options.sheet.as_deref(), scratch)?;
            let sheet = Some((name, names));
            return Self::surveyed(Self { sheet, ..Self::blank(source, Format::Xlsx, b',', options) }, options);
        }
        if wanted == Some(Format::Xlsx) {
            return Err(Error::bad_request("The file is not an XLSX file: it is no ZIP archive."));
        }
        binary::refuse(&file, file_options.encoding.is_some())?;
        let source = Source::file(file, file_options.encoding, scratch).map_err(unreadable)?;
        let format = match wanted {
            Some(format) => format,
            None => guess_format(&source)?,
        };
        Self::survey(source, format, file_options.delimiter, options)
    }

    /// Reads the whole file once. `delimiter` separates the cells of CSV; `None` guesses it.
    pub fn survey(source: Source, format: Format, delimiter: Option<u8>, options: &Options) -> Result<Self> {
        let delimiter = match (delimiter, format) {
            (Some(delimiter), _) => delimiter,
            (None, Format::Csv) => csv_rows::guess_delimiter(&source)?,
            (None, _) => b',',
        };
        Self::surveyed(Self::blank(source, format, delimiter, options), options)
    }

    /// Reads the same file again for other options.
    pub fn again(self, options: &Options) -> Result<Self> {
        let sheet = self.sheet;
        Self::surveyed(Self { sheet, ..Self::blank(self.source, self.format, self.delimiter, options) }, options)
    }

    fn blank(source: Source, format: Format, delimiter: u8, options: &Options) -> Self {
        let is_comma_free = format == Format::Csv && delimiter == b';';
        let notation = if is_comma_free { Notation::Comma } else { Notation::Point };
        Self {
            source,
            format,
            delimiter,
            sheet: None,
            headings: Vec::new(),
            unnamed: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            unreadable: (0, None),
            notation,
            nulls: options.nulls.clone(),
        }
    }

    fn surveyed(mut table: Self, options: &Options) -> Result<Self> {
        match table.format {
            Format::Csv | Format::Xlsx => table.survey_csv(options)?,
            Format::Json | Format::JsonLines => table.survey_objects(options)?,
        }
        if table.headings.is_empty() {
            return Err(Error::bad_request("The file has no columns."));
        }
        Ok(table)
    }

    /// A survey for a column. Where commas separate cells, a comma in a number says nothing.
    fn survey_of(&self, heading: &str, options: &Options) -> Survey {
        let may_have_commas = self.format == Format::Csv && self.delimiter != b',';
        Survey::new(options.is_select(heading), self.notation, may_have_commas)
    }

    fn rows_of_csv(&self) -> Result<CsvRows<'_>> {
        CsvRows::open(&self.source, self.delimiter, self.format == Format::Xlsx)
    }

    fn survey_csv(&mut self, options: &Options) -> Result<()> {
        let mut rows = self.rows_of_csv()?;
        let mut headings = rows.headings.clone();
        let unnamed = csv_rows::make_unique(&mut headings);
        let mut columns: Vec<Survey> = headings.iter().map(|heading| self.survey_of(heading, options)).collect();
        let (mut count, mut unreadable) = (0, (0, None));
        while let Some(item) = rows.next()? {
            count += 1;
            let row = match item {
                Ok(row) => row,
                Err(bad_row) => {
                    unreadable.0 += 1;
                    unreadable.1.get_or_insert(bad_row);
                    continue;
                }
            };
            for (column, cell) in columns.iter_mut().zip(&self.settled_row(row).cells) {
                column.add(cell);
            }
        }
        (self.rows, self.columns, self.unreadable) = (count, columns, unreadable);
        (self.headings, self.unnamed) = (headings, unnamed);
        Ok(())
    }

    /// Keys become columns, in order of their first appearance.
    fn survey_objects(&mut self, options: &Options) -> Result<()> {
        let mut columns: IndexMap<String, Survey> = IndexMap::new();
        let (mut rows, mut objects) = (0, 0);
        let mut unreadable = (0, None);
        self.visit_objects(&mut |object| {
            rows += 1;
            let object = match object {
                Ok((_, object)) => object,
                Err(bad_row) => {
                    unreadable.0 += 1;
                    unreadable.1.get_or_insert(bad_row);
                    return Ok(true);
                }
            };
            objects += 1;
            for (key, value) in object {
                if let Some(column) = columns.get_mut(&key) {
                    column.add(&self.settled(json_cell(Some(value))));
                    continue;
                }
                check_columns(columns.len() + 1)?;
                let mut column = self.survey_of(&key, options);
                column.add(&self.settled(json_cell(Some(value))));
                columns.insert(key, column);
            }
            Ok(true)
        })?;
        (self.rows, self.unreadable) = (rows, unreadable);
        for (heading, mut column) in columns {
            column.pad_to(objects);
            self.headings.push(heading);
            self.columns.push(column);
        }
        Ok(())
    }

    /// Calls `each` with every row, in file order, until it returns `false`.
    pub fn visit(&self, each: &mut dyn FnMut(Item) -> Result<bool>) -> Result<()> {
        if matches!(self.format, Format::Json | Format::JsonLines) {
            return self.visit_objects(&mut |object| each(object.map(|(line, object)| self.row(line, object))));
        }
        let mut rows = self.rows_of_csv()?;
        csv_rows::make_unique(&mut rows.headings);
        if rows.headings != self.headings {
            return Err(Error::bad_request("The file has changed while it was read."));
        }
        while let Some(item) = rows.next()? {
            if !each(item.map(|row| self.settled_row(row)))? {
                break;
            }
        }
        Ok(())
    }

    /// Returns the first `count` rows.
    pub fn first_rows(&self, count: usize) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        self.visit(&mut |item| {
            items.push(item);
            Ok(items.len() < count)
        })?;
        Ok(items)
    }

    fn visit_objects(&self, each: &mut dyn FnMut(Object) -> Result<bool>) -> Result<()> {
        match self.format {
            Format::Json => json_rows::visit_array(&self.source, each),
            Format::JsonLines | Format::Csv | Format::Xlsx => json_rows::visit_lines(&self.source, each),
        }
    }

    fn row(&self, line: u64, mut object: Map<String, Value>) -> Row {
        Row {
            line,
            cells: self.headings.iter().map(|heading| self.settled(json_cell(object.remove(heading)))).collect(),
        }
    }

    /// Returns the cell, or an empty one if its text means null.
    fn settled(&self, cell: Cell) -> Cell {
        match cell {
            Cell::Text(text) | Cell::EscapedText(text) if self.nulls.contains(&text) => Cell::Empty,
            cell => cell,
        }
    }

    fn settled_row(&self, row: Row) -> Row {
        if self.nulls.is_empty() {
            return row;
        }
        Row { cells: row.cells.into_iter().map(|cell| self.settled(cell)).collect(), ..row }
    }

    #[must_use]
    pub fn column(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|have| have == heading)
    }

    /// Returns the encoding of the file for people, if it is not UTF-8.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        self.source.encoding()
    }

    /// Returns the encoding of a text file.
    #[must_use]
    pub fn detected_encoding(&self) -> Option<Encoding> {
        (self.format != Format::Xlsx).then(|| self.source.detected())
    }

    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the delimiter of a CSV file.
    #[must_use]
    pub fn delimiter(&self) -> Option<u8> {
        (self.format == Format::Csv).then_some(self.delimiter)
    }

    /// Returns the sheet that is read, and the names of all sheets.
    #[must_use]
    pub fn sheets(&self) -> Option<(&str, &[String])> {
        self.sheet.as_ref().map(|(name, names)| (name.as_str(), names.as_slice()))
    }

    /// Where temporary files of the same work are made.
    #[must_use]
    pub fn scratch(&self) -> &Scratch {
        self.source.scratch()
    }
}

/// A file without a known name is JSON if it starts like it, and CSV otherwise.
fn guess_format(source: &Source) -> Result<Format> {
    let mut head = Vec::new();
    source.read().map_err(unreadable)?.take(4096).read_to_end(&mut head).map_err(unreadable)?;
    let head = head.trim_ascii_start();
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(match head.first() {
        Some(b'{') if crate::base::json::parse_object(first_line.trim_ascii()).is_ok() => Format::JsonLines,
        Some(b'[' | b'{') => Format::Json,
        _ => Format::Csv,
    })
}

pub(super) fn check_columns(count: usize) -> Result<()> {
    if count > MAX_COLUMNS {
        return Err(Error::bad_request(format!("The file has more than {MAX_COLUMNS} columns.")));
    }
    Ok(())
}

fn json_cell(value: Option<Value>) -> Cell {
    match value {
        None | Some(Value::Null) => Cell::Empty,
        Some(Value::String(text)) => Cell::EscapedText(text),
        Some(other) => Cell::Json(other),
    }
}
