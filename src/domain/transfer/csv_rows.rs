//! The rows of a CSV file.

use super::cells::{Cell, Item, Row};
use super::convert::as_text;
use super::source::Source;
use super::table::{MAX_COLUMNS, check_columns};
use super::{BadRow, escape};
use crate::domain::{Error, Result};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

/// The maximum length of a row in bytes, as it is in the file. A row is held in memory.
pub const MAX_ROW_BYTES: u64 = 16 * 1024 * 1024;

/// How many bytes of the first line are examined to guess the delimiter.
const MAX_FIRST_LINE: u64 = 64 * 1024;

pub struct CsvRows<'a> {
    reader: csv::Reader<LastChunk<&'a File>>,
    record: csv::StringRecord,
    pub headings: Vec<String>,
    /// Whether the first cell of each row is the number of its line. Then it is not a cell of the table.
    is_numbered: bool,
}

impl<'a> CsvRows<'a> {
    pub fn open(source: &'a Source, delimiter: u8, is_numbered: bool) -> Result<Self> {
        let input = LastChunk { inner: source.read().map_err(unreadable)?, end: 0, chunk: Vec::new(), row_start: 0 };
        let reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        let mut rows = Self { reader, record: csv::StringRecord::new(), headings: Vec::new(), is_numbered };
        if rows.advance()? {
            check_columns(rows.record.len() - usize::from(is_numbered))?;
            rows.headings = rows.record.iter().skip(usize::from(is_numbered)).map(plain_heading).collect();
        }
        Ok(rows)
    }

    /// Returns the next row. Rows of blank cells only, which spreadsheets write below their tables, are left out.
    pub fn next(&mut self) -> Result<Option<Item>> {
        let first = usize::from(self.is_numbered);
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            let mut cells = self.record.iter().skip(first);
            if self.headings.len() < 2 || cells.any(|cell| !cell.trim().is_empty()) {
                break;
            }
        }
        let line = if self.is_numbered { self.record[0].parse().unwrap_or(0) } else { self.line() };
        let (found, expected) = (self.record.len() - first, self.headings.len());
        if found != expected {
            let noun = if found == 1 { "cell" } else { "cells" };
            let reason = format!("{found} {noun}, but the heading has {expected}");
            let cells = || self.record.iter().skip(first).map(|text| as_text(&cell(text))).collect();
            // Millions of empty cells would take much more memory than the row in the file.
            let cells = (found <= MAX_COLUMNS).then(cells);
            return Ok(Some(Err(BadRow { cells, ..BadRow::new(line, reason) })));
        }
        Ok(Some(Ok(Row { line, cells: self.record.iter().skip(first).map(cell).collect() })))
    }

    fn advance(&mut self) -> Result<bool> {
        let start = self.reader.position().byte();
        self.reader.get_mut().row_start = start;
        self.reader.read_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => unreadable(error),
            kind => Error::bad_request(format!("The file is not CSV: {}.", csv_problem(&kind))),
        })
    }

    /// Returns the line where the current row starts, from 1. The reader only reports where the previous row ended,
    /// which is before any empty lines that it skips.
    fn line(&self) -> u64 {
        let end = self.reader.position();
        let inner = self.record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let is_ended_by_newline = self.reader.get_ref().byte_before(end.byte()) == Some(b'\n');
        (end.line() - u64::from(is_ended_by_newline)).saturating_sub(inner)
    }
}

/// Keeps the chunk that was read last, to find out where a row ended.
struct LastChunk<R> {
    inner: R,
    /// The position where the current row starts, in bytes.
    row_start: u64,
    /// The position after `chunk`, in bytes.
    end: u64,
    chunk: Vec<u8>,
}

impl<R> LastChunk<R> {
    fn byte_before(&self, position: u64) -> Option<u8> {
        let back = usize::try_from(self.end.checked_sub(position)? + 1).ok()?;
        self.chunk.get(self.chunk.len().checked_sub(back)?).copied()
    }
}

impl<R: Read> Read for LastChunk<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.saturating_sub(self.row_start) > MAX_ROW_BYTES {
            return Err(row_too_long());
        }
        let count = self.inner.read(buffer)?;
        if count > 0 {
            self.chunk.clear();
            self.chunk.extend_from_slice(&buffer[..count]);
            self.end += count as u64;
        }
        Ok(count)
    }
}

pub fn row_too_long() -> io::Error {
    let text = format!("a row is longer than {} MiB; is the delimiter or a quote wrong?", MAX_ROW_BYTES / 1024 / 1024);
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn csv_problem(kind: &csv::ErrorKind) -> String {
    match kind {
        csv::ErrorKind::Utf8 { pos, err } => {
            format!("line {}: {err}", pos.as_ref().map_or(0, csv::Position::line))
        }
        other => format!("{other:?}"),
    }
}

fn plain_heading(heading: &str) -> String {
    let heading = heading.trim();
    escape::unescape(heading).unwrap_or(heading).to_owned()
}

/// Makes the headings unique: `Name` and `Name` become `Name` and `Name (2)`, an empty one becomes `Column 3`. Returns
/// the positions of those that were empty.
pub fn make_unique(headings: &mut [String]) -> Vec<usize> {
    let mut taken: BTreeSet<String> = headings.iter().filter(|heading| !heading.is_empty()).cloned().collect();
    let mut seen = BTreeSet::new();
    let mut unnamed = Vec::new();
    for (at, heading) in headings.iter_mut().enumerate() {
        let is_unnamed = heading.is_empty();
        if !is_unnamed && seen.insert(heading.clone()) {
            continue;
        }
        let base = if is_unnamed { format!("Column {}", at + 1) } else { heading.clone() };
        let numbered = (2..).map(|count| format!("{base} ({count})"));
        let first = is_unnamed.then(|| base.clone());
        let name = first.into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        seen.insert(name.clone());
        *heading = name;
        if is_unnamed {
            unnamed.push(at);
        }
    }
    unnamed
}

fn cell(text: &str) -> Cell {
    match escape::unescape(text) {
        Some(plain) => Cell::EscapedText(plain.to_owned()),
        None if text.is_empty() => Cell::Empty,
        None => Cell::Text(text.to_owned()),
    }
}

/// Returns the most frequent delimiter in the first line, outside quotes.
pub fn guess_delimiter(source: &Source) -> Result<u8> {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut input = BufReader::new(source.read().map_err(unreadable)?).take(MAX_FIRST_LINE);
    let mut is_quoted = false;
    'line: loop {
        let chunk = input.fill_buf().map_err(unreadable)?;
        if chunk.is_empty() {
            break;
        }
        for byte in chunk {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' if !is_quoted => break 'line,
                _ if is_quoted => {}
                _ => counts.iter_mut().filter(|(delimiter, _)| delimiter == byte).for_each(|(_, count)| *count += 1),
            }
        }
        let length = chunk.len();
        input.consume(length);
    }
    let mut best = counts[0];
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    Ok(best.0)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub fn unreadable(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return crate::db::DbError::DiskFull.into();
    }
    Error::bad_request(format!("The file cannot be read: {error}."))
}
