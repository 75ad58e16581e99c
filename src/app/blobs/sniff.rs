//! Detects a file's type from its content, whatever its sender declared. The type names are those of PocketBase.

use file_format::FileFormat;
use serde::de::IgnoredAny;
use std::io::{self, Cursor, Read, Seek};

/// How much of a file is read to tell kinds of text apart.
pub(super) const HEAD_BYTES: usize = 8 * 1024;

/// Types that the library names differently, and the extension we use for them.
const RENAMED: [(&str, &str, &str); 19] = [
    ("audio/opus", "audio/ogg", "ogg"),
    ("application/ogg", "application/ogg", "ogg"),
    ("audio/x-aiff", "audio/aiff", "aiff"),
    ("image/vnd.microsoft.icon", "image/x-icon", "ico"),
    ("audio/vnd.wave", "audio/wav", "wav"),
    ("audio/midi", "audio/midi", "midi"),
    ("audio/x-mpegurl", "application/vnd.apple.mpegurl", "m3u"),
    ("application/mp4", "video/mp4", "mp4"),
    ("video/mpeg", "video/mpeg", "mpeg"),
    ("application/vnd.ms-asf", "video/x-ms-asf", "asf"),
    ("application/x-id3v2", "audio/mpeg", "mp3"),
    ("application/rtf", "text/rtf", "rtf"),
    ("application/x-cfb", "application/x-ole-storage", ""),
    ("application/x-executable", "application/x-elf", ""),
    ("application/x-dosexec", "application/vnd.microsoft.portable-executable", "exe"),
    ("application/java-vm", "application/x-java-applet", "class"),
    ("application/x-pem-file", "text/plain; charset=utf-8", "txt"),
    ("application/octet-stream", "application/octet-stream", ""),
    ("text/xml", "text/xml; charset=utf-8", "xml"),
];

/// Opening tags by which browsers recognise HTML.
const HTML_TAGS: [&str; 16] = [
    "!doctype html",
    "html",
    "head",
    "script",
    "iframe",
    "h1",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "body",
    "br",
    "p",
];

/// The type with its parameters, and a matching extension, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sniffed {
    pub mime: String,
    pub extension: String,
}

/// Detects the type of an open file, or of bytes in memory. Reads only a part.
pub fn sniff_file(mut file: impl Read + Seek) -> io::Result<Sniffed> {
    file.rewind()?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    file.rewind()?;
    let format = FileFormat::from_reader(file).unwrap_or(FileFormat::ArbitraryBinaryData);
    Ok(named(format, &head))
}

/// Detects the type of a complete file in memory.
pub fn sniff_bytes(content: &[u8]) -> Sniffed {
    let format = FileFormat::from_reader(Cursor::new(content)).unwrap_or(FileFormat::ArbitraryBinaryData);
    named(format, &content[..content.len().min(HEAD_BYTES)])
}

/// Detects the type from the first bytes of a file.
pub fn sniff_head(head: &[u8]) -> Sniffed {
    let format = FileFormat::from_reader(Cursor::new(head)).unwrap_or(FileFormat::ArbitraryBinaryData);
    named(format, head)
}

fn named(format: FileFormat, head: &[u8]) -> Sniffed {
    let found = format.media_type();
    let of = |mime: &str, extension: &str| Sniffed { mime: mime.to_owned(), extension: extension.to_owned() };
    match found {
        "application/x-empty" => of("text/plain", "txt"),
        // The library does not distinguish plain texts further, and does not handle text that is not UTF-8.
        "text/plain" | "application/octet-stream" | "text/html" | "text/xml" => text(head),
        "application/x-ebml" if contains(head, b"webm") => of("video/webm", "webm"),
        "application/x-ebml" => of("video/matroska", "mkv"),
        found => match RENAMED.iter().find(|(theirs, _, _)| *theirs == found) {
            Some((_, ours, extension)) => of(ours, extension),
            None => of(found, format.extension()),
        },
    }
}

fn contains(head: &[u8], wanted: &[u8]) -> bool {
    head.windows(wanted.len()).any(|window| window == wanted)
}

