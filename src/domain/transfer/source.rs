//! A file as UTF-8 text that can be read several times, whatever its encoding.
//!
//! Nothing is kept in memory: input that is not UTF-8, or that cannot be read twice, is copied to a temporary file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom};
use std::path::PathBuf;

const CHUNK_BYTES: usize = 64 * 1024;
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The text of a file.
#[derive(Debug)]
pub struct Source {
    file: File,
    /// The position where the text starts, in bytes.
    start: u64,
    encoding: Encoding,
    scratch: Scratch,
}

/// Where temporary files are made: in a folder, or where the system keeps them. They have no name, so none is left
/// behind by a crash.
#[derive(Clone, Debug, Default)]
pub struct Scratch(Option<PathBuf>);

impl Scratch {
    /// `folder` must exist while files are made.
    #[must_use]
    pub fn inside(folder: PathBuf) -> Self {
        Self(Some(folder))
    }

    pub fn file(&self) -> io::Result<File> {
        match &self.0 {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        }
    }

    /// The folder, if it is not the system's.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.0.as_deref()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
    Windows1252,
}

impl Encoding {
    /// Parses the name that [`Encoding::name`] returns.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Utf8, Self::Utf16Little, Self::Utf16Big, Self::Windows1252]
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Little => "utf-16le",
            Self::Utf16Big => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Returns the name for people, if it is worth reporting.
    fn title(self) -> Option<&'static str> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Little | Self::Utf16Big => Some("UTF-16"),
            Self::Windows1252 => Some("Windows-1252"),
        }
    }
}

impl Source {
    /// Opens a file on disk, which must not change while it is in use. `None` detects the encoding.
    pub fn file(mut file: File, encoding: Option<Encoding>, scratch: Scratch) -> io::Result<Self> {
        file.rewind()?;
        let (detected, start) = detect(&mut file)?;
        let encoding = encoding.unwrap_or(detected);
        if encoding == Encoding::Utf8 && detected == encoding {
            return Ok(Self { file, start, encoding, scratch });
        }
        file.seek(SeekFrom::Start(start))?;
        let mut copy = BufWriter::new(scratch.file()?);
        transcode(BufReader::new(file), encoding, &mut copy)?;
        let copy = copy.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Self { file: copy, start: 0, encoding, scratch })
    }

    /// Reads an input that can be read only once, such as standard input.
    pub fn stream(input: impl Read) -> io::Result<Self> {
        Self::file(copy(input)?, None, Scratch::default())
    }

    /// Takes a temporary file that holds UTF-8.
    pub(super) fn made(file: File, scratch: Scratch) -> Self {
        Self { file, start: 0, encoding: Encoding::Utf8, scratch }
    }

    /// Where other temporary files of the same work are made.
    #[must_use]
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    #[must_use]
    pub fn detected(&self) -> Encoding {
        self.encoding
    }

    /// Returns the encoding, if it is not UTF-8.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding.title()
    }

    /// Returns the text from its start. Ends every earlier read of this source, since they share one file position.
    pub fn read(&self) -> io::Result<&File> {
        (&self.file).seek(SeekFrom::Start(self.start))?;
        Ok(&self.file)
    }
}

/// Copies an input that can be read only once to a temporary file.
pub fn copy(mut input: impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut input, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
}

/// Returns the beginning of a file.
pub(super) fn read_head(mut file: &File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut head = vec![0; CHUNK_BYTES];
    let length = fill(&mut file, &mut head)?;
    head.truncate(length);
    Ok(head)
}

/// Whether a file that begins with `head` is read as UTF-16.
pub(super) fn looks_like_utf_16(head: &[u8]) -> bool {
    detect_utf_16(head).is_some()
}

/// Detects UTF-16, and where the text starts.
fn detect_utf_16(head: &[u8]) -> Option<(Encoding, u64)> {
    match head {
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Little, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Big, 2)),
        _ => unmarked_utf_16(head).map(|encoding| (encoding, 0)),
    }
}

/// Detects the encoding, and where the text starts.
fn detect(file: &mut File) -> io::Result<(Encoding, u64)> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut length = fill(file, &mut chunk)?;
    if let Some(found) = detect_utf_16(&chunk[..length]) {
        return Ok(found);
    }
    let start = if chunk[..length].starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
    loop {
        let is_last = length < chunk.len();
        match std::str::from_utf8(&chunk[..length]) {
            Ok(_) if is_last => return Ok((Encoding::Utf8, start as u64)),
            Ok(_) => length = fill(file, &mut chunk)?,
            // The chunk ends inside a character.
            Err(error) if error.error_len().is_none() && !is_last => {
                let valid = error.valid_up_to();
                chunk.copy_within(valid..length, 0);
                let kept = length - valid;
                length = kept + fill(file, &mut chunk[kept..])?;
            }
            // The encoding that spreadsheets in western Europe and America use if they do not write UTF-8. Every byte
            // is valid in it, so this cannot fail, only be wrong.
            Err(_) => return Ok((Encoding::Windows1252, start as u64)),
        }
    }
}

