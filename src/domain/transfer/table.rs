//! A file as rows of cells: CSV, a JSON array of objects, or one JSON object per line.

use super::{BadRow, escape, text};
use crate::base::json;
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// More columns than any table of ours can have.
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

    /// By the end of a file's name.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        Self::parse(name.rsplit_once('.')?.1)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A text that had been escaped, so that it is text for certain and not, say, a number.
    EscapedText(String),
    /// A boolean, number, array or object of a JSON file.
    Json(Value),
}

impl Cell {
    /// Nothing, or a text without letters.
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
    /// Where it starts in the file, from 1; in a JSON array which element it is.
    pub line: u64,
    /// As many as there are headings.
    pub cells: Vec<Cell>,
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Row>,
    /// Rows that cannot be read at all.
    pub bad_rows: Vec<BadRow>,
    /// The encoding, where it was not UTF-8.
    pub encoding: Option<&'static str>,
    pub notation: Notation,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// `1234.5`
    #[default]
    Point,
    /// Possibly `1234,5` or `1.234,5`: spreadsheets separate cells by semicolons where the comma is for decimals.
    Comma,
}

impl Table {
    /// Reads a whole file. `delimiter` separates the cells of CSV; `None` finds it out.
    pub fn read(bytes: &[u8], format: Format, delimiter: Option<u8>) -> Result<Self> {
        let (text, encoding) = text::decode(bytes);
        let mut table = match format {
            Format::Csv => read_csv(&text, delimiter)?,
            Format::Json => read_json(&text)?,
            Format::JsonLines => read_json_lines(&text),
        };
        table.encoding = encoding;
        if table.headings.is_empty() {
            return Err(Error::bad_request("The file has no columns."));
        }
        if table.headings.len() > MAX_COLUMNS {
            return Err(Error::bad_request(format!("The file has more than {MAX_COLUMNS} columns.")));
        }
        Ok(table)
    }

    #[must_use]
    pub fn column(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|have| have == heading)
    }

    pub fn cells(&self, column: usize) -> impl Iterator<Item = &Cell> {
        self.rows.iter().map(move |row| &row.cells[column])
    }
}

fn read_csv(text: &str, delimiter: Option<u8>) -> Result<Table> {
    let delimiter = delimiter.unwrap_or_else(|| guess_delimiter(text));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let notation = if delimiter == b';' { Notation::Comma } else { Notation::Point };
    let mut table = Table { notation, ..Table::default() };
    let mut record = csv::StringRecord::new();
    let unreadable = |error: csv::Error| Error::bad_request(format!("The file is not CSV: {error}."));
    while reader.read_record(&mut record).map_err(unreadable)? {
        let line = record.position().map_or(0, |position| line_of(text, position));
        if table.headings.is_empty() {
            table.headings = record.iter().map(|heading| heading.trim().to_owned()).collect();
            continue;
        }
        let (found, expected) = (record.len(), table.headings.len());
        if found == expected {
            table.rows.push(Row { line, cells: record.iter().map(csv_cell).collect() });
        } else {
            table.bad_rows.push(BadRow { line, reason: format!("{found} cells where the heading has {expected}") });
        }
    }
    Ok(table)
}

/// The reader's position is before the empty lines it skips.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + skipped as u64
}

fn csv_cell(text: &str) -> Cell {
    match escape::unescape(text) {
        Some(plain) => Cell::EscapedText(plain.to_owned()),
        None if text.is_empty() => Cell::Empty,
        None => Cell::Text(text.to_owned()),
    }
}

/// What occurs most often in the first line, outside quotes.
fn guess_delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut is_quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
        }
    }
    let mut best = counts[0];
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    best.0
}

fn read_json(text: &str) -> Result<Table> {
    let not_rows = || Error::bad_request("The file must hold a JSON array of objects.");
    let value =
        json::parse(text.as_bytes()).map_err(|error| Error::bad_request(format!("The file is not JSON: {error}.")))?;
    // What the list endpoint answers is taken as well.
    let items = match value {
        Value::Array(items) => items,
        Value::Object(mut page) => match page.remove("items") {
            Some(Value::Array(items)) => items,
            _ => return Err(not_rows()),
        },
        _ => return Err(not_rows()),
    };
    let mut objects = Objects::default();
    for (line, item) in (1..).zip(items) {
        match item {
            Value::Object(object) => objects.add(line, object),
            _ => objects.bad_rows.push(BadRow { line, reason: "not an object".to_owned() }),
        }
    }
    Ok(objects.into_table())
}

