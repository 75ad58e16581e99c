//! One sheet of an XLSX file, written as CSV to a temporary file.
//!
//! The file is not trusted: it is unpacked once and checked before the parser, which keeps the shared texts in memory,
//! sees it. Cells are then read one by one.

use super::csv_rows::{MAX_ROW_BYTES, unreadable};
use super::escape::unescape;
use super::source::{Scratch, Source};
use crate::domain::{Error, Result};
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zip::ZipArchive;

/// Limits of what the file unpacks to, in bytes: all of it, a part that is not a sheet, and a text in it.
const MAX_BYTES: u64 = 1024 * MIB;
const MAX_PART_BYTES: u64 = 64 * MIB;
const MAX_TEXT_BYTES: u64 = MIB;
const MIB: u64 = 1024 * 1024;
const MAX_PARTS: usize = 10_000;
const MAX_SHARED_TEXTS: u64 = 2_000_000;
/// A short text may stand for a long one that many cells share.
const MAX_SPOOL_BYTES: u64 = 1024 * MIB;
const MAX_COLUMNS: u32 = 1000;
/// The first bytes of a ZIP archive, and of the older format of Excel, which encrypted files have too.
pub const ARCHIVE: &[u8] = b"PK\x03\x04";
pub const OLD_FORMAT: &[u8] = b"\xd0\xcf\x11\xe0";

/// The sheets of a file, and one of them as text.
pub struct Sheet {
    /// CSV with commas. The first cell of each row is the number of the row in the sheet.
    pub source: Source,
    pub name: String,
    /// The names of all sheets, in order.
    pub names: Vec<String>,
}

/// Reads the sheet called `name`, or the first one.
pub fn read(file: &File, name: Option<&str>, scratch: Scratch) -> Result<Sheet> {
    check(file)?;
    let handle = file.try_clone().map_err(unreadable)?;
    // The parser is given input that nobody has checked. Its panic must not end more than this import.
    let outcome = catch_unwind(AssertUnwindSafe(|| read_checked(handle, name, scratch)));
    outcome.unwrap_or_else(|_| Err(broken("it cannot be parsed")))
}

fn read_checked(mut file: File, name: Option<&str>, scratch: Scratch) -> Result<Sheet> {
    file.rewind().map_err(unreadable)?;
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(refused)?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == calamine::SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let name = match name {
        Some(name) if names.iter().any(|known| known == name) => name.to_owned(),
        Some(name) => {
            return Err(Error::bad_request(format!("The file has no sheet {name:?}. It has: {}.", names.join(", "))));
        }
        None => names.first().cloned().ok_or_else(|| broken("it has no sheet"))?,
    };
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(refused)?;
    let mut spool = Spool::new(&scratch)?;
    while let Some(cell) = cells.next_cell().map_err(refused)? {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value());
        if !text.is_empty() {
            spool.add(row, column, text)?;
        }
    }
    let source = Source::made(spool.finish()?, scratch);
    Ok(Sheet { source, name, names })
}

/// Unpacks everything once and throws it away, to find out how large it is and what it holds.
fn check(file: &File) -> Result<()> {
    let mut handle = file.try_clone().map_err(unreadable)?;
    handle.rewind().map_err(unreadable)?;
    let mut archive = ZipArchive::new(BufReader::new(handle)).map_err(|error| broken(&error.to_string()))?;
    if archive.len() > MAX_PARTS {
        return Err(broken("it has too many parts"));
    }
    let mut bytes_left = MAX_BYTES;
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| broken(&error.to_string()))?;
        let name = part.name().map_err(|error| broken(&error.to_string()))?.to_ascii_lowercase();
        let is_xml = name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "xml" | "rels"));
        let is_sheet = is_xml && name.contains("sheets/");
        let mut part_left = if is_sheet { MAX_BYTES } else { MAX_PART_BYTES };
        let mut scan = Scan { is_sheet, ..Scan::default() };
        loop {
            let count = part.read(&mut buffer).map_err(|error| broken(&error.to_string()))?;
            if count == 0 {
                break;
            }
            let (total, own) = (bytes_left.checked_sub(count as u64), part_left.checked_sub(count as u64));
            let (Some(total), Some(own)) = (total, own) else {
                return Err(Error::bad_request(format!(
                    "The file unpacks to more than is accepted: {} MiB, {} MiB without its sheets.",
                    MAX_BYTES / MIB,
                    MAX_PART_BYTES / MIB
                )));
            };
            (bytes_left, part_left) = (total, own);
            if is_xml {
                scan.take(&buffer[..count])?;
            }
        }
    }
    Ok(())
}

/// Looks for XML that a parser needs much memory for.
#[derive(Default)]
struct Scan {
    is_sheet: bool,
    /// The last bytes of the chunk before.
    tail: Vec<u8>,
    since_tag: u64,
    shared_texts: u64,
}

