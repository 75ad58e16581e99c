//! What a file consists of: its format, rows and cells; and how it is to be read.

use super::BadRow;
use super::source::Encoding;
use serde_json::Value;

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
