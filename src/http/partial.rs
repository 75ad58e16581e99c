//! Conditional and range requests (RFC 9110, 13 and 14): whether a file is sent, and which of its bytes.

use super::ApiError;
use crate::app::blobs::Content;
use crate::base::clock::Timestamp;
use crate::base::ids;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::fmt::Write as _;
use std::ops::Range;

/// Each range is read separately. A request for more of them is answered with the whole file.
const MAX_RANGES: usize = 16;

/// What identifies a version of a file.
pub(super) struct Version {
    pub tag: Option<HeaderValue>,
    pub modified: Timestamp,
}

impl Version {
    pub fn last_modified(&self) -> HeaderValue {
        text_value(&self.modified.http_date())
    }

    /// Whether the client already has this version. Fails if it requires another one.
    pub fn is_known(&self, asked: &HeaderMap) -> Result<bool, ApiError> {
        let since = |name| text_of(asked, name).and_then(Timestamp::from_http_date).map(Timestamp::seconds);
        let modified = self.modified.seconds();
        let is_wanted = match text_of(asked, header::IF_MATCH) {
            Some(tags) => self.is_among(tags, false),
            None => since(header::IF_UNMODIFIED_SINCE).is_none_or(|since| modified <= since),
        };
        if !is_wanted {
            return Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "The file is not the expected version."));
        }
        Ok(match text_of(asked, header::IF_NONE_MATCH) {
            Some(tags) => self.is_among(tags, true),
            None => since(header::IF_MODIFIED_SINCE).is_some_and(|since| modified <= since),
        })
    }

    fn is_among(&self, tags: &str, takes_weak: bool) -> bool {
        let own = self.tag.as_ref().and_then(|tag| tag.to_str().ok());
        tags.split(',').map(str::trim).any(|tag| {
            let tag = if takes_weak { tag.trim_start_matches("W/") } else { tag };
            tag == "*" || Some(tag) == own
        })
    }

    /// Returns the requested ranges of a file of `length` bytes: an empty list for the whole file, `None` if no range
    /// can be satisfied. A range of another version is answered with the whole of this one.
    pub fn ranges(&self, asked: &HeaderMap, length: u64) -> Option<Vec<Range<u64>>> {
        let is_meant = asked
            .get(header::IF_RANGE)
            .is_none_or(|version| *version == self.last_modified() || self.tag.as_ref() == Some(version));
        match text_of(asked, header::RANGE).filter(|_| is_meant) {
            Some(text) => parse(text, length),
            None => Some(Vec::new()),
        }
    }
}

/// Returns the text of a header. An empty header counts as absent.
fn text_of(asked: &HeaderMap, name: HeaderName) -> Option<&str> {
    asked.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}

/// Parses the ranges. If the syntax is invalid, all are refused; ranges outside the file are dropped if at least one is
/// inside.
fn parse(text: &str, length: u64) -> Option<Vec<Range<u64>>> {
    if length == 0 {
        return Some(Vec::new());
    }
    let mut ranges = Vec::new();
    let mut is_any_outside = false;
    let specs = text.strip_prefix("bytes=")?.split(',').map(str::trim).filter(|spec| !spec.is_empty());
    for spec in specs {
        let (first, last) = spec.split_once('-')?;
        let (first, last) = (first.trim(), last.trim());
        let range = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(start), Ok(last)) if start <= last => start..last.saturating_add(1).min(length),
            (Ok(start), Err(_)) if last.is_empty() => start..length,
            (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
            _ => return None,
        };
        if range.is_empty() { is_any_outside = true } else { ranges.push(range) }
    }
    if ranges.is_empty() && is_any_outside {
        return None;
    }
    // Sending the file once is cheaper than sending much of it twice.
    let is_too_much =
        ranges.len() > MAX_RANGES || ranges.iter().map(|range| range.end - range.start).sum::<u64>() > length;
    Some(if is_too_much { Vec::new() } else { ranges })
}

/// Formats `bytes 0-4/20`.
pub(super) fn content_range(range: &Range<u64>, length: u64) -> HeaderValue {
    text_value(&format!("bytes {}-{}/{length}", range.start, range.end - 1))
}

pub(super) fn unsatisfiable(length: u64) -> Response {
    let message = "The requested range is malformed or outside of the file.";
    let mut response = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, message).into_response();
    response.headers_mut().insert(header::CONTENT_RANGE, text_value(&format!("bytes */{length}")));
    response
}

/// Several ranges in one body: the text before each of them, and after the last.
pub(super) struct Parts {
    pub content_type: HeaderValue,
    pub heads: Vec<String>,
    pub end: String,
}

