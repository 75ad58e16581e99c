//! A file as rows of cells: CSV, a JSON array of objects, or one JSON object per line.
//!
//! A file may be larger than memory, so its rows are visited instead of collected: once by [`Table::survey`], which
//! finds out what the columns contain, and once more by [`Table::visit`] when they are imported.

use super::BadRow;
use super::csv_rows::{self, CsvRows};
use super::guess::Survey;
use super::json_rows::{self, Object};
use super::plan::Options;
use super::source::Source;
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// More columns than any of our tables can have.
const MAX_COLUMNS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    /// One JSON object per line.
    JsonLines,
}

impl Format {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
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

/// A file, and what its columns contain.
#[derive(Debug)]
pub struct Table {
    source: Source,
    format: Format,
    /// The delimiter of CSV cells.
    delimiter: u8,
    pub headings: Vec<String>,
    /// What each column holds.
    pub columns: Vec<Survey>,
    /// The number of rows, including those that cannot be read.
    pub rows: u64,
    pub notation: Notation,
    /// See [`Options::nulls`].
    nulls: Vec<String>,
}

/// The notation of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// `1234.5`
    #[default]
    Point,
    /// Possibly `1234,5` or `1.234,5`: spreadsheets use semicolons as delimiters where the comma is the decimal
    /// separator.
    Comma,
}

impl Table {
    /// Reads the whole file once. `delimiter` separates the cells of CSV; `None` guesses it.
    pub fn survey(source: Source, format: Format, delimiter: Option<u8>, options: &Options) -> Result<Self> {
        let delimiter = match (delimiter, format) {
            (Some(delimiter), _) => delimiter,
            (None, Format::Csv) => csv_rows::guess_delimiter(&source)?,
            (None, _) => b',',
        };
        let is_comma_free = format == Format::Csv && delimiter == b';';
        let notation = if is_comma_free { Notation::Comma } else { Notation::Point };
        let mut table = Self {
            source,
            format,
            delimiter,
            headings: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            notation,
            nulls: options.nulls.clone(),
        };
        match format {
            Format::Csv => table.survey_csv(options)?,
            Format::Json | Format::JsonLines => table.survey_objects(options)?,
        }
        if table.headings.is_empty() {
            return Err(Error::bad_request("The file has no columns."));
        }
        Ok(table)
    }

    fn survey_csv(&mut self, options: &Options) -> Result<()> {
        let mut rows = CsvRows::open(&self.source, self.delimiter)?;
        check_columns(rows.headings.len())?;
        self.columns = rows.headings.iter().map(|heading| Survey::new(options.is_select(heading))).collect();
        let mut count = 0;
        let mut columns = std::mem::take(&mut self.columns);
        while let Some(item) = rows.next()? {
            count += 1;
            let Ok(row) = item else { continue };
            for (column, cell) in columns.iter_mut().zip(&self.settled_row(row).cells) {
                column.add(cell, self.notation);
            }
        }
        (self.rows, self.columns) = (count, columns);
        self.headings = rows.headings;
        Ok(())
    }

    /// Keys become columns, in order of their first appearance.
    fn survey_objects(&mut self, options: &Options) -> Result<()> {
        let mut columns: IndexMap<String, Survey> = IndexMap::new();
        let (mut rows, mut objects) = (0, 0);
        self.visit_objects(&mut |object| {
            rows += 1;
            let Ok((_, object)) = object else { return Ok(true) };
            objects += 1;
            for (key, value) in object {
                if let Some(column) = columns.get_mut(&key) {
                    column.add(&self.settled(json_cell(Some(value))), Notation::Point);
                    continue;
                }
                check_columns(columns.len() + 1)?;
                let mut column = Survey::new(options.is_select(&key));
                column.add(&self.settled(json_cell(Some(value))), Notation::Point);
                columns.insert(key, column);
            }
            Ok(true)
        })?;
        self.rows = rows;
        for (heading, mut column) in columns {
            column.pad_to(objects);
            self.headings.push(heading);
            self.columns.push(column);
        }
        Ok(())
    }

    /// Calls `each` with every row, in file order, until it returns `false`.
    pub fn visit(&self, each: &mut dyn FnMut(Item) -> Result<bool>) -> Result<()> {
        if self.format != Format::Csv {
            return self.visit_objects(&mut |object| each(object.map(|(line, object)| self.row(line, object))));
        }
        let mut rows = CsvRows::open(&self.source, self.delimiter)?;
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

    fn visit_objects(&self, each: &mut dyn FnMut(Object) -> Result<bool>) -> Result<()> {
        match self.format {
            Format::Json => json_rows::visit_array(&self.source, each),
            Format::JsonLines | Format::Csv => json_rows::visit_lines(&self.source, each),
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

    /// Returns the encoding of the file, if it is not UTF-8.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        self.source.encoding()
    }
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
                Err(BadRow { line: lines[2], reason: "1 cells, but the heading has 2".to_owned() }),
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