impl Scan {
    fn take(&mut self, chunk: &[u8]) -> Result<()> {
        for byte in chunk {
            self.since_tag = if *byte == b'<' { 0 } else { self.since_tag + 1 };
            if self.since_tag > MAX_TEXT_BYTES {
                return Err(broken("a text in it is too long"));
            }
            if *byte == 0 {
                return Err(broken("it is not written in UTF-8"));
            }
        }
        // The overlap is longer than everything that is looked for.
        let overlap = self.tail.len();
        self.tail.extend_from_slice(chunk);
        let text = &self.tail;
        for start in memchr::memmem::find_iter(text, b"<!") {
            if text.len() - start >= 4 && (self.is_sheet || &text[start..start + 4] != b"<!--") {
                return Err(broken("it has comments or a document type in its XML"));
            }
        }
        for start in memchr::memmem::find_iter(text, b"<si").filter(|start| start + 4 > overlap.min(text.len())) {
            self.shared_texts += u64::from(text.get(start + 3).is_none_or(|byte| !byte.is_ascii_alphanumeric()));
        }
        // The parser reserves memory for this many texts.
        for start in memchr::memmem::find_iter(text, b"uniqueCount") {
            let digits = text[start..].iter().skip("uniqueCount".len()).skip_while(|byte| !byte.is_ascii_digit());
            if digits.take_while(|byte| byte.is_ascii_digit()).count() > MAX_SHARED_TEXTS.to_string().len() {
                return Err(broken("it has too many texts"));
            }
        }
        if self.shared_texts > MAX_SHARED_TEXTS {
            return Err(broken("it has too many texts"));
        }
        let keep = self.tail.len().saturating_sub(64);
        self.tail.drain(..keep);
        Ok(())
    }
}

/// Collects the cells of a row, and writes it when the next one begins.
struct Spool {
    out: csv::Writer<BufWriter<File>>,
    bytes_left: u64,
    row: u32,
    cells: Vec<String>,
    row_bytes: u64,
    /// The number of columns of the first row that is not empty. It has the headings.
    width: Option<usize>,
}

impl Spool {
    fn new(scratch: &Scratch) -> Result<Self> {
        let file = scratch.file().map_err(unreadable)?;
        let out = csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(file));
        Ok(Self { out, bytes_left: MAX_SPOOL_BYTES, row: 0, cells: Vec::new(), row_bytes: 0, width: None })
    }

    fn add(&mut self, row: u32, column: u32, text: String) -> Result<()> {
        if row < self.row {
            return Err(broken("its rows are not in order"));
        }
        if row > self.row {
            self.end_row()?;
            self.row = row;
        }
        if column >= MAX_COLUMNS {
            return Err(Error::bad_request(format!("The sheet has more than {MAX_COLUMNS} columns.")));
        }
        self.row_bytes += text.len() as u64;
        if self.row_bytes > MAX_ROW_BYTES / 2 {
            return Err(broken("a row is too long"));
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(())
    }

    fn end_row(&mut self) -> Result<()> {
        self.row_bytes = 0;
        if self.cells.is_empty() {
            return Ok(());
        }
        let mut cells = std::mem::take(&mut self.cells);
        // Empty cells at the end of a row are not in the file.
        let width = *self.width.get_or_insert(cells.len());
        if cells.len() < width {
            cells.resize(width, String::new());
        }
        let line = (u64::from(self.row) + 1).to_string();
        let bytes = cells.iter().map(|cell| cell.len() as u64 + 1).sum::<u64>() + line.len() as u64;
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(|| {
            Error::bad_request(format!("The sheet holds more than {} MiB of text.", MAX_SPOOL_BYTES / MIB))
        })?;
        let written = self.out.write_record(std::iter::once(&line).chain(&cells));
        written.map_err(|error| unreadable(error.into()))
    }

    fn finish(mut self) -> Result<File> {
        self.end_row()?;
        self.out.flush().map_err(unreadable)?;
        let inner = self.out.into_inner().map_err(|error| Error::Internal(format!("a spool was lost: {error}")))?;
        inner.into_inner().map_err(|error| unreadable(error.into_error()))
    }
}

/// Returns the text of a cell as a CSV file would have it.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => plain(text),
        DataRef::SharedString(text) => plain(text),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => time_text(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => Data::Error(error.clone()).to_string(),
    }
}

/// A text with a formula's first letter is a text here, and a CSV cell must say so.
fn plain(text: &str) -> String {
    match unescape(text) {
        Some(_) => text.to_owned(),
        None => super::escape::escape(text).into_owned(),
    }
}

fn time_text(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round().abs();
        let (hours, rest) = ((seconds / 3600.0).floor(), seconds % 3600.0);
        let sign = if time.as_f64() < 0.0 { "-" } else { "" };
        return format!("{sign}{hours:02}:{:02}:{:02}", (rest / 60.0).floor(), rest % 60.0);
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let fraction = if milli > 0 { format!(".{milli:03}") } else { String::new() };
    let clock = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    match (time.as_f64(), &*clock) {
        (value, _) if value < 1.0 => clock,
        (_, "00:00:00") => date,
        _ => format!("{date} {clock}"),
    }
}

fn broken(what: &str) -> Error {
    Error::bad_request(format!("The file is not an XLSX file that can be read: {what}."))
}

fn refused(error: XlsxError) -> Error {
    match error {
        XlsxError::Password => Error::bad_request("The file is protected with a password."),
        error => broken(&error.to_string()),
    }
}
