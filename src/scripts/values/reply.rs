//! What a route answers.

use super::json;
use crate::scripts::error::{Outcome, problem};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rhai::{Dynamic, FnPtr, Map};
use std::fmt::Write as _;

pub const JSON: &str = "application/json";
pub const TEXT: &str = "text/plain; charset=utf-8";
pub const HTML: &str = "text/html; charset=utf-8";
/// How large an answer may be, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a value of a cookie is written with.
const COOKIE_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Headers that say how the answer is transferred. The server sets them.
const TRANSFER: [&str; 7] =
    ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case. Without control characters.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Writes the body in parts, in place of `body`.
    pub stream: Option<Stream>,
}

/// The function of a streamed answer.
#[derive(Clone, Debug)]
pub struct Stream(pub FnPtr);

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        self.0.fn_name() == other.0.fn_name()
    }
}

impl Eq for Stream {}

impl Reply {
    pub fn new(status: i64, content_type: &str, body: impl Into<Bytes>) -> Outcome<Self> {
        let status = u16::try_from(status).ok().filter(|status| (200..=599).contains(status));
        let status = status.ok_or_else(|| problem("the status of an answer must be a number from 200 to 599"))?;
        let body = body.into();
        if body.len() > MAX_BYTES {
            return Err(problem(format!("the answer is larger than {} MiB", MAX_BYTES / 1024 / 1024)));
        }
        let mut reply = Self { status, headers: Vec::new(), body, stream: None };
        if !content_type.is_empty() {
            reply.set_header("content-type", content_type)?;
        }
        Ok(reply)
    }

    pub fn streamed(content_type: &str, work: FnPtr) -> Outcome<Self> {
        Ok(Self { stream: Some(Stream(work)), ..Self::new(200, content_type, Bytes::new())? })
    }

    pub fn json(status: i64, value: &Dynamic) -> Outcome<Self> {
        Self::new(status, JSON, json::to_public_text(value)?)
    }

    /// What a route returns: an answer, nothing, a text, or a value that is sent as JSON.
    pub fn of(value: &Dynamic) -> Outcome<Self> {
        if let Some(reply) = value.read_lock::<Self>() {
            return Ok(reply.clone());
        }
        if value.is_unit() {
            return Self::new(204, "", Bytes::new());
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            return Self::new(200, TEXT, text.to_string());
        }
        Self::json(200, value)
    }

    /// Sets a header. Another `Set-Cookie` is added.
    pub fn set_header(&mut self, name: &str, value: &str) -> Outcome<()> {
        let name = name.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(problem(format!("{name:?} is not a valid header name")));
        }
        if TRANSFER.contains(&name.as_str()) {
            return Err(problem(format!("the header {name} is set by the server")));
        }
        if value.chars().any(|letter| letter.is_control() && letter != '\t') {
            return Err(problem(format!(
                "the value of the header {name} holds a line break or another control character"
            )));
        }
        if name != "set-cookie" {
            self.headers.retain(|(known, _)| *known != name);
        }
        self.headers.push((name, value.to_owned()));
        Ok(())
    }

    /// Sets a cookie. `()` as its value deletes it.
    pub fn set_cookie(&mut self, name: &str, value: &Dynamic, options: &Map) -> Outcome<()> {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(problem(format!("{name:?} is not a valid cookie name")));
        }
        let text = if value.is_unit() { String::new() } else { json::shown(value) };
        let mut cookie = format!("{name}={}", utf8_percent_encode(&text, COOKIE_VALUE));
        let (mut path, mut same_site) = ("/".to_owned(), "Lax");
        let (mut is_http_only, mut is_secure) = (true, name.starts_with("__Secure-") || name.starts_with("__Host-"));
        for (option, value) in options {
            let flag = || value.as_bool().map_err(|_| problem(format!("{option} must be true or false")));
            let text = || attribute(option, value);
            match option.as_str() {
                "path" => path = text()?,
                "domain" => {
                    let _ = write!(cookie, "; Domain={}", text()?);
                }
                "max_age" => {
                    let seconds = json::to_json(value)?.as_i64();
                    let seconds = seconds.ok_or_else(|| problem("max_age must be a whole number of seconds"))?;
                    let _ = write!(cookie, "; Max-Age={seconds}");
                }
                "http_only" => is_http_only = flag()?,
                "secure" => is_secure |= flag()?,
                "same_site" => {
                    same_site = match text()?.to_ascii_lowercase().as_str() {
                        "lax" => "Lax",
                        "strict" => "Strict",
                        "none" => "None",
                        _ => return Err(problem("same_site must be \"lax\", \"strict\" or \"none\"")),
                    }
                }
                _ => {
                    let known = "path, domain, max_age, http_only, secure and same_site";
                    return Err(problem(format!("unknown option {option:?} of cookie; options are {known}")));
                }
            }
        }
        if value.is_unit() {
            cookie.push_str("; Max-Age=0");
        }
        let _ = write!(cookie, "; Path={path}; SameSite={same_site}");
        if is_http_only {
            cookie.push_str("; HttpOnly");
        }
        // Browsers refuse the cookie otherwise.
        if is_secure || same_site == "None" {
            cookie.push_str("; Secure");
        }
        self.set_header("set-cookie", &cookie)
    }
}

/// The value of an attribute of a cookie, which cannot begin another one.
fn attribute(option: &str, value: &Dynamic) -> Outcome<String> {
    let text = value.as_immutable_string_ref().map_err(|_| problem(format!("{option} must be a text")))?;
    if text.contains([';', ',']) || text.chars().any(char::is_control) {
        return Err(problem(format!("{option} holds a character that cookies cannot have")));
    }
    Ok(text.to_string())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Reply {
        Reply::new(200, TEXT, "x").unwrap()
    }

    #[test]
    fn headers_cannot_begin_another_one() {
        let mut reply = plain();
        for (name, value) in
            [("x", "a\r\nset-cookie: b=c"), ("x", "a\nb"), ("x\r\ny", "a"), ("x y", "a"), ("", "a"), ("x", "\0")]
        {
            assert!(reply.set_header(name, value).is_err(), "{name:?}: {value:?}");
        }
        assert!(reply.set_header("Content-Length", "5").is_err());
        assert_eq!(reply, plain());
        reply.set_header("X-A", "1").unwrap();
        reply.set_header("x-a", "2").unwrap();
        assert_eq!(reply.headers[1..], [("x-a".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn cookies_are_safe_unless_told_otherwise() {
        let cookie = |name: &str, value: Dynamic, options: &[(&str, Dynamic)]| {
            let options = options.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
            let mut reply = plain();
            reply.set_cookie(name, &value, &options).map(|()| reply.headers.last().unwrap().1.clone())
        };
        let check = |made: Outcome<String>, expected: &str| assert_eq!(made.unwrap(), expected);
        check(cookie("a", "1; b".into(), &[]), "a=1%3B%20b; Path=/; SameSite=Lax; HttpOnly");
        check(cookie("a", Dynamic::UNIT, &[]), "a=; Max-Age=0; Path=/; SameSite=Lax; HttpOnly");
        check(
            cookie("a", "é".into(), &[("same_site", "none".into()), ("http_only", false.into())]),
            "a=%C3%A9; Path=/; SameSite=None; Secure",
        );
        assert!(cookie("a b", "1".into(), &[]).is_err());
        assert!(cookie("a", "1".into(), &[("path", "/; Domain=x".into())]).is_err());
        assert!(cookie("a", "1".into(), &[("colour", "x".into())]).is_err());
    }
}
