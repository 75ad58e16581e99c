//! A file as rows of cells: CSV, a sheet of XLSX, a JSON array of objects, or one JSON object per line.
//!
//! A file may be larger than memory, so its rows are visited instead of collected: once by [`Table::survey`], which
//! finds out what the columns contain, and once more by [`Table::visit`] when they are imported.

use super::BadRow;
use super::convert::Notation;
use super::csv_rows::{self, CsvRows, unreadable};
use super::guess::Survey;
use super::json_rows::{self, Object};
use super::plan::Options;
use super::source::{Encoding, Scratch, Source};
use super::workbook::{self, Sheet};
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{Read as _, Seek as _};

/// More columns than any of our tables can have.
const MAX_COLUMNS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    /// One JSON object per line.
    JsonLines,
    /// A sheet of a workbook of a spreadsheet program.
    Xlsx,
}

impl Format {
    /// The name that [`Format::parse`] reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Returns the format for the extension of a file's name.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        Self::parse(name.rsplit_once('.')?.1)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A text that had been escaped. It is certainly a text and not, for example, a number.
    EscapedText(String),
    /// A boolean, number, array or object of a JSON file.
    Json(Value),
}

impl Cell {
    /// Whether the cell is empty or an empty text.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) | Self::EscapedText(text) => text.is_empty(),
            Self::Json(_) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it starts in the file, from 1: the line, or the element of a JSON array.
    pub line: u64,
    /// One cell for each heading.
    pub cells: Vec<Cell>,
}

/// A row of the file, or why it could not be read.
pub type Item = std::result::Result<Row, BadRow>;

/// How a file is read. What is `None` is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    pub format: Option<Format>,
    /// The delimiter of CSV cells.
    pub delimiter: Option<u8>,
    pub encoding: Option<Encoding>,
    /// The sheet of an XLSX file; the first by default.
    pub sheet: Option<String>,
}

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
        check_columns(rows.headings.len())?;
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

fn check_columns(count: usize) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], format: Format) -> Result<Table> {
        Table::survey(Source::stream(bytes).unwrap(), format, None, &Options::default())
    }

    fn items(table: &Table) -> Vec<Item> {
        let mut items = Vec::new();
        table
            .visit(&mut |item| {
                items.push(item);
                Ok(true)
            })
            .unwrap();
        items
    }

    fn text(cell: &str) -> Cell {
        Cell::Text(cell.to_owned())
    }

    #[test]
    fn csv_cells_come_with_the_line_their_row_starts_in() {
        let file = "Name,Note\n\"Ann, \"\"A\"\"\",\"two\nlines\"\n\n0171,\nx\n'=1,'tis";
        let expected = |lines: [u64; 4]| {
            [
                Ok(Row { line: lines[0], cells: vec![text("Ann, \"A\""), text("two\nlines")] }),
                Ok(Row { line: lines[1], cells: vec![text("0171"), Cell::Empty] }),
                Err(BadRow::new(lines[2], "1 cells, but the heading has 2")),
                Ok(Row { line: lines[3], cells: vec![Cell::EscapedText("=1".to_owned()), text("'tis")] }),
            ]
        };
        let table = read(file.as_bytes(), Format::Csv).unwrap();
        assert_eq!((&*table.headings, table.rows), (&["Name".to_owned(), "Note".to_owned()][..], 4));
        assert_eq!(items(&table), expected([2, 5, 6, 7]));
        let with_returns = file.replace('\n', "\r\n").replace("two\r\n", "two\n");
        assert_eq!(items(&read(with_returns.as_bytes(), Format::Csv).unwrap()), expected([2, 5, 6, 7]));
    }

    #[test]
    fn lines_are_right_far_into_a_file() {
        let row = "\"a\n\nb\",x\n\n";
        let file = format!("Name,Note\n{}bad\n", row.repeat(20_000));
        let last = items(&read(file.as_bytes(), Format::Csv).unwrap()).pop().unwrap();
        assert_eq!(last.unwrap_err().line, 80_002);
    }

    #[test]
    fn the_delimiter_is_found_out() {
        for (file, expected) in
            [("a;b;c,d\n1", b';'), ("a\tb", b'\t'), ("\"a;b;c\",d", b','), ("a|b|c", b'|'), ("a", b','), ("", b',')]
        {
            let source = Source::stream(file.as_bytes()).unwrap();
            assert_eq!(csv_rows::guess_delimiter(&source).unwrap(), expected, "{file}");
        }
    }

    #[test]
    fn json_arrays_and_lines_give_the_same_columns() {
        let array = br#"[{"a":1,"b":"x"},{"b":null,"c":[1]},5]"#;
        let lines = b"{\"a\":1,\"b\":\"x\"}\n{\"b\":null,\"c\":[1]}\n5\n";
        let (array, lines) = (read(array, Format::Json).unwrap(), read(lines, Format::JsonLines).unwrap());
        assert_eq!(array.headings, ["a", "b", "c"]);
        let rows = |table: &Table| -> Vec<Vec<Cell>> {
            items(table).into_iter().filter_map(std::result::Result::ok).map(|row| row.cells).collect()
        };
        assert_eq!(rows(&array), rows(&lines));
        assert_eq!(rows(&array)[1], [Cell::Empty, Cell::Empty, Cell::Json(serde_json::json!([1]))]);
        assert_eq!((items(&array).len(), items(&lines).len()), (3, 3));
        assert!(items(&array)[2].is_err() && items(&lines)[2].is_err());
    }

    #[test]
    fn a_file_that_is_broken_further_on_is_refused() {
        for (file, format) in [
            ("[{\"a\":1},{\"a\":2,\"a\":3}]", Format::Json),
            ("[{\"a\":1}", Format::Json),
            ("[{\"a\":1}] x", Format::Json),
        ] {
            let error = read(file.as_bytes(), format).unwrap_err();
            assert!(error.to_string().contains("not JSON"), "{file}: {error}");
        }
    }

    #[test]
    fn files_without_columns_are_refused() {
        for (file, format) in [
            ("", Format::Csv),
            ("{}", Format::Json),
            ("[", Format::Json),
            ("[]", Format::Json),
            ("", Format::JsonLines),
        ] {
            assert!(read(file.as_bytes(), format).is_err(), "{file}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for format in [Format::Csv, Format::Json, Format::JsonLines] {
                if let Ok(table) = read(&bytes, format) {
                    let items = items(&table);
                    prop_assert!(items.iter().flatten().all(|row| row.cells.len() == table.headings.len()));
                    prop_assert_eq!(items.len() as u64, table.rows);
                }
            }
        }
    }
}