fn read_json_lines(text: &str) -> Table {
    let mut objects = Objects::default();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        match json::parse_object(text.as_bytes()) {
            Ok(object) => objects.add(line, object),
            Err(error) => objects.bad_rows.push(BadRow { line, reason: format!("not a JSON object: {error}") }),
        }
    }
    objects.into_table()
}

/// Objects whose keys become columns, in order of first appearance.
#[derive(Default)]
struct Objects {
    headings: IndexMap<String, ()>,
    rows: Vec<(u64, Map<String, Value>)>,
    bad_rows: Vec<BadRow>,
}

impl Objects {
    fn add(&mut self, line: u64, object: Map<String, Value>) {
        for key in object.keys() {
            if !self.headings.contains_key(key) {
                self.headings.insert(key.clone(), ());
            }
        }
        self.rows.push((line, object));
    }

    fn into_table(self) -> Table {
        let headings: Vec<String> = self.headings.into_keys().collect();
        let row = |(line, mut object): (u64, Map<String, Value>)| {
            let cells = headings.iter().map(|heading| json_cell(object.remove(heading))).collect();
            Row { line, cells }
        };
        let rows = self.rows.into_iter().map(row).collect();
        Table { rows, headings, bad_rows: self.bad_rows, ..Table::default() }
    }
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

    fn text(cell: &str) -> Cell {
        Cell::Text(cell.to_owned())
    }

    #[test]
    fn csv_cells_come_with_the_line_their_row_starts_in() {
        let file = "Name,Note\n\"Ann, \"\"A\"\"\",\"two\nlines\"\n\n0171,\nx\n'=1,'tis";
        let table = Table::read(file.as_bytes(), Format::Csv, None).unwrap();
        assert_eq!(table.headings, ["Name", "Note"]);
        let expected = [
            Row { line: 2, cells: vec![text("Ann, \"A\""), text("two\nlines")] },
            Row { line: 5, cells: vec![text("0171"), Cell::Empty] },
            Row { line: 7, cells: vec![Cell::EscapedText("=1".to_owned()), text("'tis")] },
        ];
        assert_eq!(table.rows, expected);
        assert_eq!(table.bad_rows, [BadRow { line: 6, reason: "1 cells where the heading has 2".to_owned() }]);
    }

    #[test]
    fn the_delimiter_is_found_out() {
        for (file, expected) in
            [("a;b;c,d\n1", b';'), ("a\tb", b'\t'), ("\"a;b;c\",d", b','), ("a|b|c", b'|'), ("a", b','), ("", b',')]
        {
            assert_eq!(guess_delimiter(file), expected, "{file}");
        }
    }

    #[test]
    fn json_arrays_and_lines_give_the_same_columns() {
        let array = br#"[{"a":1,"b":"x"},{"b":null,"c":[1]},5]"#;
        let lines = b"{\"a\":1,\"b\":\"x\"}\n{\"b\":null,\"c\":[1]}\n5\n";
        let array = Table::read(array, Format::Json, None).unwrap();
        let lines = Table::read(lines, Format::JsonLines, None).unwrap();
        assert_eq!(array.headings, ["a", "b", "c"]);
        assert_eq!(array.rows, lines.rows);
        assert_eq!(array.rows[1].cells, [Cell::Empty, Cell::Empty, Cell::Json(serde_json::json!([1]))]);
        assert_eq!((array.bad_rows.len(), lines.bad_rows.len()), (1, 1));
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
            assert!(Table::read(file.as_bytes(), format, None).is_err(), "{file}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for format in [Format::Csv, Format::Json, Format::JsonLines] {
                if let Ok(table) = Table::read(&bytes, format, None) {
                    prop_assert!(table.rows.iter().all(|row| row.cells.len() == table.headings.len()));
                }
            }
        }
    }
}
