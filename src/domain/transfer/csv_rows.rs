//! The rows of a CSV file.

use super::source::Source;
use super::table::{Cell, Item, Row};
use super::{BadRow, escape};
use crate::domain::{Error, Result};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

/// How many bytes of the first line are examined to guess the delimiter.
const MAX_FIRST_LINE: u64 = 64 * 1024;

pub struct CsvRows<'a> {
    reader: csv::Reader<LastChunk<&'a File>>,
    record: csv::StringRecord,
    pub headings: Vec<String>,
}

impl<'a> CsvRows<'a> {
    pub fn open(source: &'a Source, delimiter: u8) -> Result<Self> {
        let input = LastChunk { inner: source.read().map_err(unreadable)?, end: 0, chunk: Vec::new() };
        let reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        let mut rows = Self { reader, record: csv::StringRecord::new(), headings: Vec::new() };
        if rows.advance()? {
            rows.headings = rows.record.iter().map(|heading| heading.trim().to_owned()).collect();
        }
        Ok(rows)
    }

    pub fn next(&mut self) -> Result<Option<Item>> {
        if !self.advance()? {
            return Ok(None);
        }
        let (line, found, expected) = (self.line(), self.record.len(), self.headings.len());
        if found != expected {
            let reason = format!("{found} cells, but the heading has {expected}");
            return Ok(Some(Err(BadRow { line, reason })));
        }
        Ok(Some(Ok(Row { line, cells: self.record.iter().map(cell).collect() })))
    }

    fn advance(&mut self) -> Result<bool> {
        self.reader
            .read_record(&mut self.record)
            .map_err(|error| Error::bad_request(format!("The file is not CSV: {error}.")))
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
        let count = self.inner.read(buffer)?;
        if count > 0 {
            self.chunk.clear();
            self.chunk.extend_from_slice(&buffer[..count]);
            self.end += count as u64;
        }
        Ok(count)
    }
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
    Error::bad_request(format!("The file cannot be read: {error}."))
}