/// Detects UTF-16 without a mark: of most letters of western languages, one byte is zero, always the same one. No text in
/// another encoding has zeros.
fn unmarked_utf_16(chunk: &[u8]) -> Option<Encoding> {
    let zeros = |offset| chunk.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second, letters) = (zeros(0), zeros(1), chunk.len() / 2);
    match letters {
        0 => None,
        _ if second > letters / 2 && first == 0 => Some(Encoding::Utf16Little),
        _ if first > letters / 2 && second == 0 => Some(Encoding::Utf16Big),
        _ => None,
    }
}

/// Reads until `chunk` is full or the input ends.
fn fill(input: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < chunk.len() {
        match input.read(&mut chunk[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Writes `input` to `out` as UTF-8.
fn transcode(mut input: impl Read, encoding: Encoding, out: &mut impl io::Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    // The first half of a surrogate pair of UTF-16.
    let mut pending = None;
    // The start of a character of UTF-8.
    let mut cut = Vec::new();
    loop {
        let length = fill(&mut input, &mut chunk)?;
        let text: String = match encoding {
            Encoding::Utf8 => {
                cut.extend_from_slice(&chunk[..length]);
                let rest = cut.split_off(if length == chunk.len() { whole_characters(&cut) } else { cut.len() });
                let text = String::from_utf8_lossy(&cut).into_owned();
                cut = rest;
                text
            }
            Encoding::Windows1252 => chunk[..length].iter().map(|byte| windows_1252(*byte)).collect(),
            Encoding::Utf16Little | Encoding::Utf16Big => {
                let unit = if encoding == Encoding::Utf16Little { u16::from_le_bytes } else { u16::from_be_bytes };
                let units = chunk[..length].chunks(2).map(|pair| match pair {
                    [first, second] => unit([*first, *second]),
                    _ => REPLACEMENT as u16,
                });
                let mut units: Vec<u16> = pending.take().into_iter().chain(units).collect();
                if length == chunk.len() {
                    pending = units.pop_if(|unit| matches!(unit, 0xd800..=0xdbff));
                }
                char::decode_utf16(units).map(|letter| letter.unwrap_or(REPLACEMENT)).collect()
            }
        };
        out.write_all(text.as_bytes())?;
        if length < chunk.len() {
            return out.flush();
        }
    }
}

/// Returns the length of `bytes` without a character that is cut by their end.
fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    let lead = (tail..bytes.len()).rev().find(|at| bytes[*at] >= 0xc0);
    let length = |lead: u8| match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    };
    lead.filter(|at| at + length(bytes[*at]) > bytes.len()).unwrap_or(bytes.len())
}

fn windows_1252(byte: u8) -> char {
    const FROM_80_TO_9F: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80_TO_9F[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, encoding: Option<&str>) {
        let source = Source::stream(bytes).unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            source.read().unwrap().read_to_string(&mut text).unwrap();
            assert!(text == expected, "{} bytes, expected {}", text.len(), expected.len());
        }
        assert_eq!(source.encoding(), encoding);
    }

    #[test]
    fn marks_are_taken_off_and_older_encodings_read() {
        check("München".as_bytes(), "München", None);
        check(b"\xef\xbb\xbfa", "a", None);
        check(b"M\xfcnchen 5 \x80", "München 5 €", Some("Windows-1252"));
        check(b"\xff\xfeM\0\xfc\0", "Mü", Some("UTF-16"));
        check(b"\xfe\xff\0M\0\xfc", "Mü", Some("UTF-16"));
        check(b"\xff\xfea\0b", "a\u{fffd}", Some("UTF-16"));
        check(b"M\0\xfc\0", "Mü", Some("UTF-16"));
        check(b"\0M\0\xfc", "Mü", Some("UTF-16"));
        check(b"caf\xc3", "cafÃ", Some("Windows-1252"));
        check(b"", "", None);
    }

    /// Characters of every length cross the border between two chunks.
    #[test]
    fn a_character_may_be_cut_by_the_end_of_a_chunk() {
        for shift in 0..4 {
            let text = "x".repeat(shift) + "ä€😀".repeat(CHUNK_BYTES / 6).as_str();
            check(text.as_bytes(), &text, None);
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            check(&[b"\xff\xfe", &units[..]].concat(), &text, Some("UTF-16"));
        }
    }
}