impl Parts {
    pub fn new(ranges: &[Range<u64>], length: u64, content_type: &HeaderValue) -> Self {
        let boundary = ids::random(60, ids::ALPHANUMERIC);
        let content_type = content_type.to_str().unwrap_or_default();
        let mut line_end = "";
        let heads = ranges.iter().map(|range| {
            let (first, last) = (range.start, range.end - 1);
            let mut head = format!("{line_end}--{boundary}\r\nContent-Range: bytes {first}-{last}/{length}\r\n");
            let _ = write!(head, "Content-Type: {content_type}\r\n\r\n");
            line_end = "\r\n";
            head
        });
        Self {
            heads: heads.collect(),
            content_type: text_value(&format!("multipart/byteranges; boundary={boundary}")),
            end: format!("\r\n--{boundary}--\r\n"),
        }
    }

    /// Returns the length of the whole body, including the bytes of the ranges.
    pub fn length(&self, ranges: &[Range<u64>]) -> u64 {
        let texts = self.heads.iter().chain([&self.end]).map(|text| text.len() as u64).sum::<u64>();
        texts + ranges.iter().map(|range| range.end - range.start).sum::<u64>()
    }
}

/// The body with these bytes.
pub(super) fn body_of(content: Content) -> Body {
    match content {
        Content::Whole(bytes) => Body::from(bytes),
        Content::Stream(stream) => Body::from_stream(stream),
    }
}

/// Converts a text to a header value; empty if it is not valid as one.
pub(super) fn text_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_within_the_file_and_not_more_than_it() {
        let check = |text: &str, expected: &[(u64, u64)]| {
            let found = parse(text, 100).map(|ranges| ranges.iter().map(|range| (range.start, range.end)).collect());
            assert_eq!(found, Some(expected.to_vec()), "{text}");
        };
        check("bytes=0-9", &[(0, 10)]);
        check("bytes=90-", &[(90, 100)]);
        check("bytes=90-500", &[(90, 100)]);
        check("bytes=-10", &[(90, 100)]);
        check("bytes=-500", &[(0, 100)]);
        check("bytes=0-1,3-4", &[(0, 2), (3, 5)]);
        check("bytes= 5 - 6 ,, 0-0,", &[(5, 7), (0, 1)]);
        check("bytes=0-1,100-", &[(0, 2)]);
        check("bytes=", &[]);
        check("bytes=0-99,0-0", &[]);
        check(&format!("bytes={}", ["0-0"; MAX_RANGES + 1].join(",")), &[]);
        for none in ["bytes=100-", "bytes=100-,200-300", "bytes=-0", "bytes=9-0", "bytes=a-b", "bytes=-", "lines=0-9"] {
            assert_eq!(parse(none, 100), None, "{none}");
        }
        assert_eq!(parse("bytes=0-1", 0), Some(Vec::new()), "an empty file is sent whole");
    }

    #[test]
    fn conditions_are_about_this_version() {
        // Half a second more than a header can express.
        let modified = Timestamp::from_millis(784_111_777_500);
        let version = Version { tag: Some(HeaderValue::from_static("\"a\"")), modified };
        let (before, same) = ("Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
        let check = |headers: &[(HeaderName, &'static str)], expected: Option<bool>| {
            let asked = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
            assert_eq!(version.is_known(&asked).ok(), expected, "{headers:?}");
        };
        check(&[], Some(false));
        check(&[(header::IF_MATCH, "\"a\"")], Some(false));
        check(&[(header::IF_MATCH, "\"b\", *")], Some(false));
        check(&[(header::IF_MATCH, "\"b\"")], None);
        check(&[(header::IF_MATCH, "W/\"a\"")], None);
        check(&[(header::IF_UNMODIFIED_SINCE, before)], None);
        check(&[(header::IF_UNMODIFIED_SINCE, same)], Some(false));
        check(&[(header::IF_UNMODIFIED_SINCE, "nonsense")], Some(false));
        check(&[(header::IF_MATCH, "\"a\""), (header::IF_UNMODIFIED_SINCE, before)], Some(false));
        check(&[(header::IF_UNMODIFIED_SINCE, before), (header::IF_NONE_MATCH, "*")], None);
        check(&[(header::IF_NONE_MATCH, "W/\"a\"")], Some(true));
        check(&[(header::IF_NONE_MATCH, "\"b\""), (header::IF_MODIFIED_SINCE, same)], Some(false));
        check(&[(header::IF_MODIFIED_SINCE, same)], Some(true));
        check(&[(header::IF_MODIFIED_SINCE, before)], Some(false));
    }
}