/// Detects the kind of text; otherwise the data is binary.
fn text(head: &[u8]) -> Sniffed {
    let of = |mime: &str, extension: &str| Sniffed { mime: mime.to_owned(), extension: extension.to_owned() };
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return of("image/bmp", "bmp");
    }
    if head.starts_with(b"\n%PDF-") || head.starts_with(b"\xef\xbb\xbf%PDF-") {
        return of("application/pdf", "pdf");
    }
    let Some(charset) = charset(head) else { return of("application/octet-stream", "") };
    let with_charset = |mime: &str, extension: &str| of(&format!("{mime}; charset={charset}"), extension);
    let whole = String::from_utf8_lossy(head);
    let trimmed = whole.trim_start_matches('\u{feff}').trim_start();
    let root = root_element(trimmed);
    // Drawing programs put their name in a comment before everything else.
    let is_drawing = trimmed.starts_with("<!--") && root == Some("svg");
    if is_html(trimmed) && !is_drawing {
        return with_charset("text/html", "html");
    }
    if let Some(root) = root {
        match root {
            "svg" => return of("image/svg+xml", "svg"),
            "rss" => return of("application/rss+xml", "rss"),
            "feed" => return of("application/atom+xml", "atom"),
            "gpx" => return of("application/gpx+xml", "gpx"),
            "kml" => return of("application/vnd.google-earth.kml+xml", "kml"),
            _ if trimmed.starts_with("<?xml") => return with_charset("text/xml", "xml"),
            _ => {}
        }
    }
    if let Some((mime, extension)) = json(trimmed).or_else(|| script(trimmed)).or_else(|| table(trimmed, head)) {
        return of(mime, extension);
    }
    with_charset("text/plain", "txt")
}

/// Returns `None` for data that is not text.
fn charset(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xef, 0xbb, 0xbf, ..] => return Some("utf-8"),
        [0xff, 0xfe, ..] => return Some("utf-16le"),
        [0xfe, 0xff, ..] => return Some("utf-16be"),
        _ => {}
    }
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if head.iter().any(is_control) {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(_) => Some("utf-8"),
        // The head ends inside a character.
        Err(error) if error.error_len().is_none() => Some("utf-8"),
        Err(_) => Some("iso-8859-1"),
    }
}

fn is_html(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('<') else { return false };
    if rest.starts_with("!--") {
        return true;
    }
    HTML_TAGS.iter().any(|tag| {
        let begins = rest.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag));
        begins && rest[tag.len()..].starts_with([' ', '>'])
    })
}

/// Returns the name of the root element, after declarations and comments.
fn root_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let end = match rest.as_bytes().first()? {
            b'?' => "?>",
            b'!' if rest.starts_with("!--") => "-->",
            b'!' => ">",
            _ => return rest.split(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/').next(),
        };
        rest = &rest[rest.find(end)? + end.len()..];
    }
}

fn json(text: &str) -> Option<(&'static str, &'static str)> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    // The head may end inside a value.
    match values.next()? {
        Err(error) if !error.is_eof() => return None,
        Err(_) => return Some(("application/json", "json")),
        Ok(_) => {}
    }
    match values.next() {
        None if text.contains("\"FeatureCollection\"") => Some(("application/geo+json", "geojson")),
        None => Some(("application/json", "json")),
        Some(Err(error)) if !error.is_eof() => None,
        Some(_) => Some(("application/x-ndjson", "ndjson")),
    }
}

fn script(text: &str) -> Option<(&'static str, &'static str)> {
    if text.starts_with("<?php") {
        return Some(("text/x-php", "php"));
    }
    let line = text.strip_prefix("#!")?.lines().next()?;
    let is = |name: &str| line.contains(name);
    Some(match () {
        () if is("python") => ("text/x-python", "py"),
        () if is("perl") => ("text/x-perl", "pl"),
        () if is("lua") => ("text/x-lua", "lua"),
        () if is("tclsh") || is("wish") => ("text/x-tcl", "tcl"),
        () if is("node") => ("text/javascript", "js"),
        () if is("sh") => ("text/x-shellscript", "sh"),
        () => return None,
    })
}

