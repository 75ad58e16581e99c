//! Encodes request targets as people type them. `curl 'http://…/records?filter=title="a"'` sends quotes unencoded, but
//! a target must not contain `"`, `<` or `>`: hyper answers with a bare 400 before any of our code runs. This reader
//! encodes them on their way to hyper.
//!
//! Only the first line of a request is changed. To find the next one, the bytes of bodies are counted. After a body of
//! unknown length, everything is passed on unchanged.

use memchr::{memchr, memchr3};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A header that determines the body's length must be shorter, in bytes.
const MAX_HEADER_BYTES: usize = 64;

pub(super) struct EncodedTargets<S> {
    stream: S,
    place: Place,
    /// Encoded bytes that did not fit in the reader's buffer.
    surplus: Vec<u8>,
}

impl<S> EncodedTargets<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, place: Place::BEGIN, surplus: Vec::new() }
    }

    fn hand_over(&mut self, bytes: &[u8], buffer: &mut ReadBuf<'_>) {
        let (now, later) = bytes.split_at(bytes.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.surplus = later.to_vec();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for EncodedTargets<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.surplus.is_empty() {
            let surplus = std::mem::take(&mut this.surplus);
            this.hand_over(&surplus, buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        if let Some(encoded) = this.place.pass(&buffer.filled()[before..]) {
            buffer.set_filled(before);
            this.hand_over(&encoded, buffer);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EncodedTargets<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// What the next byte belongs to.
enum Place {
    /// The request line, or empty lines before it.
    Target { has_begun: bool },
    /// The headers: the bytes of the current one so far, and the body's length according to earlier ones.
    Headers { begun: Vec<u8>, body: Option<u64> },
    /// This many remaining bytes of a body.
    Body(u64),
    /// Everything is passed on unchanged.
    Beyond,
}

impl Place {
    const BEGIN: Self = Self::Target { has_begun: false };

    /// Returns the bytes to read instead of `bytes`, or `None` if they are unchanged.
    fn pass(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut encoded: Option<Vec<u8>> = None;
        let mut at = 0;
        while at < bytes.len() {
            let is_target = matches!(self, Self::Target { .. });
            let part = &bytes[at..at + self.advance(&bytes[at..])];
            if is_target && memchr3(b'"', b'<', b'>', part).is_some() {
                let encoded = encoded.get_or_insert_with(|| bytes[..at].to_vec());
                for byte in part {
                    encoded.extend_from_slice(escape(*byte).unwrap_or(std::slice::from_ref(byte)));
                }
            } else if let Some(encoded) = &mut encoded {
                encoded.extend_from_slice(part);
            }
            at += part.len();
        }
        encoded
    }

    /// Processes the bytes up to the end of the current part, and returns their number.
    fn advance(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Target { has_begun } => {
                let (length, is_whole) = first_line(bytes);
                *has_begun |= !bytes[..length].trim_ascii().is_empty();
                if *has_begun && is_whole {
                    *self = Self::Headers { begun: Vec::new(), body: Some(0) };
                }
                length
            }
            Self::Headers { begun, body } => {
                let (length, is_whole) = first_line(bytes);
                let room = MAX_HEADER_BYTES.saturating_sub(begun.len());
                let part = &bytes[..length.min(room)];
                // Most lines arrive whole and are read without copying.
                if !is_whole || !begun.is_empty() {
                    begun.extend_from_slice(part);
                }
                if is_whole {
                    let line = if begun.is_empty() { part } else { begun.as_slice() };
                    match (line.trim_ascii(), *body) {
                        (b"", None) => *self = Self::Beyond,
                        (b"", Some(0)) => *self = Self::BEGIN,
                        (b"", Some(length)) => *self = Self::Body(length),
                        (_, before) => {
                            *body = body_after(line, before);
                            begun.clear();
                        }
                    }
                }
                length
            }
            Self::Body(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= length as u64;
                if *left == 0 {
                    *self = Self::BEGIN;
                }
                length
            }
            Self::Beyond => bytes.len(),
        }
    }
}

/// The length of the first line, and whether its end has arrived.
fn first_line(bytes: &[u8]) -> (usize, bool) {
    memchr(b'\n', bytes).map_or((bytes.len(), false), |at| (at + 1, true))
}

fn escape(byte: u8) -> Option<&'static [u8]> {
    match byte {
        b'"' => Some(b"%22"),
        b'<' => Some(b"%3C"),
        b'>' => Some(b"%3E"),
        _ => None,
    }
}

/// The body's length after this header as well. `None` if it is unknown.
fn body_after(header: &[u8], before: Option<u64>) -> Option<u64> {
    let colon = memchr(b':', header).unwrap_or(header.len());
    let (name, value) = header.split_at(colon);
    if name.eq_ignore_ascii_case(b"content-length") && header.len() < MAX_HEADER_BYTES {
        let length = std::str::from_utf8(value).ok()?.trim_start_matches(':').trim().parse().ok();
        return before.and(length);
    }
    let is_beyond_count = ["content-length", "transfer-encoding", "upgrade"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    if is_beyond_count { None } else { before }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// The result must not depend on how the bytes are cut into pieces.
    fn check(sent: &str, expected: &str) {
        for size in 1..=sent.len() {
            let mut place = Place::BEGIN;
            let mut read = Vec::new();
            for piece in sent.as_bytes().chunks(size) {
                read.extend_from_slice(place.pass(piece).as_deref().unwrap_or(piece));
            }
            assert_eq!(String::from_utf8(read).unwrap(), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn quotes_in_a_target_are_encoded_and_nothing_else_is() {
        check("GET /x?f=a=\"b\" HTTP/1.1\r\nX: \"y\"\r\n\r\n", "GET /x?f=a=%22b%22 HTTP/1.1\r\nX: \"y\"\r\n\r\n");
        check("GET /x?f=n>1&&n<5 HTTP/1.1\n\n", "GET /x?f=n%3E1&&n%3C5 HTTP/1.1\n\n");
        check(
            "GET /x HTTP/1.1\r\n\r\n\r\nGET /<y> HTTP/1.1\r\n\r\n",
            "GET /x HTTP/1.1\r\n\r\n\r\nGET /%3Cy%3E HTTP/1.1\r\n\r\n",
        );
    }

    #[test]
    fn bodies_stay_as_they_are() {
        let body = "GET \"<>\"\n";
        let post = |headers: &str, body: &str| format!("POST /x HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}");
        let (next, encoded) = ("GET /?\"a\" HTTP/1.1\r\n\r\n", "GET /?%22a%22 HTTP/1.1\r\n\r\n");
        let counted = post("content-LENGTH:  9 ", body);
        check(&format!("{counted}{next}"), &format!("{counted}{encoded}"));
        let empty = post("Content-Length: 0", "");
        check(&format!("{empty}{next}"), &format!("{empty}{encoded}"));
        for headers in
            ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 9", "Content-Length: x"]
        {
            let unknown = format!("{}{next}", post(headers, body));
            check(&unknown, &unknown);
        }
        // Truncated, this header would have another value.
        let wide = format!("{}{next}", post(&format!("Content-Length:{}11", " ".repeat(48)), "GET \"<>\"\n\n\n"));
        check(&wide, &wide);
        let long = post(&format!("X: {}\r\nContent-Length: 9", "y".repeat(200)), body);
        check(&format!("{long}{next}"), &format!("{long}{encoded}"));
    }

    #[test]
    fn what_does_not_fit_the_readers_buffer_comes_with_the_next() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (near, mut far) = tokio::io::duplex(64);
            far.write_all(b"GET /?\"\"\"\" HTTP/1.1\r\n\r\n").await.unwrap();
            drop(far);
            let mut stream = EncodedTargets::new(near);
            let mut read = Vec::new();
            let mut piece = [0; 7];
            loop {
                match stream.read(&mut piece).await.unwrap() {
                    0 => break,
                    count => read.extend_from_slice(&piece[..count]),
                }
            }
            assert_eq!(read, b"GET /?%22%22%22%22 HTTP/1.1\r\n\r\n");
        });
    }
}
