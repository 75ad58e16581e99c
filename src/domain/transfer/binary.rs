//! Files that hold no table: they are refused by their content, whatever their names say. Read as text, each would become
//! one column of rubbish.

use super::csv_rows::unreadable;
use super::source::{looks_like_utf_16, read_head};
use super::workbook;
use crate::domain::{Error, Result};
use std::fs::File;

/// What files begin with, and what they are.
const KINDS: [(&[u8], &str); 16] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (workbook::ARCHIVE, "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3", "a database"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
];
/// A text in an unknown encoding, or with some strange characters, has fewer control characters than one in this many bytes.
const MIN_BYTES_PER_CONTROL: usize = 100;

/// Fails if the file cannot be a text. `has_encoding`: somebody has said what its encoding is.
pub(super) fn refuse(file: &File, has_encoding: bool) -> Result<()> {
    let head = read_head(file).map_err(unreadable)?;
    match kind_of(&head) {
        Some(kind) => Err(refused(kind)),
        None if !has_encoding && is_binary(&head) => Err(refused("neither text nor a workbook")),
        None => Ok(()),
    }
}

fn refused(kind: &str) -> Error {
    Error::bad_request(format!(
        "The file is {kind}. Files that can be imported are CSV, TSV, XLSX, JSON and JSON lines."
    ))
}

fn kind_of(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins_with = |start: &[u8]| text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    KINDS.iter().find(|(start, _)| begins_with(start)).map(|(_, kind)| *kind)
}

fn is_binary(head: &[u8]) -> bool {
    // Ends of lines and pages, tabs, and what separates cells and rows in old files.
    let is_control = |byte: &&u8| matches!(byte, 0..=0x08 | 0x0e..=0x19 | 0x7f);
    !looks_like_utf_16(head) && head.iter().filter(is_control).count() * MIN_BYTES_PER_CONTROL > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids;
    use std::io::Write as _;

    fn check(content: &[u8], expected: Option<&str>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let said = refuse(&file, false).err().map(|error| error.to_string());
        let shown = String::from_utf8_lossy(&content[..content.len().min(30)]);
        assert_eq!(said.is_some(), expected.is_some(), "{shown}: {said:?}");
        assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()), "{shown}");
    }

    #[test]
    fn files_without_a_table_are_known_by_their_content() {
        check(b"%PDF-1.7\n1 0 obj", Some("a PDF document"));
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("an image"));
        check(b"\xef\xbb\xbf\n <!DOCTYPE html><title>Sign in</title>", Some("a web page"));
        check(b"PK\x03\x04word/document.xml", Some("a ZIP archive"));
        check(b"\x7fELF\x02\x01\x01\0\0\0\0", Some("neither text nor a workbook"));
        let noise: Vec<u8> =
            ids::random(9, ids::LOWER_ALPHANUMERIC).bytes().chain(0..=255).cycle().take(9000).collect();
        check(&noise, Some("neither text nor a workbook"));
    }

    #[test]
    fn texts_of_all_kinds_are_read() {
        for text in
            ["", "a", "a,b\r\n1,2\r\n", "name\tnote\n\x0b\x0c\x1a", "a\x1fb\x1e1\x1f2\x1e", "{\"a\":1}", "<a>,<b>\n1,2"]
        {
            check(text.as_bytes(), None);
        }
        check(b"M\xfcnchen;5 \x80\r\n", None);
        check(b"\xff\xfea\0,\0b\0\n\0", None);
        check(b"a\0,\0b\0\n\0", None);
        // One stray character in a long text.
        check(format!("note\n{}\0\n", "long ".repeat(50)).as_bytes(), None);
    }
}