/// Detects values separated by commas or tabs: at least two lines with the same number of columns, at least two each.
fn table(text: &str, head: &[u8]) -> Option<(&'static str, &'static str)> {
    let whole_lines = if head.len() < HEAD_BYTES { text } else { &text[..text.rfind('\n')?] };
    let has_columns = |separator: char| {
        let mut counts = whole_lines.lines().filter(|line| !line.is_empty()).map(|line| columns(line, separator));
        let Some(first) = counts.next().filter(|count| *count > 1) else { return false };
        let mut lines = 1;
        let is_even = counts.all(|count| {
            lines += 1;
            count == first
        });
        is_even && lines > 1
    };
    if has_columns(',') {
        return Some(("text/csv", "csv"));
    }
    has_columns('\t').then_some(("text/tab-separated-values", "tsv"))
}

fn columns(line: &str, separator: char) -> usize {
    let mut is_quoted = false;
    let separators = line.chars().filter(|letter| {
        is_quoted ^= *letter == '"';
        *letter == separator && !is_quoted
    });
    separators.count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_type() {
        let check = |content: &[u8], mime: &str, extension: &str| {
            let found = sniff_head(content);
            assert_eq!(
                (found.mime.as_str(), found.extension.as_str()),
                (mime, extension),
                "{}",
                content.escape_ascii()
            );
        };
        check(b"", "text/plain", "txt");
        check(b"hello", "text/plain; charset=utf-8", "txt");
        check("h\u{e9}llo".as_bytes(), "text/plain; charset=utf-8", "txt");
        check(b"h\xe9llo", "text/plain; charset=iso-8859-1", "txt");
        check(b"\xff\xfeh\0i\0", "text/plain; charset=utf-16le", "txt");
        check(b"abc\0def", "application/octet-stream", "");
        check(b"<!DOCTYPE html><html>", "text/html; charset=utf-8", "html");
        check(b"  <h1>hi</h1>", "text/html; charset=utf-8", "html");
        check(b"<p", "text/plain; charset=utf-8", "txt");
        check(b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/svg+xml", "svg");
        check(b"<?xml version='1.0'?>\n<!-- x --><svg></svg>", "image/svg+xml", "svg");
        check(b"<!-- made by a program --><svg></svg>", "image/svg+xml", "svg");
        check(b"<!-- x --><p>", "text/html; charset=utf-8", "html");
        check(b"<?xml version='1.0'?><a/>", "text/xml; charset=utf-8", "xml");
        check(b"{\"a\": 1}", "application/json", "json");
        check(b"[1, 2", "application/json", "json");
        check(b"{\"a\":1}\n{\"a\":2}\n", "application/x-ndjson", "ndjson");
        check(b"{not json}", "text/plain; charset=utf-8", "txt");
        check(b"5", "text/plain; charset=utf-8", "txt");
        check(b"a,b\n1,\"2,3\"\n", "text/csv", "csv");
        check(b"a,b\n1\n", "text/plain; charset=utf-8", "txt");
        check(b"a\tb\n1\t2\n", "text/tab-separated-values", "tsv");
        check(b"#!/usr/bin/env python\nx", "text/x-python", "py");
        check(b"<?php echo 1;", "text/x-php", "php");
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", "png");
        check(b"GIF89a\x01\0\x01\0", "image/gif", "gif");
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", "jpg");
        check(b"RIFF\x1a\0\0\0WEBPVP8L", "image/webp", "webp");
        check(b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0", "image/bmp", "bmp");
        check(b"%PDF-1.4\n", "application/pdf", "pdf");
        check(b"\n%PDF-1.4\n", "application/pdf", "pdf");
        check(b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01", "audio/ogg", "ogg");
        check(b"\0\0\0\x18ftypisom\0\0\0\0isom", "video/mp4", "mp4");
        check(b"RIFF$\0\0\0WAVEfmt ", "audio/wav", "wav");
        check(b"MZ\0\0", "application/vnd.microsoft.portable-executable", "exe");
    }
}
